"""Turns a query into SQL: words as they are indexed, tags, FTS5 expressions, and a pattern to highlight.

The edition has one contentless FTS5 table, `search`, with the columns title, body and tags.
Texts and words are folded alike (`fold.py`); a word that folds to several (IL-6, 줄기세포) is a phrase of them. Filters
are words of the column `tags` (`tag_of`); each ends in an underscore, so that the stemmer leaves it unchanged. What a
reader writes is always quoted and limited to {title body}. This module opens no database.
"""

from __future__ import annotations

import re
import unicodedata

from core.facets import facets
from core.text import fingerprint
from publish.search.fold import CJK, fold_words, is_run, name_key
from publish.search.query import Query, Term

RANKED = 5000  # newest hits that are ranked; ranking every hit of a common word takes seconds at a million documents

Params = dict[str, str | int]  # parameters of a query by name

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
    """`MONDO:0010726` and `journal:cell-stem-cell` are identifiers, `Parkinson disease` is a name."""
    return re.fullmatch(r"[A-Za-z]+:\S+", value) is not None


def to_match(query: Query) -> str:
    """The query as an FTS5 expression, without dates and without things asked for by name (see `conditions`)."""
    parts = ["{title body} : (" + " OR ".join(map(_phrase, terms)) + ")" for terms in query.clauses]
    for name in dict.fromkeys(f.name for f in query.filters):
        tags = [f'"{tag_of(name, value)}"' for value in query.values(name) if _by_tag(name, value)]
        if tags:
            joiner = " AND " if _may_have_many(name) else " OR "
            parts.append("tags : (" + joiner.join(tags) + ")")
    positive = " AND ".join(parts) or 'tags : "all_"'
    without = ["{title body} : (" + _phrase(term) + ")" for term in query.excluded]
    without += [f'tags : "{tag_of(f.name, f.value)}"' for f in query.barred if _by_tag(f.name, f.value)]
    return f"({positive}) NOT ({' OR '.join(without)})" if without else positive


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
        if not _by_tag(wanted.name, wanted.value):
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


def _by_tag(name: str, value: str) -> bool:
    """Whether the index has a tag for it: for all but things asked for by name."""
    return facets().filters[name].kind != "type" or is_concept(value)


def _may_have_many(name: str) -> bool:
    """Whether a document can have several values at once: repeated, such a filter asks for all of them."""
    return facets().filters[name].kind in ("type", "label", "status")


def _phrase(term: Term) -> str:
    """A term as the index has it. A run ends with its last sign alone, but inside a longer run a pair is there."""
    words = fold_words(term.text).split()
    lone = bool(words) and len(words[-1]) == 1 and is_run(words[-1])
    if lone and len(words) > 1 and words[-2].endswith(words[-1]):
        words.pop()
        lone = False
    return f'"{" ".join(words)}"' + (" *" if term.prefix or lone else "")


def _after(day: str) -> str:
    """The first text that sorts after every day of this day, month or year."""
    return day + "\x7f"


def hit_pattern(query: Query) -> re.Pattern[str] | None:
    """A pattern for the words of a query in plain text, near enough to what the stemmer finds to highlight with."""
    parts = []
    for term in (term for terms in query.clauses for term in terms):
        words = re.findall(rf"[{CJK}]+|[^\W_]+", unicodedata.normalize("NFKC", term.text))
        if words:
            parts.append(r"[\W_]{0,3}".join(_loose(word, term.prefix) for word in words))
    if not parts:
        return None
    return re.compile("|".join(f"(?:{part})" for part in sorted(parts, key=len, reverse=True)), re.IGNORECASE)


def _loose(word: str, prefix: bool) -> str:
    if is_run(word):
        return " ?".join(map(re.escape, word))
    stem = re.sub(r"(?:ations?|ings?|ies|ed|es|s|y)$", "", word, flags=re.IGNORECASE) if len(word) > 4 else word
    tail = r"\w*" if prefix else r"\w{0,5}" if len(stem) > 3 else "s?"
    return rf"\b{re.escape(stem)}{tail}\b"
