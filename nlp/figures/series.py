"""Yearly series of an institution, and the subjects that are worded alike in every language (`series.tsv`).

| column | meaning |
|---|---|
| subject | how the subject is worded in every row |
| cue | regular expression that the sentence must match |
| unit | regular expression that the whole unit or counted noun must match |
| yearly | 1: these figures form a series, one value a year |
| of | regular expression for the name of the institution that publishes the series; empty for any |
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from nlp.classify.page import Page
from nlp.quantities import Quantity

SERIES = Path(__file__).with_name("series.tsv")

_ABOUT_A_BANK = re.compile(
    r"\b(?:stem cells?|banks?|cell lines?|collection|repository|library)\b|줄기세포|은행|세포주", re.I
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesRow:
    """A row of `series.tsv`."""

    subject: str
    cue: re.Pattern[str]
    unit: re.Pattern[str]
    yearly: bool
    institution: re.Pattern[str] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bank:
    """The bank that a page is about; both are None where there is none."""

    name: str | None
    country: str | None  # ISO 3166-1 alpha-2; also known where a bank's own page names no bank


def find_bank(page: Page, names: Mapping[str, str]) -> Bank:
    """The bank that the page mentions most. `names` are the institutions' names by concept."""
    banks = {concept for concept, name in names.items() if re.search(r"\bbank\b", name, re.I)}
    counts = Counter(m.concept for m in page.mentions if m.concept and m.concept in banks)
    if not counts:
        return Bank(name=None, country=page.country if page.source_kind == "stem_cell_bank" else None)
    best = max(counts, key=lambda concept: (counts[concept], concept))
    return Bank(name=names[best], country=page.countries.get(best))


def find_row(context: str, words: str, q: Quantity, bank: Bank) -> SeriesRow | None:
    """The first row that fits the quantity.

    `context` is what the cue may be in: the sentence `words`, or that with its headings. Yearly rows need a bank in
    the page, or a word for one in the sentence.
    """
    if q.unit.startswith("of "):
        return None
    counted = re.sub(r" of .*", "", q.noun) if q.noun and not q.noun.startswith("stem") else q.unit or q.noun
    row = next((row for row in load_rows() if row.cue.search(context) and row.unit.fullmatch(counted)), None)
    if row and row.yearly and not (bank.name or _ABOUT_A_BANK.search(words)):
        return None
    return row


def name_series(row: SeriesRow, bank: Bank) -> str | None:
    """The name of the bank's series; None where the row is not yearly or is of other institutions."""
    if not row.yearly or not bank.name or (row.institution and not row.institution.search(bank.name)):
        return None
    return f"{bank.name}: {row.subject}"


def unify_subject(subject: str) -> str:
    """The wording of the first row without a series whose cue is in `subject`, else `subject` itself."""
    return next((row.subject for row in load_rows() if not row.yearly and row.cue.search(subject)), subject)


@cache
def load_rows() -> tuple[SeriesRow, ...]:
    """The rows of `series.tsv`, in its order."""
    with SERIES.open(encoding="utf-8", newline="") as file:
        return tuple(
            SeriesRow(
                subject=row["subject"],
                cue=re.compile(row["cue"], re.I),
                unit=re.compile(row["unit"], re.I),
                yearly=row["yearly"] == "1",
                institution=re.compile(row["of"], re.I) if row["of"] else None,
            )
            for row in csv.DictReader(file, delimiter="\t")
        )
