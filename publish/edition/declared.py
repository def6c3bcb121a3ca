"""Fills `declared` and `contact`: what records say of money, interests and free texts, and press desks of releases.

`declared`, of papers and preprints, from the fields of their records (who pays for a trial is in `trial`):
1. funders, each once with the numbers of its grants;
2. the authors' statement of interests and their statement on funding, as the record has it, shortened to CLOSED
   characters (QUOTE where the source's texts may not be shown);
3. where the whole text is free: PubMed Central, Europe PMC where it says open access, a preprint server, and the DOI
   under a licence of Creative Commons.
A record without such a field gives no row: pages say "not declared in the record".

`contact`, of releases: see `contacts.py`.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from typing import TypedDict

from core.records import Json
from core.store import Store
from core.text import headline, one_line
from publish.edition.contacts import find_contacts
from publish.edition.rights import QUOTE, http

CHUNK = 500
CLOSED = 600  # characters of a statement
FUNDERS, NUMBERS = 20, 4  # funders of a record, grants of a funder
RECORDS = """
SELECT id, kind, url, licence, identifiers, json_object(
    'grants', json_extract(extra, '$.grants'), 'interests', json_extract(extra, '$.interests'),
    'funding', json_extract(extra, '$.funding'), 'licence', json_extract(extra, '$.licence'),
    'open_access', json_extract(extra, '$.open_access')) AS extra
FROM document WHERE kind IN ('paper', 'preprint') AND id IN (SELECT value FROM json_each(?))"""
RELEASES = """
SELECT id, text FROM document WHERE kind = 'release' AND id IN (SELECT value FROM json_each(?))"""
_LICENCE = re.compile(r"creativecommons\.org/(?:licenses/(?P<kind>[a-z-]+)/(?P<number>\d\.\d)|publicdomain)", re.I)
_SHORT = re.compile(r"^cc[ -]?(?P<kind>by(?:[ -](?:nc|nd|sa))*|0)\b", re.I)


class RecordRow(TypedDict):
    """What is read of a record."""

    id: str
    kind: str
    url: str
    licence: str
    identifiers: str  # JSON
    extra: str  # JSON


class ReleaseRow(TypedDict):
    """A release and its whole text."""

    id: str
    text: str


Row = tuple[str, str, str, str | None]  # what, value, number, address


def fill_declared(edition: sqlite3.Connection, work: Store, numbers: dict[str, int]) -> None:
    """Fill both tables. `numbers` of the documents by id."""
    idents = list(numbers)
    for some in (json.dumps(idents[at : at + CHUNK]) for at in range(0, len(idents), CHUNK)):
        for record in work.select(RecordRow, RECORDS, (some,)):
            for place, row in enumerate(find_declared(record), 1):
                edition.execute("INSERT INTO declared VALUES (?, ?, ?, ?, ?, ?)", (numbers[record["id"]], place, *row))
        for release in work.select(ReleaseRow, RELEASES, (some,)):
            for place, contact in enumerate(find_contacts(release["text"]), 1):
                edition.execute(
                    "INSERT INTO contact VALUES (?, ?, ?, ?)",
                    (numbers[release["id"]], place, contact.kind, contact.value),
                )


def find_declared(record: RecordRow) -> Iterator[Row]:
    """What one record declares."""
    extra: Json = json.loads(record["extra"])
    yield from ((*funder, None) for funder in _find_funders(extra.get("grants")))
    most = QUOTE if record["licence"] == "headline-and-link" else CLOSED
    for what in ("funding", "interests"):
        if isinstance(said := extra.get(what), str) and said.strip():
            yield what, headline(one_line(said), most), "", None
    yield from _find_free(record, extra)


def _find_funders(grants: object) -> Iterator[tuple[str, str, str]]:
    """Each funder once, with the numbers of its grants; a grant whose funder is not named by its number."""
    found: dict[str, list[str]] = {}
    for grant in grants if isinstance(grants, list) else ():
        if isinstance(grant, dict):
            name, number = one_line(str(grant.get("agency") or "")), one_line(str(grant.get("id") or ""))
            if name or number:
                found.setdefault(name or f"grant {number}", []).extend([number] if name and number else [])
    for name, given in list(found.items())[:FUNDERS]:
        shown = list(dict.fromkeys(given))
        more = f" and {len(shown) - NUMBERS} more" if len(shown) > NUMBERS else ""
        yield "funder", name, f"{', '.join(shown[:NUMBERS])}{more}"


def _find_free(record: RecordRow, extra: Json) -> Iterator[Row]:
    """Where the whole text can be read for nothing."""
    identifiers: Json = json.loads(record["identifiers"])
    pmcid = next(iter(identifiers.get("pmcid", ())), None)
    doi = next(iter(identifiers.get("doi", ())), None)
    if pmcid:
        yield "full text", "PubMed Central", "", f"https://pmc.ncbi.nlm.nih.gov/articles/{pmcid}/"
    url = http(record["url"])
    if extra.get("open_access") and url and url.startswith("https://europepmc.org/"):
        yield "full text", "Europe PMC", "", url
    if record["kind"] == "preprint" and url:
        yield "full text", "the preprint server", "", url
    if (name := name_licence(str(extra.get("licence") or ""))) and doi and record["kind"] == "paper":
        yield "full text", f"its publisher, under {name}", "", f"https://doi.org/{doi}"


def name_licence(said: str) -> str:
    """The name of a Creative Commons licence by its address or its short name; an empty text for any other.

    >>> name_licence("https://creativecommons.org/licenses/by-nc/4.0/"), name_licence("cc by"), name_licence("Elsevier")
    ('CC BY-NC 4.0', 'CC BY', '')
    """
    if found := _LICENCE.search(said):
        return f"CC {found['kind'].upper()} {found['number']}" if found["kind"] else "CC0"
    if found := _SHORT.match(said.strip()):
        return "CC0" if found["kind"] == "0" else f"CC {found['kind'].upper().replace(' ', '-')}"
    return ""
