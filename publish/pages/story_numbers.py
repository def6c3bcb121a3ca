"""The numbers of a story, side by side: a row for each number, a column for each document that gives numbers.

`line_up` puts the figures of all documents in rows. The documents come in the order of the story: what it began with,
the releases, then the outlets, so that the first cell of a row is what the others are compared with. A figure goes, in
order,

1. where stage `tellings` says that a text changed a number: into the row of the number that it was;
2. into the row of the same series and period;
3. into a row with the same value of the same thing, if the periods allow it; or with the same value alone, if that is
   not below SMALL and each of the documents gives it of one thing only;
4. into a row of the same thing, if it is the same value rounded;
5. into the row of the same thing in the same period (a document that gives two values for it speaks of two things);
6. into a row of its own.

Shown are rows that at least two documents give. A cell that gives another value than the first one is marked, and its
sentence is shown under the table next to the one that it differs from. A rounded value is no difference.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from publish.pages.rows import OpenEdition, listed
from publish.pages.story_members import Member

ROWS = 14
COLUMNS = 12
SMALL = 10  # a smaller whole number is not known again by its value alone
PEOPLE = frozenset(("participants", "patients", "people", "volunteers", "adults", "men and women"))
COUNTS = frozenset(("", "cases", "places", "people"))  # units of what is counted, not measured

FIGURES = """
SELECT f.document, f.number, f.value, f.high, f.unit, f.subject, f.period, f.place, f.modifier, f.series, f.sentence
FROM json_each(:ids) j CROSS JOIN figure f ON f.document = j.value ORDER BY j.key, f.number LIMIT 2000"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A number as one document gives it."""

    document: int
    number: int
    value: float
    high: float | None
    unit: str
    subject: str
    period: str | None
    place: str | None
    modifier: str
    series: str | None
    sentence: str

    @property
    def thing(self) -> tuple[str, str, str | None]:
        """What is counted or measured, to compare."""
        return self.subject.casefold(), self.unit, self.place

    @property
    def sort(self) -> tuple[str, str, str | None]:
        """The same, where all words for people who take part are one."""
        subject, unit, place = self.thing
        return ("people", "", place) if subject in PEOPLE and unit in COUNTS else (subject, unit, place)

    @property
    def multiple(self) -> bool:
        return self.modifier == "multiple"


Changes = Mapping[tuple[int, int], tuple[int, int]]  # (document, number) -> (other document, its number)


@dataclass(slots=True)
class Row:
    """A number, by the documents that give it."""

    cells: dict[int, Figure] = field(default_factory=dict)
    numbers: set[tuple[int, int]] = field(default_factory=set)  # the figures in it

    @property
    def first(self) -> Figure:
        """What the others are compared with."""
        return next(iter(self.cells.values()))

    @property
    def all(self) -> tuple[Figure, ...]:
        return tuple(self.cells.values())

    def add(self, figure: Figure) -> None:
        self.numbers.add((figure.document, figure.number))
        self.cells.setdefault(figure.document, figure)

    def differs(self, document: int) -> bool:
        """Whether a document gives another value."""
        one, first = self.cells[document], self.first
        return (one.value, one.high) != (first.value, first.high) and not _rounded(one, first)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """What a document gives; None where it does not give the number."""

    figure: Figure | None
    differs: bool = False

    @property
    def shown(self) -> Figure | None:
        """The figure without the word for what is counted: the row says what that is."""
        return replace(self.figure, unit="") if self.figure and self.figure.unit in COUNTS else self.figure


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberRow:
    """A number: what of, in which period, and a cell for each column."""

    subject: str
    period: str | None
    cells: tuple[Cell, ...]
    first: Figure  # what the others are compared with; of those that give this value one in English, if there is one

    @property
    def differs(self) -> bool:
        return any(cell.differs for cell in self.cells)


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """The table; `members` are its columns, `left_out` rows beyond ROWS, `series` what the figures are points of."""

    members: tuple[Member, ...] = ()
    rows: tuple[NumberRow, ...] = ()
    left_out: int = 0
    series: tuple[str, ...] = ()

    @property
    def differing(self) -> tuple[NumberRow, ...]:
        return tuple(row for row in self.rows if row.differs)


async def find_numbers(edition: OpenEdition, members: Sequence[Member], changes: Changes) -> Numbers:
    """The numbers of these documents."""
    ids = listed([member.document for member in members])
    return to_numbers(await edition.rows(Figure, FIGURES, ids), members, changes)


def to_numbers(figures: Sequence[Figure], members: Sequence[Member], changes: Changes) -> Numbers:
    """The table of the figures of these documents, given in their order."""
    series = tuple(dict.fromkeys(one.series for one in figures if one.series))
    shared = [row for row in line_up(figures, changes) if len(row.cells) > 1]
    shared.sort(key=lambda row: (not any(map(row.differs, row.cells)), -len(row.cells)))
    rows = shared[:ROWS]
    giving = {document for row in rows for document in row.cells}
    columns = [member for member in members if member.document in giving or member.outlet][:COLUMNS] if rows else []
    english = {member.document for member in members if member.lang in ("en", None)}
    return Numbers(
        members=tuple(columns),
        rows=tuple(_to_row(row, columns, english) for row in rows),
        left_out=len(shared) - len(rows),
        series=series,
    )


def _to_row(row: Row, columns: Sequence[Member], english: set[int]) -> NumberRow:
    subjects = Counter(one.subject for one in row.cells.values() if one.document in english) or Counter(
        (row.first.subject,)
    )
    cells = [
        Cell(figure=row.cells[member.document], differs=row.differs(member.document))
        if member.document in row.cells
        else Cell(figure=None)
        for member in columns
    ]
    period = next((one.period for one in row.cells.values() if one.period), None)
    agreeing = [one for document, one in row.cells.items() if document in english and not row.differs(document)]
    subject = max(subjects, key=lambda one: (subjects[one], len(one)))
    first = next(iter(agreeing), row.first)
    return NumberRow(subject=subject, period=period, cells=tuple(cells), first=first)


def line_up(figures: Iterable[Figure], changes: Changes) -> list[Row]:
    """Figures in rows, in the order in which they come."""
    figures = list(figures)
    finder = RowFinder(figures, changes)
    for figure in figures:
        row = next(finder.find(figure), None)
        if row is None:
            row = Row()
            finder.rows.append(row)
        row.add(figure)
    return finder.rows


class RowFinder:
    """The rows so far, and what all figures together tell: which values and things are given once in a document."""

    def __init__(self, figures: Iterable[Figure], changes: Changes) -> None:
        self.rows: list[Row] = []
        self._changes = changes
        self._values: dict[tuple[int, object], set[float]] = defaultdict(set)  # of a thing in a period
        self._things: dict[tuple[int, float], set[object]] = defaultdict(set)  # with a value
        for one in figures:
            self._values[one.document, (one.thing, one.period)].add(one.value if one.high is None else -1.0)
            self._things[one.document, one.value].add(one.sort)

    def find(self, figure: Figure) -> Iterator[Row]:
        """The rows that a figure may go into, the best first."""
        was = self._changes.get((figure.document, figure.number))
        yield from (row for row in self.rows if was in row.numbers)
        free = [row for row in self.rows if _takes(row, figure)]
        if figure.series and figure.period:
            yield from (row for row in free if _point(row.first) == _point(figure))
        yield from (row for row in free if any(_equal(figure, one) and one.sort == figure.sort for one in row.all))
        yield from (row for row in free if figure.document not in row.cells and self._tells(figure, row))
        yield from (
            row for row in free
            if row.first.thing == figure.thing and _fits(row.first, figure) and _rounded(figure, row.first)
        )  # fmt: skip
        if figure.period and not figure.series and self._single(figure):
            yield from (
                row for row in free
                if (row.first.thing, row.first.period) == (figure.thing, figure.period) and self._single(row.first)
            )  # fmt: skip

    def _single(self, figure: Figure) -> bool:
        """Whether its document gives one exact value for it and no other."""
        return figure.modifier == "exact" and len(self._values[figure.document, (figure.thing, figure.period)]) == 1

    def _tells(self, figure: Figure, row: Row) -> bool:
        """Whether a figure is known again by its value: a telling one, which each document gives of one thing only."""
        if figure.value < SMALL and float(figure.value).is_integer():
            return False
        same = [one for one in row.all if _equal(figure, one)]
        return bool(same) and all(len(self._things[one.document, one.value]) == 1 for one in (figure, *same))


def _takes(row: Row, figure: Figure) -> bool:
    """Whether a row may hold a figure: its document gives nothing there yet, or the same value."""
    held = row.cells.get(figure.document)
    return held is None or (held.value, held.high) == (figure.value, figure.high)


def _point(figure: Figure) -> tuple[str | None, str | None, bool]:
    return figure.series, figure.period, figure.multiple


def _equal(one: Figure, other: Figure) -> bool:
    """Whether two figures have one value, of one sort and possibly of one period."""
    if (one.value, one.high, one.multiple) != (other.value, other.high, other.multiple):
        return False
    return (one.unit == other.unit or {one.unit, other.unit} <= COUNTS) and _fits(one, other)


def _fits(one: Figure, other: Figure) -> bool:
    """Whether two figures can be of one period."""
    return one.period is None or other.period is None or one.period == other.period


def _rounded(one: Figure, other: Figure) -> bool:
    """Whether one value is the other one, rounded to a whole number."""
    if one.high is not None or other.high is not None:
        return False
    whole, exact = sorted((one.value, other.value), key=lambda value: not float(value).is_integer())
    return float(whole).is_integer() and not float(exact).is_integer() and round(exact) == whole and whole >= 1
