"""The query language: one parser for the site, the feeds and the letters.

    neural crest            both words, in any form (cell finds cells); AND may be written between them
    "neural crest cells"    these words, in this order
    mouse OR rat            either; OR binds tighter than the space: `nerve mouse OR rat` is nerve and (mouse or rat)
    -review  -"case report"  NOT review     without
    (nerve repair) OR vesicle               brackets, also after - and NOT
    organo*                 words that begin so
    title:nerve  title:"nerve repair"       only in the title
    author:cho  author:(cho OR gale)        in the names of the authors
    kind:news country:KR    filters; the same filter twice means either, except for things that are named in a text
    country:korea           a value may be written in words
    disease:"Parkinson disease"  cell:CL:0000134  institution:ROR:025h1m602     both must be named
    -source:some_feed       without this source
    since:2026-10-01 until:2026-10 month:2026-09
    tonight                 what came in in the latest night (night:2026-11-29: in another one)

`parse_query` cuts the text into words, phrases, filters and brackets, and decides, in order: control characters are
spaces; a quotation that is never closed runs to the end; `name:value` is a filter if the table of facets has one of
that name (`core.facets`), an error if it nearly has, and otherwise plain words; a value that the table does not allow
is an error that names those there are (`values.py`); words without a letter or digit are dropped, and so are brackets
without a partner, and AND and OR at an end. AND, OR and NOT are operators in capitals only. A bracket inside a word is
part of it. More than MAX_TERMS words are a pasted text (`Query.long`): there, all but phrases and filters are plain
words. It raises QueryError (one line) if the search could find something else than was meant.

`publish.search.clauses` has the classes, and writes a query the way it was understood; parsing that again gives the
same query. `publish.search.fts` makes the SQL.
"""

from __future__ import annotations

import dataclasses
import difflib
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from core.errors import UsageError
from core.facets import facets
from publish.search.clauses import FIELDS, Filter, Group, Query, Term, describe, to_params, to_text
from publish.search.values import refuse, understand

__all__ = [
    "Filter", "Group", "Query", "QueryError", "Term", "describe", "parse_params", "parse_query", "to_params", "to_text",
]  # fmt: skip

MAX_CHARS = 6000  # a long abstract
MAX_TERMS = 40  # more are a pasted text
MOST_PARTS = 400  # of any query
DEEPEST = 10  # brackets in brackets

_TOKEN = re.compile(
    r"""(?P<minus>-?)
        (?: (?P<open>\()
          | (?P<name>[A-Za-z_]+) : (?: "(?P<quoted_value>[^"]*)(?:"|$) | (?P<value>[^\s"]+) )
          | "(?P<phrase>[^"]*)(?:"|$)
          | (?P<word>[^\s"]+) )""",
    re.VERBOSE,
)
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_OPERATORS = ("AND", "OR", "NOT")
_PLAIN = re.compile(r"[^\s\"():;,!?]+")
_SIGNS = re.compile(
    "[\u3400-\u9fff]{2,4}|[\u30a1-\u30fa\u30fc]{2,}|[\uac00-\ud7a3]+|[^\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]+"
)


class QueryError(UsageError):
    """A search that cannot be parsed; the message is one line for the person who wrote it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """A piece of a search: an operator, a bracket, or something to find (a date is a Term too)."""

    kind: str  # AND, OR, NOT, (, ), term, end
    minus: bool = False
    field: str = ""  # of an opening bracket: title:( … )
    term: Term | None = None


@dataclass(slots=True, kw_only=True)
class _Reading:
    """What was parsed so far between two brackets."""

    field: str = ""
    minus: bool = False
    clauses: list[list[tuple[bool, Term | Group]]] = dataclasses.field(default_factory=list)  # (without, part)
    joining: bool = False
    negated: bool = False

    def add(self, minus: bool, part: Term | Group) -> None:
        without = minus ^ self.negated
        if self.joining and self.clauses:
            self.clauses[-1].append((without, part))
        else:
            self.clauses.append([(without, part)])
        self.joining = self.negated = False


def parse_query(text: str) -> Query:
    """Parse a search. Raises QueryError."""
    return parse_params([("q", text)])


def parse_params(params: Iterable[tuple[str, str]]) -> Query:
    """The same from the parameters of an address: `q` is a query, other known names are filters, empty ones ignored."""
    parts: list[_Part] = []
    written = long = False
    for name, value in params:
        if name == "q":
            value = _tidy(value)
            written = written or bool(value)
            plain = list(_plain_parts(value))
            if len({part.term for part in plain if part.term and not part.term.filtered}) > MAX_TERMS:
                long = not _is_boolean(value)
            parts += plain if long else _paired(list(_cut(value)))
            parts.append(_Part(kind="end"))
        elif facets().find_filter(name) and (value := _tidy(value).replace('"', " ").strip()):
            parts.append(_Part(kind="term", term=_filter(name, value)))
    query = replace(_assemble(parts), long=long)
    return replace(query, wordless=True) if written and query.empty else query


def _is_boolean(text: str) -> bool:
    """Whether many words are meant one by one: a good part of them are alternatives."""
    try:
        query = _assemble(_paired(list(_cut(text))))
    except QueryError:
        return False
    alternatives = sum(len(clause) for clause in query.clauses if len(clause) > 1)
    return alternatives * 5 >= len(query.clauses) + len(query.excluded)


def _tidy(text: str) -> str:
    if len(text) > MAX_CHARS:
        raise QueryError(f"a search may have {MAX_CHARS:,} characters, this one has {len(text):,}")
    plain = unicodedata.normalize("NFC", _CONTROL.sub(" ", text)).translate({0x201C: '"', 0x201D: '"', 0x201E: '"'})
    return plain.strip()


# --- pieces -----------------------------------------------------------------------------------------------------------


def _cut(text: str) -> Iterator[_Part]:
    """The pieces of a search, in order. Raises QueryError for a filter that cannot be."""
    at = 0
    while match := _TOKEN.search(text, at):
        at, minus = match.end(), bool(match["minus"])
        if match["open"]:
            yield _Part(kind="(", minus=minus)
        elif match["word"]:
            if match["word"] in _OPERATORS and not minus:
                yield _Part(kind=match["word"])
                continue
            lead = len(match["word"]) - len(match["word"].lstrip(")"))
            yield from [_Part(kind=")")] * lead
            word, closing = _closed(match["word"][lead:])
            yield from _terms(_word(word), minus and not lead)
            yield from [_Part(kind=")")] * closing
        elif match["phrase"] is not None:
            yield from _terms(_phrase(match["phrase"]), minus)
        elif match["quoted_value"] is not None:
            yield from _terms(_named(match["name"], match["quoted_value"], quoted=True), minus)
        elif match["value"].startswith("(") and _is_field(match["name"]):
            yield _Part(kind="(", minus=minus, field=match["name"].lower())
            at = match.start("value") + 1
        else:
            value, closing = _closed(match["value"])
            yield from _terms(_named(match["name"], value), minus)
            yield from [_Part(kind=")")] * closing


def _terms(term: Term | None, minus: bool) -> Iterator[_Part]:
    if term:
        yield _Part(kind="term", minus=minus, term=term)


def _closed(word: str) -> tuple[str, int]:
    """A word without the brackets at its end that close none of its own, and how many they are."""
    spare = max(0, word.count(")") - word.count("("))
    bare = word.rstrip(")")
    closing = min(spare, len(word) - len(bare))
    return word[: len(word) - closing], closing


def _plain_parts(text: str) -> Iterator[_Part]:
    """The pieces of a pasted text: phrases, filters, and for the rest words without operators and signs."""
    for match in _TOKEN.finditer(text):
        if match["phrase"] is not None:
            yield from _terms(_phrase(match["phrase"]), False)
            continue
        if match["name"]:
            try:
                named = _named(match["name"], match["quoted_value"] or match["value"] or "", quoted=True)
            except QueryError:
                named = None
            if named and named.field:
                yield from _terms(named, bool(match["minus"]) and named.filtered)
                continue
        for word in _PLAIN.findall(match[0]):
            pieces = (piece.strip("*.'…-–—") for piece in _SIGNS.findall(word))
            for piece in pieces:
                if piece not in _OPERATORS and _has_letters(piece):
                    yield _Part(kind="term", term=Term(text=piece))


def _word(word: str) -> Term | None:
    """A word, or None where there is nothing to search for in it. Raises QueryError."""
    if word.startswith("*") and len(word) > 1 and not word.endswith("*") and _has_letters(word):
        raise QueryError(f"a * is for the end of a word ({word.strip('*')}*), not for its beginning")
    prefix = word.endswith("*")
    text = word.strip("*").lstrip("-")
    if not _has_letters(text):
        return None
    if text in _OPERATORS or re.search("[:()]", text) or (text.casefold() == "tonight" and prefix):
        return Term(text=text, phrase=True)  # written without quotes, these would be parsed as something else
    if text.casefold() == "tonight" and facets().find_filter("night"):
        return Term(text="tonight", field="night")
    return Term(text=text, prefix=prefix)


def _phrase(written: str) -> Term | None:
    text = " ".join(written.split())
    return Term(text=text, phrase=True) if _has_letters(text) else None


def _named(name: str, value: str, *, quoted: bool = False) -> Term | None:
    """`name:value`: a filter, words of a field, or only words with a colon (`10:30`, `https://…`, `Re:`)."""
    if name.lower() in FIELDS:
        term = _phrase(value) if quoted and " " in value.strip() else _word(value)
        if term is None or term.filtered:
            term = _phrase(value)
        return replace(term, field=name.lower()) if term else None
    if found := _filter(name, value):
        return found
    text = " ".join(f"{name}:{value}".split())
    return Term(text=text, phrase=(quoted and " " in text) or bool(re.search("[()]", text)) or not value)


def _is_field(name: str) -> bool:
    return name.lower() in FIELDS or facets().find_filter(name.lower()) is not None


def _filter(name: str, value: str) -> Term | None:
    """A filter as a term, or None if there is none of this name. Raises QueryError."""
    table, lower, value = facets(), name.lower(), " ".join(value.split())
    facet = table.find_filter(lower)
    if facet is None or facet.filter is None:
        near = difflib.get_close_matches(lower, (*table.filters, *table.aliases, *FIELDS), n=1, cutoff=0.8)
        if near and not value.startswith("//"):
            raise QueryError(f"there is no filter {name}: (did you mean {near[0]}:?)")
        return None
    if not value:
        raise QueryError(f"{facet.filter}: needs a value")
    cased = value.upper() if facet.case == "upper" else value.lower() if facet.case == "lower" else value
    if facet.values and cased not in facet.values:
        cased = understand(facet, value) or cased
    if (facet.pattern and not re.fullmatch(facet.pattern, cased)) or (facet.closed and cased not in facet.values):
        raise QueryError(refuse(facet, value))
    return Term(text=cased, field=facet.filter)


def _has_letters(text: str) -> bool:
    """As FTS5's tokenizer sees it: letters and numbers make words, marks and signs do not."""
    return any(unicodedata.category(char)[0] in "LN" for char in text)


# --- structure --------------------------------------------------------------------------------------------------------


def _paired(parts: list[_Part]) -> list[_Part]:
    """The pieces without brackets that have no partner. Raises QueryError where too many are in each other."""
    opened: list[int] = []
    lone: set[int] = set()
    for place, part in enumerate(parts):
        if part.kind == "(":
            opened.append(place)
        elif part.kind == ")" and opened:
            opened.pop()
        elif part.kind == ")":
            lone.add(place)
    lone.update(opened)
    kept = [part for place, part in enumerate(parts) if place not in lone]
    depth = 0
    for part in kept:
        depth += (part.kind == "(") - (part.kind == ")")
        if depth > DEEPEST:
            raise QueryError(f"brackets may be {DEEPEST} deep")
    return kept


def _assemble(parts: Iterable[_Part]) -> Query:
    """The query that the pieces mean. Raises QueryError."""
    stack = [_Reading()]
    dates: dict[str, str] = {}
    count = 0
    for part in parts:
        now = stack[-1]
        if part.kind == "OR":
            now.joining = bool(now.clauses)
        elif part.kind == "AND":
            now.joining = False
        elif part.kind == "end":  # of the words; what follows are filters of their own
            now.joining = now.negated = False
        elif part.kind == "NOT":
            now.negated = not now.negated
        elif part.kind == "(":
            stack.append(_Reading(field=part.field or now.field, minus=part.minus))
        elif part.kind == ")":
            stack.pop()
            if (group := _close(now)) is not None:
                stack[-1].add(now.minus, group)
            else:
                stack[-1].negated = False
        elif part.term is not None:
            term = _in_field(part.term, now.field)
            if term.field in ("since", "until"):
                if part.minus or now.negated:
                    raise QueryError(f"{term.field}: cannot be excluded; use {_other(term.field)}:")
                if len(stack) > 1:
                    raise QueryError(f"{term.field}: is for the whole search; write it outside of brackets")
                dates[term.field] = term.text
                continue
            count += 1
            now.add(part.minus, term)
    if count > MOST_PARTS:
        raise QueryError(f"a search may have {MOST_PARTS} words and filters")
    found = _close(stack[0]) or Group()
    return _with_filters(found, dates)


def _in_field(term: Term, name: str) -> Term:
    """A term inside `title:( … )` or `kind:( … )`. Raises QueryError."""
    if not name or term.field:
        return term
    if name in FIELDS:
        return replace(term, field=name)
    return _filter(name, term.text) or term


def _close(reading: _Reading) -> Group | None:
    """What was read between two brackets, in its shortest form; None if it is nothing."""
    clauses: list[tuple[Term | Group, ...]] = []
    excluded: list[Term | Group] = []
    for alternatives in reading.clauses:
        if len(alternatives) == 1:
            ((without, part),) = alternatives
            some, others = _split(without, part)
            clauses += some
            excluded += others
        else:
            clauses.append(
                tuple(dict.fromkeys(one for without, part in alternatives for one in _either(without, part)))
            )
    if not clauses and not excluded:
        return None
    return Group(clauses=tuple(dict.fromkeys(clauses)), excluded=tuple(dict.fromkeys(excluded)))


def _split(without: bool, part: Term | Group) -> tuple[tuple[tuple[Term | Group, ...], ...], tuple[Term | Group, ...]]:
    """A part that stands alone, as (clauses, excluded)."""
    if not isinstance(part, Group):
        return ((), (part,)) if without else (((part,),), ())
    if not without:
        return part.clauses, part.excluded
    if len(part.clauses) == 1 and not part.excluded:  # not (a or b): neither
        return (), part.clauses[0]
    if not part.clauses:  # not (not a)
        return (part.excluded,), ()
    return (), (part,)


def _either(without: bool, part: Term | Group) -> tuple[Term | Group, ...]:
    """A part that is one of several alternatives."""
    clauses, excluded = _split(without, part)
    if len(clauses) == 1 and not excluded:
        return clauses[0]
    return (Group(clauses=clauses, excluded=excluded),)


def _with_filters(found: Group, dates: dict[str, str]) -> Query:
    """The whole search; filters that are no alternatives to something else are kept by themselves."""
    alone = [clause[0].field for clause in found.clauses if len(clause) == 1 and isinstance(clause[0], Term)]
    clauses: list[tuple[Term | Group, ...]] = []
    filters: list[Filter] = []
    for clause in found.clauses:
        terms = [part for part in clause if isinstance(part, Term) and part.filtered]
        names = {term.field for term in terms}
        either = (
            len(names) == 1 and not names & set(alone) and facets().filters[min(names)].kind in ("column", "scheme")
        )
        if len(terms) == len(clause) and (len(clause) == 1 or either):
            filters += [Filter(name=term.field, value=term.text) for term in terms]
            alone += names
        else:
            clauses.append(clause)
    barred = [part for part in found.excluded if isinstance(part, Term) and part.filtered]
    return Query(
        clauses=tuple(clauses),
        excluded=tuple(part for part in found.excluded if part not in barred),
        filters=tuple(dict.fromkeys(filters)),
        barred=tuple(Filter(name=term.field, value=term.text) for term in barred),
        since=dates.get("since"), until=dates.get("until"),
    )  # fmt: skip


def _other(name: str) -> str:
    return "until" if name == "since" else "since"
