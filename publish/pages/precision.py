"""How often labels are right, for the page About: read from `precision.toml`, which `bench/label_precision.py` writes.

A label has a row whether it was measured or not: what nobody judged is said to be not measured. Of fewer than FEW
judged labels no share is given, only the counts.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from core.facets import facets

FILE = Path(__file__).with_name("precision.toml")
FEW = 10
SETS = ("real_night.rest", "real_night", "held")  # the columns of the page
HELD = {"gold2.held": "held", "30.held": "held"}  # sets that are held aside elsewhere
OTHERS = {
    "edits.planted": "of edits that we planted are rightly said to be silent or not",
    "edits.real": "of real edits of a preprint server are said to be of the right kind",
}
JUDGED = {
    "real_night.rest": "of those that two readers judged, in texts set aside, are right",
    "real_night": "of those that two readers judged, in recorded texts, are right",
    "gold2.held": "of those that two readers judged, in a second set of texts, are right",
    "30.held": "of pairs of a release and its paper that others annotated are rightly compared",
}
WARNINGS = {
    "headline leaves out animals": "Warning: headline does not say that it is in animals",
    "says more than its paper": "Warning: says more than its paper",
}
MORE = {"chip": "What a text is about", "paper": "Paper that it rests on", "trial": "Trial that it is about"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Counts of a label in one set; `found` of `due`: texts that show something right, of those that should."""

    facet: str
    set: str
    judged: int
    right: int
    arguable: int
    due: int
    found: int

    @property
    def said(self) -> str:
        """`89 % (16 of 18)`, or only the counts where they are few."""
        return say(self.right, self.judged)

    @property
    def sentence(self) -> str:
        """The measure in words."""
        return f"{self.said} {(JUDGED | OTHERS)[self.set]}"

    @property
    def shows(self) -> str:
        return say(self.found, self.due) if self.due else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A label with its measures, in the order of SETS; None where it was not measured."""

    heading: str
    measured: tuple[Measured | None, ...]

    @property
    def any(self) -> bool:
        return any(self.measured)


@dataclass(frozen=True, slots=True, kw_only=True)
class Precision:
    """The whole file."""

    day: str
    texts: int  # of real_night that were judged
    languages: tuple[str, ...]  # that they are in
    measures: tuple[Measured, ...]

    def of(self, name: str) -> Measured | None:
        """The measure of a label to name next to it: of texts set aside where enough were judged, else of all."""
        found = {HELD.get(one.set, one.set): one for one in self.measures if one.facet == name}
        enough = [found[one] for one in (*SETS, *OTHERS) if one in found and found[one].judged >= FEW]
        return enough[0] if enough else found.get("real_night") or next(iter(found.values()), None)

    @property
    def others(self) -> list[tuple[str, str]]:
        """What is measured in another way: (share, of what)."""
        return [(one.said, OTHERS[one.set]) for one in self.measures if one.set in OTHERS]

    @property
    def rows(self) -> list[Row]:
        """A row for each label that pages show, in their order, then things, papers and trials."""
        return list(self._rows())

    def _rows(self) -> Iterator[Row]:
        by_key = {(one.facet, HELD.get(one.set, one.set)): one for one in self.measures}
        headings = {facet.name: facet.heading for facet in facets().shown_in("document", "label")} | MORE | WARNINGS
        for name, heading in headings.items():
            yield Row(heading=heading, measured=tuple(by_key.get((name, one)) for one in SETS))


def say(part: int, whole: int) -> str:
    """A share with its counts."""
    counts = f"{part} of {whole}"
    return f"{100 * part / whole:.0f} % ({counts})" if whole >= FEW else counts


@cache
def load_precision() -> Precision:
    """The file, as it is shipped."""
    found = tomllib.loads(FILE.read_text("utf-8"))
    return Precision(
        day=found["day"], texts=found["texts"], languages=tuple(found["languages"]),
        measures=tuple(Measured(**row) for row in found["measure"]),
    )  # fmt: skip
