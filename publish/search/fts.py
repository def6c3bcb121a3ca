"""Turns a query into SQL: words as they are indexed, tags, FTS5 expressions.

The edition has one contentless FTS5 table, `search`, with the columns title, body and tags.
Texts and words are folded alike (`fold.py`); a word that folds to several (IL-6, 줄기세포) is a phrase of them. Filters
are words of the column `tags` (`tag_of`); each ends in an underscore, so that the stemmer leaves it unchanged. What a
reader writes is always quoted and limited to {title body}. This module opens no database.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from core.facets import facets
from core.text import fingerprint
from publish.search.clauses import Filter, Group, Query, Term
from publish.search.fold import american, compounds, fold_name, fold_words, is_run, name_key

RANKED = 5000  # newest hits that are ranked; ranking every hit of a common word takes seconds at a million documents

Params = dict[str, str | int]  # parameters of a query by name

_BY = "by_"  # before each word of an author's name in the column `tags`
_APART = 3  # words between two names
EMPTY = '"nothing_"'
_NUMBER = "(SELECT id FROM document"


def tag_of(name: str, value: str) -> str:
    """The word in the column `tags` for the value `value` of the filter `name`.

    >>> tag_of("kind", "news"), tag_of("disease", "MONDO:0010726")
    ('kind_news_', 'disease_mondo_0010726_')
    """
    folded = unicodedata.normalize("NFKC", value).lower()
    plain = re.sub("[^0-9a-z]+", "_", folded).strip("_")
    if not folded.isascii():
        plain += f"_{fingerprint(folded)[:12]}"
    return f"{name}_{plain}_"


def is_concept(value: str) -> bool:
    """`MONDO:0010726`, `ISO3166-2:US-CA`, `journal:cell-stem-cell` are identifiers, `Parkinson disease` is a name."""
    return re.fullmatch(r"[A-Za-z][A-Za-z0-9-]*:\S+", value) is not None


def to_match(query: Query) -> str:
    """The query as an FTS5 expression, without dates and without names of things that nobody has resolved."""
    if query.wordless:
        return f"tags : {EMPTY}"
    parts = [_any(clause) for clause in query.clauses]
    for name in dict.fromkeys(f.name for f in query.filters):
        found = [_tags(tags_of(f)) for f in query.filters if f.name == name and by_tag(f)]
        if found:
            parts.append(f"({(' AND ' if may_have_many(name) else ' OR ').join(found)})")
    without = [_part(part) for part in query.excluded]
    without += [_tags(tags_of(f)) for f in query.barred if by_tag(f)]
    return _all(parts, without)


def conditions(query: Query) -> tuple[list[str], Params]:
    """WHERE conditions on `search`, and their parameters, that find the documents of a query."""
    where: list[str] = ["search MATCH :match"]
    params: Params = {"match": to_match(query)}
    if query.since:
        where.append(f"search.rowid >= coalesce({_NUMBER} WHERE day >= :since ORDER BY day, id LIMIT 1), 1e18)")
        params["since"] = query.since
    if query.until:
        where.append(f"search.rowid <= coalesce({_NUMBER} WHERE day < :until ORDER BY day DESC, id DESC LIMIT 1), 0)")
        params["until"] = _after(query.until)
    for number, (sign, wanted) in enumerate([("", f) for f in query.filters] + [(" NOT", f) for f in query.barred]):
        if not by_tag(wanted):
            where.append(
                f"search.rowid{sign} IN (SELECT document FROM entity_document WHERE about IS NOT 0 AND entity IN"
                f" (SELECT entity FROM alias WHERE type = :type{number} AND name = :name{number}))"
            )
            type_ = facets().filters[wanted.name].name
            params |= {f"type{number}": type_, f"name{number}": name_key(wanted.value, type_)}
    return where, params


def to_sql(query: Query, *, sort: str = "newest", limit: int = 20, offset: int = 0) -> tuple[str, Params]:
    """SQL that gives the numbers (`id`) of a query's documents in an edition.

    `sort` is `newest` (documents are numbered in the order of publication, so this needs no sorting) or `best`
    (ranked by bm25 among the newest RANKED hits). Raises ValueError for another.
    """
    where, params = conditions(query)
    params |= {"limit": limit, "offset": offset}
    clause = " AND ".join(where)
    if sort == "newest":
        return f"SELECT rowid AS id FROM search WHERE {clause} ORDER BY rowid DESC LIMIT :limit OFFSET :offset", params
    if sort != "best":
        raise ValueError(f"sort is newest or best, not {sort!r}")
    oldest = f"SELECT min(id) FROM (SELECT rowid AS id FROM search WHERE {clause} ORDER BY rowid DESC LIMIT {RANKED})"
    return (
        f"SELECT rowid AS id FROM search WHERE {clause} AND search.rowid >= ({oldest})"
        " ORDER BY rank LIMIT :limit OFFSET :offset",
        params,
    )


def to_count(query: Query) -> tuple[str, Params]:
    """SQL that counts a query's documents."""
    where, params = conditions(query)
    return f"SELECT count(*) AS documents FROM search WHERE {' AND '.join(where)}", params


def by_tag(wanted: Filter) -> bool:
    """Whether the index has a tag for it: for all but things asked for by a name that nobody has resolved."""
    return bool(wanted.tags) or facets().filters[wanted.name].kind != "type" or is_concept(wanted.value)


def tags_of(wanted: Filter) -> tuple[str, ...]:
    return wanted.tags or (tag_of(wanted.name, wanted.value),)


def may_have_many(name: str) -> bool:
    """Whether a document can have several values at once: repeated, such a filter asks for all of them."""
    return facets().filters[name].kind in ("type", "label", "status")


def _all(parts: list[str], without: list[str]) -> str:
    positive = " AND ".join(parts) or 'tags : "all_"'
    return f"({positive}) NOT ({' OR '.join(without)})" if without else positive


def _any(clause: tuple[Term | Group, ...]) -> str:
    return f"({' OR '.join(map(_part, clause))})" if len(clause) > 1 else _part(clause[0])


def _part(part: Term | Group) -> str:
    if isinstance(part, Group):
        return f"({_all([_any(clause) for clause in part.clauses], [_part(one) for one in part.excluded])})"
    found = expressions_of(part)
    return f"({' OR '.join(found)})" if len(found) > 1 else found[0]


def expressions_of(term: Term) -> list[str]:
    """FTS5 expressions, any of which finds a document for a term."""
    if term.filtered:
        return [_tags(tags_of(Filter(name=term.field, value=term.text, tags=term.tags)))]
    if term.field == "author":
        found = [_author(term)]
    else:
        columns = "{title}" if term.field == "title" else "{title body}"
        forms = [*term_forms(term), *(term_words(Term(text=name)) for name in term.also)]
        found = [f"{columns} : {text}" for text in dict.fromkeys(_phrase(*form) for form in forms)]
    return [*found, _tags(term.tags)] if term.tags else found


def _tags(tags: tuple[str, ...]) -> str:
    """Any of these tags."""
    quoted = " OR ".join(f'"{tag}"' for tag in tags)
    return f"tags : ({quoted})" if len(tags) > 1 else f"tags : {quoted}"


def term_words(term: Term) -> tuple[tuple[str, ...], bool]:
    """The words of a term as the index has them, and whether the last is the beginning of one.

    A run of signs ends with its last sign alone, but inside a longer run a pair is there.
    """
    words = fold_name(term.text).split()
    lone = bool(words) and len(words[-1]) == 1 and is_run(words[-1])
    if lone and len(words) > 1 and words[-2].endswith(words[-1]):
        words.pop()
        lone = False
    return tuple(words), term.prefix or lone


def term_forms(term: Term) -> list[tuple[tuple[str, ...], bool]]:
    """`term_words` of a term, and of its other form if it is a compound: co-culture is coculture as well.

    What is in quotation marks is searched as it is written.
    """
    forms = [term_words(term)]
    (words, prefix) = forms[0]
    if term.phrase or prefix:
        return forms
    if len(words) > 1 and re.fullmatch(r"[^\W\d_]+(?:-[^\W\d_]+)+", term.text) and not any(map(is_run, words)):
        return [*forms, term_words(Term(text=term.text.replace("-", "")))]
    if len(words) == 1 and (parted := compounds().fullmatch(words[0])):
        first, second = (part for part in parted.groups() if part)
        return [*forms, ((american(first), american(second)), False)]
    return forms


def _phrase(words: tuple[str, ...], prefix: bool) -> str:
    return f'"{" ".join(words)}"' + " *" * prefix


def _author(term: Term) -> str:
    """Names of authors are tags (`author_tags`). A name may be written in either order."""
    words, prefix = term_words(term)
    quoted = [f'"{_BY}{word}"' + " *" * (prefix and place == len(words)) for place, word in enumerate(words, 1)]
    if len(quoted) < 2:
        return f"tags : {quoted[0] if quoted else EMPTY}"
    return f"tags : NEAR({' '.join(quoted)}, {_APART - 1})"


def author_tags(names: Iterable[str]) -> str:
    """The words of the column `tags` for the names of authors, far enough apart to keep two names apart."""
    return f" {' '.join([_BY] * _APART)} ".join(
        " ".join(_BY + word for word in fold_words(name).split()) for name in names
    )


def _after(day: str) -> str:
    """The first text that sorts after every day of this day, month or year."""
    return day + "\x7f"
