"""What somebody wants to follow, and whether it can ever match anything.

`check_wanted` refuses, with the nearest value where there is one, in order:
1. a search that is empty, too long, or cannot be parsed (`publish.search.query`);
2. a value that a filter does not take: neither its declaration (`core.facets`), nor the current edition, nor a source
   file, nor a rule that gives labels has it. A value that is absent tonight may come. One that is written in another
   form (`animal:mice`) is stored as documents have it, because letters search for exactly what is stored;
3. a thing that neither the edition nor our lexicons know (`publish.letters.known_names`);
4. what contradicts itself: a night that is over, `since` after `until`, a filter that is also excluded;
5. a rhythm, weekday, limit, stage or identifier out of bounds.

A search that is good and finds nothing today is no error: it may find something tomorrow. `publish.letters.preview`
says so.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TypedDict, get_args

from core import clock
from core.config import Config
from core.errors import UsageError
from core.facets import Facet, facets
from core.ids import normalise
from core.text import one_line
from publish.letters.current_edition import CurrentEdition, open_current
from publish.letters.known_names import classified_values, is_known, nearest_name
from publish.letters.records import Every, Kind
from publish.search.clauses import Filter, Query, QueryError, to_text
from publish.search.fts import is_concept
from publish.search.query import parse_query
from publish.search.values import VALUES, needed, understand, with_known_values

EVIDENCE = "evidence"  # the filter of the stages
OPEN = ("indication", "marketing")  # filters with values that no table lists: what registries write, and counts
MAX_QUERY = 500
MAX_NAME = 80
MAX_STORIES = 200  # that one letter shows of a subscription
MAX_OWNED = 5000
OWNED = ("doi", "pmid", "nct")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What somebody wants to follow. `query` is a search, the key of a story, or empty for `identifiers` of their own.

    `weekday`: 0 is Monday; only of a weekly one, None for the day on which it begins.
    """

    kind: Kind = "search"
    query: str = ""
    name: str = ""
    every: Every = "weekly"
    weekday: int | None = None
    stages: tuple[str, ...] = ()
    most: int = 40
    identifiers: tuple[str, ...] = ()


class ValueRow(TypedDict):
    """A value of a facet that the edition has."""

    facet: str
    value: str
    label: str


class SourceRow(TypedDict):
    """A source of the edition."""

    id: str


class FoundRow(TypedDict):
    """That something is there."""

    found: int


def check_wanted(config: Config, wanted: Wanted) -> Wanted:
    """What is wanted, as it is stored. Raises UsageError if it is invalid or can never match."""
    if wanted.every not in get_args(Every):
        raise UsageError(f"no rhythm {wanted.every!r}", hint=f"one of {', '.join(get_args(Every))}")
    if wanted.weekday is not None and not 0 <= wanted.weekday <= 6:
        raise UsageError(f"no weekday {wanted.weekday}", hint="0 is Monday, 6 is Sunday")
    if not 1 <= wanted.most <= MAX_STORIES:
        raise UsageError(f"a letter shows 1 to {MAX_STORIES} stories of a search, not {wanted.most}")
    wanted = replace(
        wanted,
        name=one_line(wanted.name)[:MAX_NAME],
        weekday=wanted.weekday if wanted.every == "weekly" else None,
        stages=check_stages(wanted.stages),
        identifiers=check_identifiers(wanted.identifiers) if wanted.kind == "own" else (),
    )
    with open_current(config) as edition:
        if wanted.kind == "search":
            return replace(wanted, query=check_query(config, edition, wanted.query))
        if wanted.kind == "story":
            return replace(wanted, query=_check_story(edition, wanted.query))
    return replace(wanted, query="")


def check_query(config: Config, edition: CurrentEdition | None, text: str) -> str:
    """The search as it is stored. Raises UsageError if it is invalid or can never match."""
    query = " ".join(text.split())
    parsed = parse_query(query)
    if len(query) > MAX_QUERY or parsed.empty or parsed.wordless or parsed.long:
        raise UsageError(f"a search of 1 to {MAX_QUERY} characters is needed", hint="such as 'organoid kind:paper'")
    meant = _with_values(config, edition, parsed)
    _check_things(edition, meant)
    _check_sense(meant)
    return query if meant == parsed else to_text(meant)


def check_stages(stages: Iterable[str]) -> tuple[str, ...]:
    """Kinds of evidence as the edition has them. Raises UsageError that names those there are."""
    facet = facets().filters[EVIDENCE]
    known = [value for value in facet.values if value != facet.absent]
    kept = []
    for stage in stages:
        value = stage if stage in known else understand(facet, stage)
        if value not in known:
            raise UsageError(f"no stage {stage[:80]!r}", hint=f"one of {', '.join(known)}")
        kept.append(value)
    return tuple(dict.fromkeys(kept))


def check_identifiers(given: Iterable[str]) -> tuple[str, ...]:
    """`doi:…`, `pmid:…` and `nct:…` in their one spelling. Raises UsageError for another, for none or too many."""
    kept: dict[str, None] = {}
    for one in given:
        scheme, _, raw = one.strip().partition(":")
        value = normalise(scheme.lower(), raw) if scheme.lower() in OWNED else None
        if value is None:
            raise UsageError(f"{one[:80]!r} is no identifier", hint="doi:10.1038/…, pmid:… or nct:NCT…")
        kept[f"{scheme.lower()}:{value}"] = None
    if not 1 <= len(kept) <= MAX_OWNED:
        raise UsageError(f"a list has 1 to {MAX_OWNED:,} identifiers, not {len(kept):,}")
    return tuple(kept)


def written(name: str, value: str) -> str:
    """A filter in the language of searches."""
    return str(Filter(name=name, value=value))


def with_stages(query: str, stages: Iterable[str]) -> str:
    """A search that finds only documents of these kinds of evidence; without any, as it is."""
    either = " OR ".join(written(EVIDENCE, stage) for stage in stages)
    return f"{query} ({either})" if either else query


def filters_of(query: Query) -> list[Filter]:
    """Every filter of a query, those in brackets and those that are excluded too."""
    found: list[Filter] = []

    def note(one: Filter) -> Filter:
        found.append(one)
        return one

    query.with_filters(note)
    return found


def _check_story(edition: CurrentEdition | None, key: str) -> str:
    known = edition and edition.select(
        FoundRow, 'SELECT 1 AS found FROM story WHERE "key" = :key LIMIT 1', {"key": key}
    )
    if not known:
        raise UsageError(f"no story {key[:80]!r} in the current edition", hint="its address ends with its key")
    return key


def _with_values(config: Config, edition: CurrentEdition | None, query: Query) -> Query:
    """The query with values in the form in which documents have them. Raises QueryError for one that none will have."""
    filters = needed(query)
    known: dict[str, dict[str, str]] = {name: {} for name in filters if name not in OPEN}
    for row in edition.select(ValueRow, VALUES, {"filters": json.dumps([*known])}) if edition else ():
        known[row["facet"]][row["value"]] = row["label"]
    elsewhere = {name: {value for other in known if other != name for value in known[other]} for name in known}
    for name, values in known.items():
        facet = facets().filters[name]
        more = [*facet.values, *facet.plurals, *facet.flags, *facet.unflagged]
        more += [value for one in filters_of(query) if one.name == name and (value := understand(facet, one.value))]
        if facet.kind == "label":
            more += _may_come({*values, *more}, elsewhere[name])
        elif name == "source":
            more += [path.stem for path in config.sources.glob("*.toml")]
            more += [row["id"] for row in edition.select(SourceRow, "SELECT id FROM source")] if edition else []
        for value in more:
            values.setdefault(value, facet.words(value))
    return with_known_values(query, known)


def _may_come(known: set[str], elsewhere: set[str]) -> list[str]:
    """What the rules that give the known values of a facet may give, too; of a facet without any, all rules."""
    tables = classified_values()
    its = [table for table in tables if table & known - elsewhere] or tables
    return sorted({value for table in its for value in table} - elsewhere)


def _check_things(edition: CurrentEdition | None, query: Query) -> None:
    """Refuse a thing by a name or an identifier that neither the edition nor a lexicon has."""
    for one in filters_of(query):
        facet = facets().filters[one.name]
        if facet.kind != "type" or facet.own in ("proper", "person") or _in_edition(edition, facet, one.value):
            continue
        if not is_known(facet, one.value):
            near = nearest_name(facet, one.value)
            meant = f" (did you mean {written(one.name, near)}?)" if near else ""
            raise QueryError(f"{one}: no {facet.word} of that name is known{meant}")


def _in_edition(edition: CurrentEdition | None, facet: Facet, value: str) -> bool:
    if edition is None:
        return False
    if is_concept(value):
        sql = "SELECT 1 AS found FROM entity WHERE concept = :value COLLATE NOCASE LIMIT 1"
        return bool(edition.select(FoundRow, sql, {"value": value}))
    reading = edition.read(written(str(facet.filter), value))
    return bool(reading.query.filters[0].tags)


def _check_sense(query: Query) -> None:
    """Refuse what contradicts itself."""
    today = clock.stamp()[:10]
    for one in query.filters:
        if one.name == "night" and one.value != "tonight" and one.value < today:
            raise QueryError(f"{one}: that night is over, nothing new can come in in it")
        if one in query.barred:
            raise QueryError(f"{one} is asked for and excluded")
    if query.since and query.until and query.since > query.until and not query.since.startswith(query.until):
        raise QueryError(f"since:{query.since} is later than until:{query.until}")
