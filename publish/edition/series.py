"""Series of an edition: figures of one thing over time, and who agrees with whom.

Out of the table `figure`, whose column `series` says what a figure is a point of ("institution: subject"). In order:

1. Only figures with a period are points. Multiples ("1.8 times as many") are not, nor are figures in another unit than
   most of the series; a bare count and one in a counting word ("66 cases") are of the same unit.
2. The value of a period is the exact one that most documents give; of several, the one that a bank itself gives, then
   the one of the oldest document.
3. Every other figure of that period is compared with it (`compare`): the same; near it, where the document rounds or
   gives a limit or a range; another. A document that gives the value of most and another one for the same period may
   speak of two things: it does not differ.
4. A series has at least two periods.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import mean
from typing import Literal

from core.text import fingerprint

JUMP = 1.5  # times the mean of the periods before
ROUNDED = 0.1  # share of the value by which a rounded one may differ from it
COUNTING = frozenset({"", "cases"})  # units of a bare count
FIGURES = """
SELECT f.series, f.period, f.value, f.high, f.unit, f.modifier, f.document, f.number, s.kind = 'stem_cell_bank' AS own
FROM figure f JOIN document d ON d.id = f.document JOIN source s ON s.id = d.source
WHERE f.series IS NOT NULL AND f.period IS NOT NULL AND f.modifier <> 'multiple'
ORDER BY f.series, f.document, f.number"""

_WITH_ARTICLE = re.compile(r"\b(?:bank|registry|foundation|cent(?:er|re)|institute|programme?|repository)$", re.I)

Says = Literal["same", "near", "another", "also"]


@dataclass(frozen=True, slots=True)
class Given:
    """A figure of a series, as a document gives it: a row of FIGURES without its series."""

    period: str
    value: float
    high: float | None
    unit: str
    modifier: str
    document: int
    number: int
    own: int  # 1: by a stem cell bank itself


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A figure compared with the value of its period."""

    given: Given
    says: Says


def fill_series(edition: sqlite3.Connection) -> None:
    """Fill `series` and `series_source`. Inside the transaction of `fill`, after the figures."""
    entities = dict(edition.execute("SELECT name, id FROM entity WHERE type = 'institution' ORDER BY documents, id"))
    by_series: dict[str, list[Given]] = defaultdict(list)
    for name, *given in edition.execute(FIGURES):
        by_series[name].append(Given(*given))
    for name, figures in by_series.items():
        unit = find_unit(figures)
        figures = [one for one in figures if normalise_unit(one.unit) == unit]
        values = find_values(figures)
        if len(values) >= 2:
            _save(edition, name, unit, entities.get(name.rpartition(": ")[0]), values, figures)


def _save(
    edition: sqlite3.Connection, name: str, unit: str, entity: int | None, values: dict[str, float],
    figures: Sequence[Given],
) -> None:  # fmt: skip
    key, before = fingerprint(name)[1:13], list[float]()
    for period, value in sorted(values.items()):
        judged = compare(value, [one for one in figures if one.period == period])
        exact = [one for one in judged if one.given.modifier == "exact"]
        usual = mean(before) if len(before) >= 2 else 0.0
        before.append(value)
        edition.execute(
            "INSERT INTO series VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (key, name, make_title(name, values), unit, unit or name.rpartition(": ")[2], entity, period, value,
             json.dumps(sorted({one.given.value for one in exact if one.says == "another"})),
             count_documents(exact), count_documents(one for one in judged if one.says == "same"),
             count_documents(one for one in judged if one.says == "another"),
             round(value / usual, 2) if usual and value >= JUMP * usual else None),
        )  # fmt: skip
        edition.executemany(
            "INSERT INTO series_source VALUES (?, ?, ?, ?, ?)",
            [(key, period, one.given.document, one.given.number, one.says) for one in judged],
        )


def count_documents(judged: Iterable[Judged]) -> int:
    """How many documents give one of these figures."""
    return len({one.given.document for one in judged})


def normalise_unit(unit: str) -> str:
    """The unit, empty for a bare count."""
    return "" if unit in COUNTING else unit


def find_unit(figures: Sequence[Given]) -> str:
    """The unit of most figures."""
    return Counter(normalise_unit(one.unit) for one in figures).most_common(1)[0][0]


def find_values(figures: Sequence[Given]) -> dict[str, float]:
    """The value of each period that has an exact one: of most documents, then of a bank itself, then of the first."""
    given: dict[str, dict[float, set[int]]] = defaultdict(lambda: defaultdict(set))
    own = {(one.period, one.value) for one in figures if one.own}
    for one in figures:
        if one.modifier == "exact" and one.high is None:
            given[one.period][one.value].add(one.document)
    return {
        period: max(values, key=lambda value: (len(values[value]), (period, value) in own))
        for period, values in given.items()
    }


def compare(value: float, figures: Sequence[Given]) -> list[Judged]:
    """Figures of one period, each compared with its value."""
    found = [Judged(given=one, says=compare_one(value, one.modifier, one.value, one.high)) for one in figures]
    agreeing = {one.given.document for one in found if one.says == "same"}
    return [
        Judged(given=one.given, says="also") if one.says == "another" and one.given.document in agreeing else one
        for one in found
    ]


def compare_one(value: float, modifier: str, given: float, high: float | None) -> Says:
    """What a figure says of the value of its period: the same, near it, or another."""
    low, high = given, given if high is None else high
    if modifier == "exact" and low == high:
        return "same" if low == value else "another"
    if modifier == "at least":
        fits = value >= low
    elif modifier == "at most":
        fits = value <= high
    else:
        room = ROUNDED * abs(value) if modifier == "approximate" else 0.0
        fits = low - room <= value <= high + room
    return "near" if fits else "another"


def make_title(name: str, periods: Iterable[str]) -> str:
    """`Hanguk Cell Bank: stem cell distributions` as `Stem cell distributions of the Hanguk Cell Bank, by year`."""
    institution, _, subject = name.rpartition(": ")
    steps = {len(period) for period in periods}
    by = {4: ", by year", 7: ", by month", 10: ", by day"}.get(steps.pop(), "") if len(steps) == 1 else ""
    article = "the " if _WITH_ARTICLE.search(institution) and not institution.lower().startswith("the ") else ""
    of = f" of {article}{institution}" if institution else ""
    return f"{subject[:1].upper()}{subject[1:]}{of}{by}"
