"""The query language: one parser for the site, the feeds and the letters.

    neural crest            both words, in any form (cell finds cells)
    "neural crest cells"    these words, in this order
    mouse OR rat            either; OR binds tighter than the space: `nerve mouse OR rat` is nerve and (mouse or rat)
    -review  -"case report" without
    organo*                 words that begin so
    kind:news country:KR    filters; the same filter twice means either, except for things that are named in a text
    disease:"Parkinson disease"  cell:CL:0000134  institution:ROR:025h1m602     both must be named
    -source:some_feed       without this source
    since:2026-10-01 until:2026-10 month:2026-09

`parse_query` decides, in order: control characters are spaces; a quotation that is never closed runs to the end;
`name:value` is a filter if the table of facets has one of that name (`core.facets`), an error if it nearly has, and
otherwise plain words; a value that the table does not allow is an error; words without a letter or digit are dropped;
OR at an end or next to another OR is dropped. It raises QueryError (one line) if the search could find something else
than was meant. `to_text` writes a query the way it was understood; parsing that again gives the same query.
`publish.search.fts` makes the SQL.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from core.errors import UsageError
from core.facets import facets

MAX_CHARS = 2000
MAX_TERMS = 40


_TOKEN = re.compile(
    r"""(?P<minus>-?)
        (?: (?P<name>[A-Za-z_]+) : (?: "(?P<quoted_value>[^"]*)(?:"|$) | (?P<value>[^\s"]+) )
          | "(?P<phrase>[^"]*)(?:"|$)
          | (?P<word>[^\s"]+) )""",
    re.VERBOSE,
)
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


class QueryError(UsageError):
    """A search that cannot be parsed; the message is one line for the person who wrote it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A word, a phrase (`phrase`), or the beginning of a word (`prefix`)."""

    text: str
    phrase: bool = False
    prefix: bool = False

    def __str__(self) -> str:
        return f'"{self.text}"' if self.phrase else f"{self.text}{'*' if self.prefix else ''}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    name: str
    value: str

    def __str__(self) -> str:
        return f"{self.name}:{_shown(self.value)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """All of `clauses` (each: any of its terms), none of `excluded`, with `filters` and without `barred` ones."""

    clauses: tuple[tuple[Term, ...], ...] = ()
    excluded: tuple[Term, ...] = ()
    filters: tuple[Filter, ...] = ()
    barred: tuple[Filter, ...] = ()
    since: str | None = None  # as written: YYYY, YYYY-MM or YYYY-MM-DD
    until: str | None = None

    @property
    def empty(self) -> bool:
        return self == Query()

    def values(self, name: str) -> tuple[str, ...]:
        """The values that a filter asks for."""
        return tuple(f.value for f in self.filters if f.name == name)

    def plus(self, name: str, value: str) -> Query:
        """This query with one filter more."""
        new = Filter(name=name, value=value)
        return self if new in self.filters else replace(self, filters=(*self.filters, new))

    def minus(self, name: str, value: str) -> Query:
        """This query without one of its filters."""
        return replace(self, filters=tuple(f for f in self.filters if f != Filter(name=name, value=value)))


def parse_query(text: str) -> Query:
    """Parse a search. Raises QueryError."""
    if len(text) > MAX_CHARS:
        raise QueryError(f"a search may have {MAX_CHARS:,} characters, this one has {len(text):,}")
    text = unicodedata.normalize("NFC", _CONTROL.sub(" ", text)).translate({0x201C: '"', 0x201D: '"', 0x201E: '"'})
    clauses: list[list[Term]] = []
    excluded: list[Term] = []
    filters: list[Filter] = []
    barred: list[Filter] = []
    dates: dict[str, str] = {}
    joining = False
    for match in _TOKEN.finditer(text):
        minus, name = bool(match["minus"]), match["name"]
        if match["word"] == "OR" and not minus:
            joining = bool(clauses)
            continue
        filtered = name and _filter(name, match["quoted_value"] or match["value"] or "")
        if filtered:
            if filtered.name in ("since", "until"):
                if minus:
                    raise QueryError(f"{filtered.name}: cannot be excluded; use {_other(filtered.name)}:")
                dates[filtered.name] = filtered.value
            elif joining:
                raise QueryError(f"OR joins words and phrases; repeat {filtered.name}: for either of two values")
            elif filtered not in (barred if minus else filters):
                (barred if minus else filters).append(filtered)
            continue
        term = _term(match)
        if term is None:
            continue
        if minus:
            excluded += [term] if term not in excluded else []
        elif joining and clauses:
            clauses[-1] += [term] if term not in clauses[-1] else []
        else:
            clauses.append([term])
        joining = False
    if sum(map(len, clauses)) + len(excluded) + len(filters) + len(barred) > MAX_TERMS:
        raise QueryError(f"a search may have {MAX_TERMS} words and filters")
    kept = dict.fromkeys(tuple(terms) for terms in clauses)
    return Query(
        clauses=tuple(kept), excluded=tuple(excluded), filters=tuple(filters), barred=tuple(barred),
        since=dates.get("since"), until=dates.get("until"),
    )  # fmt: skip


def parse_params(params: Iterable[tuple[str, str]]) -> Query:
    """The same from the parameters of an address: `q` is a query, other known names are filters, empty ones ignored."""
    parts = []
    for name, value in params:
        value = _CONTROL.sub(" ", value).strip()
        if name == "q":
            parts.append(value if value.count('"') % 2 == 0 else value + '"')
        elif value and facets().find_filter(name):
            parts.append(f'{name}:"{value.replace(chr(34), " ")}"')
    return parse_query(" ".join(part for part in parts if part))


def to_text(query: Query) -> str:
    """The query as it was understood, in its own language."""
    parts = [" OR ".join(map(str, terms)) for terms in query.clauses]
    parts += [f"-{term}" for term in query.excluded]
    parts += [str(f) for f in query.filters] + [f"-{f}" for f in query.barred]
    parts += [f"{name}:{value}" for name, value in (("since", query.since), ("until", query.until)) if value]
    return " ".join(parts)


def to_params(query: Query) -> list[tuple[str, str]]:
    """The same query as parameters of an address: words in `q`, filters under their names."""
    q = to_text(replace(query, filters=()))
    return [("q", q)] * bool(q) + [(f.name, f.value) for f in query.filters]


def _filter(name: str, value: str) -> Filter | None:
    """A filter, or None if this is only a word with a colon in it (`10:30`, `https://…`, `Re:`). Raises QueryError."""
    table, lower, value = facets(), name.lower(), " ".join(value.split())
    facet = table.find_filter(lower)
    if facet is None or facet.filter is None:
        near = difflib.get_close_matches(lower, (*table.filters, *table.aliases), n=1, cutoff=0.8)
        if near and not value.startswith("//"):
            raise QueryError(f"there is no filter {name}: (did you mean {near[0]}:?)")
        return None
    if not value:
        raise QueryError(f"{facet.filter}: needs a value")
    value = value.upper() if facet.case == "upper" else value.lower() if facet.case == "lower" else value
    if facet.pattern and not re.fullmatch(facet.pattern, value):
        raise QueryError(f"{facet.filter}: takes {facet.takes}")
    if facet.closed and value not in facet.values:
        *first, last = facet.values
        raise QueryError(f"{facet.filter}: takes {', '.join(first)} or {last}")
    return Filter(name=facet.filter, value=value)


def _other(name: str) -> str:
    return "until" if name == "since" else "since"


def _term(match: re.Match[str]) -> Term | None:
    """A term, or None where there is nothing to search for in it."""
    if match["phrase"] is not None:
        text = " ".join(match["phrase"].split())
        return Term(text=text, phrase=True) if _has_letters(text) else None
    if match["name"]:
        value = match["value"] or f"{match['quoted_value']}"
        text = " ".join(f"{match['name']}:{value}".split())
        return Term(text=text, phrase=" " in text)
    word: str = match["word"]
    prefix = word.endswith("*")
    text = word.strip("*").lstrip("-")
    if not _has_letters(text):
        return None
    if text in ("OR",) or ":" in text:  # written without quotes, these would be parsed as something else
        return Term(text=text, phrase=True)
    return Term(text=text, prefix=prefix)


def _has_letters(text: str) -> bool:
    """As FTS5's tokenizer sees it: letters and numbers make words, marks and signs do not."""
    return any(unicodedata.category(char)[0] in "LN" for char in text)


def _shown(value: str) -> str:
    return f'"{value}"' if re.search(r"\s", value) else value


def describe(query: Query, names: Mapping[tuple[str, str], str] | None = None) -> str:
    """The query in words for headings and feed titles; `names` gives names of concepts by (filter, id)."""
    names = names or {}
    parts = [" or ".join(str(term) for term in terms) for terms in query.clauses]
    parts += [names.get((f.name, f.value), f.value) for f in query.filters]
    parts += [f"not {term}" for term in query.excluded]
    parts += [f"not {names.get((f.name, f.value), f.value)}" for f in query.barred]
    parts += [f"since {query.since}"] * bool(query.since) + [f"until {query.until}"] * bool(query.until)
    return ", ".join(parts) or "everything"
