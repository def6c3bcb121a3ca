"""Figures: every quantitative statement of the edition, the newest document first, narrowed by what it counts, its
unit, its year, its country and how it is said.

How a question becomes SQL, in order (`make_query`):

1. Words lead: `figure_word` is read from the newest down, and each figure is compared with the rest.
2. Else the choice that fewest figures have leads, if those are at most RARE: its index is read. A plus before the other
   columns keeps SQLite from reading their indexes.
3. Else all statements are read from the newest down: what many figures have is met soon.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass

from publish.pages.formats import Row, Table, csv_of, json_of
from publish.pages.page import Context, Link, Page, Request, Sample
from publish.pages.quantities import FIELDS, Statement, make_row
from publish.pages.rows import OpenEdition
from publish.pages.template_filters import country
from publish.search.subject_words import find_subject_words

SHOWN, CHUNK, RARE = 50, 500, 20_000  # statements on a page; read together; sorted at most
CHOICES = "SELECT what, value, n FROM figure_value ORDER BY what, n DESC, value"
MOST_CHOICES = 40  # of one kind in the form
NEWEST = {"document": 2**62, "number": 0}
SELECT = """
SELECT f.*, d.* FROM {tables} JOIN card d ON d.id = f.document
WHERE ({lead}.document, {lead}.number) < (:document, :number){where}
ORDER BY {lead}.document DESC, {lead}.number DESC LIMIT :most OFFSET :skip"""
CONDITIONS = {  # what -> condition on one value; {} is the plus or nothing
    "unit": "{}f.unit = :unit",
    "shares": "{0}f.unit >= 'of ' AND {0}f.unit < 'of!'",
    "year": "{0}f.period >= :year AND {0}f.period < :year || ':'",
    "place": "{}f.place = :place",
    "modifier": "{}f.modifier = :modifier",
}
UNITS = {"": "a bare count", "of": "a share: 5 of 20", "cases": "cases", "times": "times"}
MODIFIERS = {
    "exact": "exactly", "approximate": "about", "at least": "at least", "at most": "at most",
    "multiple": "times as many",
}  # fmt: skip
BARE = "count"  # how an address asks for the unit of a bare count


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A value of a filter, and how many figures have it."""

    what: str
    value: str
    n: int

    @property
    def asked(self) -> str:
        """The value as an address has it."""
        return self.value or BARE

    @property
    def words(self) -> str:
        if self.what == "unit":
            return UNITS.get(self.value, self.value)
        if self.what == "place":
            return country(self.value)
        return MODIFIERS.get(self.value, self.value) if self.what == "modifier" else self.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a reader wants: words of the subject, and a choice by what it is of."""

    words: tuple[str, ...]
    written: str
    chosen: Mapping[str, Choice]

    @property
    def any(self) -> bool:
        return bool(self.words or self.chosen)


FILTERS = (("unit", "Unit"), ("year", "Year"), ("place", "Country"), ("modifier", "Said as"))


def read_asked(request: Request, choices: Sequence[Choice]) -> Asked:
    """What the parameters ask for. A value that no figure has is a choice of none."""
    found = {}
    for what, _ in FILTERS:
        value = request.get(what)
        if value:
            held = next((one for one in choices if one.what == what and one.asked == value), None)
            found[what] = held or Choice(what=what, value="" if value == BARE else value, n=0)
    written = request.get("of").strip()[:200]
    return Asked(words=tuple(find_subject_words(written)), written=written, chosen=found)


def make_query(asked: Asked) -> tuple[str, dict[str, object]]:
    """The statement and its parameters."""
    params: dict[str, object] = {what: one.value for what, one in asked.chosen.items()}
    params |= {f"word{place}": word for place, word in enumerate(asked.words)}
    rarest = min(asked.chosen.values(), key=lambda one: one.n, default=None)
    leads = rarest.what if rarest and not asked.words and rarest.n <= RARE else ""
    where = ""
    for what, one in asked.chosen.items():
        kind = "shares" if what == "unit" and one.value == "of" else what
        where += f" AND {CONDITIONS[kind].format('' if what == leads else '+')}"
    tables, lead = "figure f", "f"
    if asked.words:
        tables, lead = "figure_word w JOIN figure f ON f.document = w.document AND f.number = w.number", "w"
        where += " AND w.word = :word0"
        for place in range(1, len(asked.words)):
            where += (
                f" AND EXISTS (SELECT 1 FROM figure_word o WHERE o.word = :word{place}"
                " AND o.document = w.document AND o.number = w.number)"
            )
    elif leads:
        lead = "+f"  # sorted: so that the index of the choice is read, not every figure from the newest down
    return SELECT.format(tables=tables, lead=lead, where=where), params


async def show(edition: OpenEdition, request: Request) -> Context:
    choices = await edition.rows(Choice, CHOICES)
    asked = read_asked(request, choices)
    sql, params = make_query(asked)
    skip = request.skipped(SHOWN)
    found = await edition.rows(Statement, sql, {**params, **NEWEST, "most": SHOWN + 1, "skip": skip})
    given = [("of", asked.written), *((what, one.asked) for what, one in asked.chosen.items())]
    single = next(iter(asked.chosen.values())) if len(asked.chosen) == 1 and not asked.words else None
    every = sum(one.n for one in choices if one.what == "modifier")
    return {
        "found": found[:SHOWN],
        "more": len(found) > SHOWN and not request.last,
        "page": request.number,
        "asked": asked,
        "given": given,
        "dropped": {name: [(other, value) for other, value in given if other != name] for name, _ in given},
        "filters": [
            (what, heading, [one for one in choices if one.what == what][:MOST_CHOICES]) for what, heading in FILTERS
        ],
        "count": every if not asked.any else single.n if single else None,
    }


async def find_statements(edition: OpenEdition, request: Request) -> Table:
    """Every statement that is asked for."""
    asked = read_asked(request, await edition.rows(Choice, CHOICES))
    return Table(name="figures", file="figures", fields=FIELDS, rows=_read(edition, asked, request.site))


async def _read(edition: OpenEdition, asked: Asked, site: str) -> AsyncIterator[Row]:
    sql, params = make_query(asked)
    after = NEWEST
    while found := await edition.rows(Statement, sql, {**params, **after, "most": CHUNK, "skip": 0}):
        for one in found:
            yield make_row(one, site)
        after = {"document": found[-1].document, "number": found[-1].number}


PAGES = (
    Page(
        route="/figures",
        template="figures.html",
        show=show,
        links=(
            Link(
                "Figures", place=410, under="Data",
                about="Every number that a document gives, with its sentence, by what it counts, unit and year.",
            ),
        ),
        samples=(Sample("/figures"), Sample("/figures?of=mice"), Sample("/figures?unit=%25&year=2024&place=KR")),
        formats=(json_of(find_statements, FIELDS), csv_of(find_statements, FIELDS)),
        about="Every quantitative statement of the edition, with its sentence; the newest document first.",
        schema="CollectionPage",
    ),
)  # fmt: skip
