"""What a search would have sent in the last month, and what to ask instead where that is too much or nothing.

The month ends with the newest night of the edition. A document counts on the day on which it was published (first seen
where no date is known), and a story once, on the first of its days, as letters show one line a story. `tips` are other
searches, each with what it finds, so that none leads to nothing. They are, in this order:
* where it finds nothing at all: the words as the edition spells them, the search without its stages, and the search
  without one of its parts, those that find most first;
* where it is too wide (more than WIDE stories in the month): one kind of document or of evidence, or only titles.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TypedDict

from core.facets import facets
from publish.letters.current_edition import CurrentEdition
from publish.letters.wanted import EVIDENCE, with_stages, written
from publish.search.clauses import Query, Term, to_text
from publish.search.query import parse_query
from publish.search.reading import where_of

NIGHTS = 30
WIDE = 120  # stories in the month: four a day
SHOWN = 5
TIPS = 5
LEAST, MOST = 0.02, 0.6  # share of the month that a narrower search should leave

_MONTH = """
SELECT d.id, d."key", d.day, d.title, d.kind, s.name AS source, coalesce(min(m.story), -d.id) AS story
FROM search JOIN document d ON d.id = search.rowid JOIN source s ON s.id = d.source
LEFT JOIN member m ON m.document = d.id
WHERE {where} AND d.day > :month_begins AND d.day <= :month_ends
GROUP BY d.id ORDER BY d.day DESC, d.id DESC"""


class MonthRow(TypedDict):
    """A document that the search finds in the month."""

    id: int
    key: str
    day: str
    title: str
    kind: str
    source: str
    story: int


class NightRow(TypedDict):
    """The newest night of the edition."""

    night: str


class LabelRow(TypedDict):
    """What a document rests on."""

    value: str
    documents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A story of the month, by its newest document that the search finds."""

    title: str
    page: str
    source: str
    day: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tip:
    """Another search: what it is, in words, and how many documents it finds (in the month, where it is too wide)."""

    words: str
    query: str
    found: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What the month would have brought. `letters`: days with something new, of NIGHTS; `total`: documents ever."""

    total: int
    documents: int
    stories: int
    letters: int
    since: str
    until: str
    lines: tuple[Seen, ...]
    tips: tuple[Tip, ...]

    @property
    def wide(self) -> bool:
        """Whether this is more than anybody reads."""
        return self.stories > WIDE

    @property
    def letters_a_week(self) -> float:
        """Daily letters in a week, on average."""
        return self.letters * 7 / NIGHTS


def preview(edition: CurrentEdition, query: str, stages: tuple[str, ...] = ()) -> Preview:
    """What a checked search would have sent. Raises QueryError if it cannot be parsed."""
    search = with_stages(query, stages)
    nights = edition.select(NightRow, "SELECT coalesce(max(night), '') AS night FROM document")
    until = date.fromisoformat(nights[0]["night"]) if nights[0]["night"] else date(1970, 1, 31)
    since = until - timedelta(days=NIGHTS)
    rows = _month(edition, search, since, until)
    stories: dict[int, list[MonthRow]] = {}
    for row in rows:
        stories.setdefault(row["story"], []).append(row)
    total = edition.count(search)
    tips: Iterator[Tip] = iter(())
    if not total:
        tips = _other(edition, query, stages)
    elif len(stories) > WIDE:
        tips = _narrower(edition, parse_query(search), rows, len(stories))
    return Preview(
        total=total, documents=len(rows), stories=len(stories),
        letters=len({found[-1]["day"] for found in stories.values()}),
        since=(since + timedelta(days=1)).isoformat(), until=until.isoformat(),
        lines=tuple(
            Seen(title=row["title"], page=f"{edition.site}/d/{row['key']}", source=row["source"], day=row["day"])
            for row in [found[0] for found in stories.values()][:SHOWN]
        ),
        tips=tuple(tip for tip, _ in zip(tips, range(TIPS), strict=False)),
    )  # fmt: skip


def _month(edition: CurrentEdition, search: str, since: date, until: date) -> list[MonthRow]:
    where, params = where_of(edition.read(search))
    days = {"month_begins": since.isoformat(), "month_ends": until.isoformat()}
    return edition.select(MonthRow, _MONTH.format(where=" AND ".join(where)), {**params, **days})


def _other(edition: CurrentEdition, query: str, stages: tuple[str, ...]) -> Iterator[Tip]:
    """Searches for one that finds nothing."""
    asked = parse_query(query)
    corrected = edition.corrected(query)
    if corrected != asked and (found := edition.count(with_stages(to_text(corrected), stages))):
        yield Tip(words="as it is spelt here", query=to_text(corrected), found=found)
    if stages and (found := edition.count(query)):
        yield Tip(words="with every kind of evidence", query=query, found=found)
    parts = [*_lesser(asked), *(_lesser(corrected) if corrected != asked else ())]
    tips = {text: Tip(words=f"without “{lost}”", query=text, found=edition.count(text)) for lost, text in parts}
    yield from sorted((tip for tip in tips.values() if tip.found), key=lambda tip: (-tip.found, tip.query))


def _lesser(query: Query) -> Iterator[tuple[str, str]]:
    """The search without each of its parts: the part, and what is left."""
    if len(query.clauses) + len(query.filters) < 2:
        return
    for place, clause in enumerate(query.clauses):
        less = replace(query, clauses=(*query.clauses[:place], *query.clauses[place + 1 :]))
        yield " OR ".join(map(str, clause)), to_text(less)
    for place, one in enumerate(query.filters):
        yield str(one), to_text(replace(query, filters=(*query.filters[:place], *query.filters[place + 1 :])))


def _narrower(edition: CurrentEdition, query: Query, rows: list[MonthRow], stories: int) -> Iterator[Tip]:
    """Searches for one that finds too much."""
    ids = json.dumps([row["id"] for row in rows])
    labels = edition.select(
        LabelRow,
        "SELECT value, count(DISTINCT document) AS documents FROM label WHERE facet = 'evidence'"
        " AND document IN (SELECT value FROM json_each(:ids)) GROUP BY 1",
        {"ids": ids},
    )
    counted: list[tuple[int, str, str]] = [(row["documents"], EVIDENCE, row["value"]) for row in labels]
    counted += [(count, "kind", kind) for kind, count in Counter(row["kind"] for row in rows).items()]
    text = to_text(query)
    used = {one.name for one in query.filters}
    for count, name, value in sorted(counted, reverse=True):
        facet = facets().filters[name]
        if name not in used and value != facet.absent and LEAST <= count / len(rows) <= MOST:
            words = facet.plurals.get(value) or facet.values.get(value, value)
            yield Tip(words=f"only {words.lower()}", query=f"{text} {written(name, value)}", found=count)
    if len(query.clauses) == 1 and len(query.clauses[0]) == 1 and isinstance(query.clauses[0][0], Term):
        term = replace(query.clauses[0][0], field="title")
        titled = to_text(replace(query, clauses=((term,),)))
        if found := edition.count(titled):
            yield Tip(words="only in titles, ever", query=titled, found=found)


def show_preview(found: Preview) -> str:
    """The same in plain text."""
    lines = [
        f"{found.since} to {found.until}: {_plural(found.stories, 'story', 'stories')}"
        f" of {_plural(found.documents, 'document', 'documents')},"
        f" in {_plural(found.letters, 'daily letter', 'daily letters')}"
        f" ({found.letters_a_week:.1f} a week); {_plural(found.total, 'document', 'documents')} in all",
        *(f"  {one.day}  {one.title} ({one.source})" for one in found.lines),
    ]
    return "\n".join([*lines, *show_tips(found)])


def show_tips(found: Preview) -> list[str]:
    """What to ask instead, as lines of plain text; none where there is nothing better."""
    if not found.tips:
        return []
    first = "This is more than anybody reads. Instead:" if found.wide else "Nothing is found. Instead:"
    return [first, *(f"  {tip.query}  ({tip.words}: {tip.found:,})" for tip in found.tips)]


def say_tips(found: Preview) -> str:
    """The same in one sentence, for a letter; empty where there is nothing better."""
    tips = [f"{tip.query} ({tip.words}: {tip.found:,})" for tip in found.tips]
    return f"these find something: {'; '.join(tips)}" if tips else ""


def _plural(count: int, one: str, many: str) -> str:
    return f"{count:,} {one if count == 1 else many}"
