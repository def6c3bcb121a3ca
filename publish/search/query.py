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

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import replace

from core.facets import facets
from publish.search.clauses import FIELDS, Filter, Group, Query, QueryError, Term, describe, to_params, to_text
from publish.search.structure import Part, assemble, paired
from publish.search.values import read_filter

__all__ = [
    "Filter", "Group", "Query", "QueryError", "Term", "describe", "parse_params", "parse_query", "to_params", "to_text",
]  # fmt: skip

MAX_CHARS = 6000  # a long abstract
MAX_TERMS = 40  # more are a pasted text

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


def parse_query(text: str) -> Query:
    """Parse a search. Raises QueryError."""
    return parse_params([("q", text)])


def parse_params(params: Iterable[tuple[str, str]]) -> Query:
    """The same from the parameters of an address: `q` is a query, other known names are filters, empty ones ignored."""
    parts: list[Part] = []
    written = long = False
    for name, value in params:
        if name == "q":
            value = _tidy(value)
            written = written or bool(value)
            plain = list(_plain_parts(value)) if len(value) > MAX_TERMS else []
            if len({part.term for part in plain if part.term and not part.term.filtered}) > MAX_TERMS:
                long = not _is_boolean(value)
            parts += plain if long else paired(list(_cut(value)))
            parts.append(Part(kind="end"))
        elif facets().find_filter(name) and (value := _tidy(value).replace('"', " ").strip()):
            parts.append(Part(kind="term", term=read_filter(name, value)))
    query = replace(assemble(parts), long=long)
    return replace(query, wordless=True) if written and query.empty else query


def _is_boolean(text: str) -> bool:
    """Whether many words are meant one by one: a good part of them are alternatives."""
    try:
        query = assemble(paired(list(_cut(text))))
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


def _cut(text: str) -> Iterator[Part]:
    """The pieces of a search, in order. Raises QueryError for a filter that cannot be."""
    at = 0
    while match := _TOKEN.search(text, at):
        at, minus = match.end(), bool(match["minus"])
        if match["open"]:
            yield Part(kind="(", minus=minus)
        elif match["word"]:
            if match["word"] in _OPERATORS and not minus:
                yield Part(kind=match["word"])
                continue
            lead = len(match["word"]) - len(match["word"].lstrip(")"))
            yield from [Part(kind=")")] * lead
            word, closing = _closed(match["word"][lead:])
            yield from _terms(_word(word), minus and not lead)
            yield from [Part(kind=")")] * closing
        elif match["phrase"] is not None:
            yield from _terms(_phrase(match["phrase"]), minus)
        elif match["quoted_value"] is not None:
            yield from _terms(_named(match["name"], match["quoted_value"], quoted=True), minus)
        elif match["value"].startswith("(") and _is_field(match["name"]):
            yield Part(kind="(", minus=minus, field=match["name"].lower())
            at = match.start("value") + 1
        else:
            value, closing = _closed(match["value"])
            yield from _terms(_named(match["name"], value), minus)
            yield from [Part(kind=")")] * closing


def _terms(term: Term | None, minus: bool) -> Iterator[Part]:
    if term:
        yield Part(kind="term", minus=minus, term=term)


def _closed(word: str) -> tuple[str, int]:
    """A word without the brackets at its end that close none of its own, and how many they are."""
    spare = max(0, word.count(")") - word.count("("))
    bare = word.rstrip(")")
    closing = min(spare, len(word) - len(bare))
    return word[: len(word) - closing], closing


def _plain_parts(text: str) -> Iterator[Part]:
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
                    yield Part(kind="term", term=Term(text=piece))


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
    if found := read_filter(name, value):
        return found
    text = " ".join(f"{name}:{value}".split())
    return Term(text=text, phrase=(quoted and " " in text) or bool(re.search("[()]", text)) or not value)


def _is_field(name: str) -> bool:
    return name.lower() in FIELDS or facets().find_filter(name.lower()) is not None


def _has_letters(text: str) -> bool:
    """As FTS5's tokenizer sees it: letters and numbers make words, marks and signs do not."""
    return any(unicodedata.category(char)[0] in "LN" for char in text)
