"""Turns a query into SQL: words as they are indexed, tags, FTS5 expressions, and a pattern to highlight.

The edition has one contentless FTS5 table, `search`, with the columns title, body and tags.
Porter stemming does not handle Korean, Chinese or Japanese, so runs of those scripts are indexed as overlapping pairs
(`segment`), and a word in them is a phrase of pairs: 세포 finds 줄기세포. Filters are words of the column `tags`
(`tag_of`); each ends in an underscore, so that the stemmer leaves it unchanged. What a reader writes is always quoted
and limited to {title body}. This module opens no database.
"""

from __future__ import annotations

import re
import unicodedata

from core.facets import facets
from core.text import fingerprint
from publish.search.query import Query, Term

RANKED = 5000  # newest hits that are ranked; ranking every hit of a common word takes seconds at a million documents

Params = dict[str, str | int]  # parameters of a query by name

_CJK = (
    "\u1100-\u11ff\u3005\u3041-\u309f\u30a1-\u30fa\u30fc-\u30ff\u3131-\u318f\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f"
    "\uac00-\ud7a3\ud7b0-\ud7ff\uf900-\ufaff\U00020000-\U0003ffff"
)
_CJK_RUN = re.compile(f"[{_CJK}]+(?: [{_CJK}]+)*")
_NUMBER = "(SELECT id FROM document"


def segment(text: str) -> str:
    """Text as it is indexed: runs of Korean, Chinese and Japanese as overlapping pairs, the rest as it is.

    The last character of a run is a word of its own, so that every character begins exactly one word. A space inside a
    run is ignored: Korean writes both 줄기세포 and 줄기 세포.

    >>> segment("iPS세포"), segment("줄기 세포")
    ('iPS 세포 포 ', ' 줄기 기세 세포 포 ')
    """
    return _CJK_RUN.sub(_pairs, unicodedata.normalize("NFKC", text))


def _pairs(run: re.Match[str]) -> str:
    signs = run[0].replace(" ", "")
    return " " + " ".join(signs[i : i + 2] for i in range(len(signs))) + " "


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


def name_key(name: str) -> str:
    """A name as the table `alias` stores it, without case, punctuation and possessive."""
    folded = unicodedata.normalize("NFKC", name).casefold().replace("’", "'")
    return " ".join(re.sub(r"[\W_]+", " ", re.sub(r"'s\b|s'(?=\s)", "", folded)).split())


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
            params |= {f"type{number}": type_, f"name{number}": name_key(wanted.value)}
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
    words = segment(term.text).split()
    quoted = '"' + " ".join(words).replace('"', " ") + '"'
    single_sign = len(words) == 1 and len(words[0]) == 1 and _CJK_RUN.fullmatch(words[0])
    # a run's pairs end with its last sign alone; inside a longer word the pair goes on, so that one is left off
    if len(words) > 1 and len(words[-1]) == 1 and _CJK_RUN.fullmatch(words[-1]):
        quoted = '"' + " ".join(words[:-1]).replace('"', " ") + '"'
    return f"{quoted} *" if term.prefix or single_sign else quoted


def _after(day: str) -> str:
    """The first text that sorts after every day of this day, month or year."""
    return day + "\x7f"


def hit_pattern(query: Query) -> re.Pattern[str] | None:
    """A pattern for the words of a query in plain text, near enough to what the stemmer finds to highlight with."""
    parts = []
    for term in (term for terms in query.clauses for term in terms):
        words = re.findall(rf"[{_CJK}]+|[^\W_]+", unicodedata.normalize("NFKC", term.text))
        if words:
            parts.append(r"[\W_]{0,3}".join(_loose(word, term.prefix) for word in words))
    if not parts:
        return None
    return re.compile("|".join(f"(?:{part})" for part in sorted(parts, key=len, reverse=True)), re.IGNORECASE)


def _loose(word: str, prefix: bool) -> str:
    if _CJK_RUN.fullmatch(word):
        return " ?".join(map(re.escape, word))
    stem = re.sub(r"(?:ations?|ings?|ies|ed|es|s|y)$", "", word, flags=re.IGNORECASE) if len(word) > 4 else word
    tail = r"\w*" if prefix else r"\w{0,5}" if len(stem) > 3 else "s?"
    return rf"\b{re.escape(stem)}{tail}\b"
