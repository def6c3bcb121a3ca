"""Retraction Watch's database as Crossref publishes it: one CSV, each row a notice about a paper.

The query of a source is the file's address. There is no window: the whole file is read, and the night compares it with
what we hold. A row becomes an entry without a document: `extra["notice_only"]` is true, and `extra["notices"]` holds
the notice once for each identifier that the row gives for the paper (DOI, PubMed number), so that either finds it. A
row without identifiers is kept too, with `extra["about_title"]` and no notice; their number is one problem.

Two forms are read: the file as published (`Record ID`, lists separated by semicolons) and copies made with NumPy
(lower-case names, `['a' 'b']`). Days are month/day/year; 1900 and days that do not exist are left out. Natures:
Retraction, Expression of concern, Correction, Reinstatement; any other is a problem and left out. Reasons lose their
`+`.
"""

from __future__ import annotations

import re
from collections import Counter
from datetime import date
from typing import Any

from core.ids import normalise
from core.text import fingerprint, one_line
from crawlers.lists.apis import ApiError
from crawlers.lists.apis.answers import drop_empty, drop_repeats, parse_partial_day, read_each
from crawlers.lists.apis.csv_rows import drop_placeholder, first_filled, parse_rows, split_cell
from crawlers.lists.model import ListEntry, ListResult

BASE = "https://gitlab.com/crossref/retraction-watch-data/-/raw/main/retraction_watch.csv"
NATURES = {
    "retraction": "retraction", "withdrawal": "withdrawal", "removal": "withdrawal",
    "expression of concern": "concern", "correction": "correction", "corrigendum": "correction",
    "erratum": "correction", "reinstatement": "reinstatement",
}  # fmt: skip
_WANTED = frozenset({"originalpaperdoi", "originalpaperpubmedid"})
_DAY = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(?:\s.*)?")


def requests(query: str, since: date, most: int) -> list[str]:
    """The file itself; an empty query means the one that Crossref publishes."""
    address = query.strip() or BASE
    if not address.startswith(("http://", "https://")):
        raise ApiError(f"no address of a file: {query!r}")
    return [address]


def stable(url: str) -> str:
    return url


def parse(body: bytes, *, url: str, fetched: str) -> ListResult:
    """Raises ApiError."""
    rows: list[dict[str, str]] = []
    broken: list[str] = []
    for _, row, wrong in parse_rows(body, url, _WANTED):
        if row is None:
            broken.append(wrong)
        else:
            rows.append(row)
    if not rows:
        raise ApiError(f"a table without rows; {broken[0]}" if broken else "a table without rows", where=url)
    met: Counter[str] = Counter()

    entries, problems = read_each(rows, lambda row: _entry(row, met), url)
    if nameless := [entry.native for entry in entries if not entry.extra.get("notices")]:
        some = ", ".join(nameless[:5]) + (" …" if len(nameless) > 5 else "")
        broken.append(f"{len(nameless)} of {len(entries)} rows without an identifier of the paper: {some}")
    return ListResult(entries=entries, problems=(*broken, *problems))


def find_day(raw: str) -> str | None:
    """`6/16/2011 0:00` (month first) or `2011-06-16` as `2011-06-16`; None for 1900 and for anything else."""
    found = _DAY.fullmatch(one_line(raw))
    day = parse_partial_day(f"{found[3]}-{found[1]}-{found[2]}" if found else raw)
    return day if day and len(day) == 10 else None


def _entry(row: dict[str, str], met: Counter[str]) -> ListEntry:
    kind = first_filled(row, "retractionnature", "nature")
    nature = NATURES.get(kind.lower())
    if nature is None:
        raise ApiError(f"a nature that is not known: {kind[:60]!r}, {first_filled(row, 'originalpaperdoi')}")
    doi = normalise("doi", drop_placeholder(row.get("originalpaperdoi", "")))
    pmid = normalise("pmid", drop_placeholder(row.get("originalpaperpubmedid", "")))
    own_doi = normalise("doi", drop_placeholder(row.get("retractiondoi", "")))
    own_pmid = normalise("pmid", drop_placeholder(row.get("retractionpubmedid", "")))
    raw = first_filled(row, "retractiondate")
    day, reasons = find_day(raw), [one_line(each.lstrip("+")) for each in split_cell(row.get("reason", ""))]
    links = [link for link in split_cell(row.get("urls", "")) if link.startswith(("http://", "https://"))]
    url = f"https://doi.org/{own_doi}" if own_doi else links[0] if links else None
    about = [f"{scheme}:{value}" for scheme, value in (("doi", doi), ("pmid", pmid)) if value]
    notice = f"doi:{own_doi}" if own_doi else f"pmid:{own_pmid}" if own_pmid else None
    title = first_filled(row, "title")
    authors = split_cell(row.get("author", ""))
    extra: dict[str, Any] = {
        "notice_only": True,
        "notices": [{"nature": nature, "about": each, "notice": notice, "day": day, "reasons": reasons, "url": url}
                    for each in about],
        "about_title": title,
        "journal": drop_placeholder(first_filled(row, "journal", "container")),
        "publisher": drop_placeholder(first_filled(row, "publisher")),
        "types": split_cell(row.get("articletype", "")),
        "keywords": split_cell(row.get("subject", "")),
        "affiliations": split_cell(row.get("institution", "")),
        "countries": split_cell(row.get("country", "") or row.get("rorcountries", "")),
        "people": [{"name": name, "affiliations": []} for name in authors],
        "grants": [{"agency": name} for name in split_cell(row.get("funder", ""))],
        "links": links,
        "notes": drop_placeholder(row.get("notes", "")),
        "dates": drop_empty({"paper": find_day(row.get("originalpaperdate", "")), "notice": day}),
    }  # fmt: skip
    return ListEntry(
        native=_native(row, met),
        url=url,
        title=f"{kind}: {title}" if title else f"{kind} of {about[0] if about else 'a paper without identifier'}",
        published=day,
        published_raw=raw or None,
        authors=tuple(drop_repeats(authors)),
        lang="en",
        extra=drop_empty(extra),
    )


def _native(row: dict[str, str], met: Counter[str]) -> str:
    """The record's number; in copies without one, a fingerprint of stable cells, counted where it recurs."""
    number = first_filled(row, "recordid")
    if not number:
        number = fingerprint(*(one_line(row.get(name, "")) for name in
                          ("originalpaperdoi", "originalpaperpubmedid", "retractiondoi", "retractionnature",
                           "retractiondate", "originalpaperdate")))  # fmt: skip
    met[number] += 1
    return number if met[number] == 1 else f"{number}-{met[number]}"
