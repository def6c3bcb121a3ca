"""Reads a list of works and trials that somebody pastes or uploads. `read_own` decides in this order:

1. a table (CSV, tabs, semicolons) whose head names a column of DOIs, PubMed or trial numbers: a row a work;
2. RIS, BibTeX or a list of identifiers (`publish.references`): a reference a work;
3. any other text: a line a work, for as many identifiers as it has.
Only DOIs, PubMed numbers and trial numbers of ClinicalTrials.gov can be followed. What has none counts as not
understood.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from core.ids import find_ids, normalise
from core.text import headline, one_line
from publish.letters.wanted import MAX_OWNED, OWNED
from publish.references import read_references

MOST_CHARACTERS = 6_000_000
SCHEMES = {"doi": ("DOI", "DOIs"), "pmid": ("PubMed number", "PubMed numbers"), "nct": ("trial", "trials")}
COLUMNS = {
    "doi": "doi", "dois": "doi", "article doi": "doi", "doi link": "doi",
    "pmid": "pmid", "pubmed": "pmid", "pubmed id": "pmid", "pubmed_id": "pmid",
    "nct": "nct", "nct number": "nct", "nct id": "nct", "nct_id": "nct", "nctid": "nct",
}  # fmt: skip

Entry = tuple[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """What was read of a list: `scheme:value` each once, and the names of what was not understood."""

    identifiers: tuple[str, ...]
    unknown: tuple[str, ...]

    @property
    def words(self) -> str:
        """What was read: `12 DOIs, 3 trials`."""
        return count_identifiers(self.identifiers)


def read_own(text: str) -> Own:
    """The works and trials of a list, in its order. What `Own.identifiers` has reads as it is."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if lines and all(_is_identifier(line) for line in lines):
        return Own(identifiers=tuple(dict.fromkeys(lines)), unknown=())
    found: dict[str, None] = {}
    unknown: list[str] = []
    for name, identifiers in _read_table(text) or _read_list(text) or _read_lines(text):
        ours = [one for one in identifiers if one.partition(":")[0] in OWNED]
        found.update(dict.fromkeys(ours))
        if not ours:
            unknown.append(headline(name or "a line without a number", 90))
    return Own(identifiers=tuple(found), unknown=tuple(unknown))


def count_identifiers(identifiers: tuple[str, ...]) -> str:
    """`12 DOIs, 3 trials`."""
    counts = Counter(one.partition(":")[0] for one in identifiers)
    said = [f"{counts[scheme]:,} {words[counts[scheme] != 1]}" for scheme, words in SCHEMES.items() if counts[scheme]]
    return ", ".join(said) or "nothing"


def _is_identifier(line: str) -> bool:
    scheme, _, value = line.partition(":")
    return scheme in OWNED and normalise(scheme, value) == value


def _read_table(text: str) -> list[Entry]:
    """Rows of a table with a column that we know; nothing for what is no such table."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    for delimiter in ("\t", ";", ","):
        head = [cell.strip().strip('"').casefold() for cell in first.split(delimiter)]
        columns = {place: COLUMNS[cell] for place, cell in enumerate(head) if cell in COLUMNS}
        if columns and len(head) > 1:
            return list(_read_rows(text, delimiter, columns))
    return []


def _read_rows(text: str, delimiter: str, columns: dict[int, str]) -> Iterator[Entry]:
    csv.field_size_limit(MOST_CHARACTERS)
    rows = csv.reader(io.StringIO(text.strip().replace("\0", ""), newline=""), delimiter=delimiter)
    next(rows, None)
    for row in rows:
        named = [
            f"{scheme}:{value}"
            for place, scheme in columns.items()
            if place < len(row) and (value := normalise(scheme, row[place]))
        ]
        if any(cell.strip() for cell in row):
            yield one_line(" ".join(row))[:200], tuple(named)


def _read_list(text: str) -> list[Entry]:
    return [(one.name, one.identifiers) for one in read_references(text, MAX_OWNED + 1)]


def _read_lines(text: str) -> Iterator[Entry]:
    for line in text.splitlines():
        if line.strip():
            yield one_line(line[:2000]), tuple(f"{hit.scheme}:{hit.value}" for hit in find_ids(line))


def decoded(body: bytes) -> str:
    """The text of a file: UTF-16 where it says so, else UTF-8."""
    if body[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return body.decode("utf-16", "replace")
    return body.decode("utf-8-sig", "replace")
