"""How a search was read, as text that letters.db keeps: what a wider reading is compared with.

A subscription keeps the reading of its last turn: the clauses and filters of what was searched, with the tags and other
names that the edition of that night knew. Two readings that find the same in every edition have the same text.
`say_more` puts into words what a reading looks for that an earlier one did not: things, other names, values.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence

from publish.search.clauses import Filter, Group, Query, Term
from publish.search.reading import Reading

MOST_SAID = 6  # names that a letter says


def store_reading(reading: Reading) -> str:
    """A reading as text."""
    query = reading.query
    kept: dict[str, object] = {"all": [_store_clause(clause) for clause in query.clauses]}
    kept["none"] = [_store(part) for part in query.excluded]
    kept["filters"], kept["barred"] = (
        [[f.name, f.value, *f.tags] for f in some] for some in (query.filters, query.barred)
    )
    kept["dates"] = [query.since, query.until]
    kept["alone"] = reading.landing is not None  # an identifier: found by what cites it, too
    if query.wordless:
        kept["wordless"] = True
    return json.dumps({name: value for name, value in kept.items() if value}, ensure_ascii=False)


def restore_query(text: str) -> Query:
    """What was searched by a stored reading. Raises ValueError for another text."""
    try:
        kept = json.loads(text)
        since, until = kept.get("dates", (None, None))
        filters, barred = (
            tuple(Filter(name=name, value=value, tags=tuple(tags)) for name, value, *tags in kept.get(of, ()))
            for of in ("filters", "barred")
        )
        return Query(
            clauses=tuple(tuple(map(_restore, clause)) for clause in kept.get("all", ())),
            excluded=tuple(map(_restore, kept.get("none", ()))),
            filters=filters, barred=barred, since=since, until=until, wordless=kept.get("wordless", False),
        )  # fmt: skip
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ValueError(f"not a stored reading: {text[:80]!r}") from error


def say_more(reading: Reading, before: Query) -> tuple[str, ...]:
    """Names of what a reading looks for that an earlier one did not, things first."""
    known = set(_looked_for(before))
    things = [part.thing.name for part in reading.parts if part.thing and part.thing.tag not in known]
    values = [value.said for part in reading.parts for value in part.values if value.tag not in known]
    names = [name for name in _looked_for(reading.query) if name not in known and not name.endswith("_")]
    kept = {name.casefold(): name for name in reversed((*things, *values, *names))}
    return tuple(reversed(kept.values()))[:MOST_SAID]


def _looked_for(query: Query) -> Iterator[str]:
    """Every tag and every other name."""
    for some in (query.filters, query.barred):
        for one in some:
            yield from one.tags
    yield from _names(part for clause in query.clauses for part in clause)


def _names(parts: Iterable[Term | Group]) -> Iterator[str]:
    for part in parts:
        if isinstance(part, Group):
            yield from _names(one for clause in part.clauses for one in clause)
        else:
            yield from part.tags
            yield from part.also


def _store_clause(clause: Sequence[Term | Group]) -> list[object]:
    return [_store(part) for part in clause]


def _store(part: Term | Group) -> object:
    """A term is its text, or a list of it, its signs, its field, its tags and other names; brackets are an object."""
    if isinstance(part, Group):
        return {
            "all": [_store_clause(clause) for clause in part.clauses],
            "none": [_store(one) for one in part.excluded],
        }
    if part.phrase or part.prefix or part.field or part.tags or part.also:
        signs = '"' * part.phrase + "*" * part.prefix
        return [part.text, signs, part.field, list(part.tags), list(part.also)]
    return part.text


def _restore(kept: object) -> Term | Group:
    if isinstance(kept, str):
        return Term(text=kept)
    if isinstance(kept, Mapping):
        return Group(
            clauses=tuple(tuple(map(_restore, clause)) for clause in kept["all"]),
            excluded=tuple(map(_restore, kept["none"])),
        )
    if not isinstance(kept, list):
        raise TypeError(f"{kept!r} is no term")
    text, signs, field, tags, also = kept
    return Term(text=text, phrase='"' in signs, prefix="*" in signs, field=field, tags=tuple(tags), also=tuple(also))
