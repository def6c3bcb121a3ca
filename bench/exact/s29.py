"""Set 29, JATS full text: identifiers, title, contributors, references, sections, licence; and hand-checked records.

The hand-checked records were made for astronomy's index: their references are in the file's own XML (only their
number counts), titles and abstracts keep some markup (compared by their letters), an author's name is given apart.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.parsers import expat

from bench.exact.recorded import Row, answer, letters, load_body, load_files
from crawlers.lists.apis import ApiError, jats
from crawlers.lists.model import ListEntry

BROKEN = frozenset({"jats_iucr_d-75-00616.xml.gz"})  # wrapped by a terminal: its namespaces are cut in two


def rows(folder: Path) -> Iterator[Row]:
    for item, body in load_files(folder):
        where = item["file"]
        index = answer(jats, body, f"https://jats.example/{where}")
        if isinstance(index, ApiError):
            yield "refused", Path(where).name in BROKEN or not _is_well_formed(body), True, f"{where}: {index}"
            continue
        (entry,) = index.entries
        if "expected_json" in item:
            yield from _checked(json.loads(load_body(folder / item["expected_json"])), entry, where)
        else:
            yield from _mechanical(item, entry, where)


def _is_well_formed(body: bytes) -> bool:
    """By another parser than ours."""
    try:
        expat.ParserCreate().Parse(body, True)
    except expat.ExpatError:
        return False
    return True


def _mechanical(item: dict[str, Any], entry: ListEntry, where: str) -> Iterator[Row]:
    extra = entry.extra
    yield "doi", (item["doi"] or "").lower() or None, entry.identifiers.get("doi", [None])[0], where
    yield "pmid", item["pmid"], entry.identifiers.get("pmid", [None])[0], where
    yield "title", " ".join((item["title"] or "").split()), entry.title, where
    yield "article_type", [item["article_type"]], extra.get("types"), where
    yield "contributors", item["n_contrib"], extra.get("contributors", 0), where
    yield "references", item["n_refs"], len(extra.get("references", [])), where
    yield "sections", item["n_sec"], len(extra.get("sections", [])), where
    if linked := [link for link in item["license"] if link]:
        yield "licence", linked[0], extra.get("licence"), where


def _checked(said: dict[str, Any], entry: ListEntry, where: str) -> Iterator[Row]:
    extra = entry.extra
    dois = [each["DOI"].lower() for each in said["persistentIDs"] if "DOI" in each]
    yield "doi", dois, entry.identifiers.get("doi", []), where
    yield "title", letters(_plain(said["title"]["textEnglish"])), letters(entry.title), where
    people = said.get("authors", [])
    names = [_name(each["name"]) for each in people]
    yield "authors", names, [person["name"] for person in extra.get("people", [])], where
    orcids = [each.get("attrib", {}).get("orcid") for each in people]
    yield "orcid", orcids, [person.get("orcid") for person in extra.get("people", [])], where
    if "references" in said:
        yield "references", len(said["references"]), len(extra.get("references", [])), where
    journal = said["publication"]
    for name, field in (("volumeNum", "volume"), ("issueNum", "issue"), ("pubName", "journal")):
        if name in journal:
            yield field, letters(journal[name]), letters(str(extra.get(field, ""))), where
    yield "issn", [each["issnString"] for each in journal.get("ISSN", [])], extra.get("issn", []), where
    if "abstract" in said:
        yield "abstract", letters(_plain(said["abstract"]["textEnglish"])), letters(entry.summary), where
    if url := said.get("openAccess", {}).get("licenseURL"):
        yield "licence", _address(url), _address(extra.get("licence", "")), where
    day = said["pubDate"].get("electrDate", "")
    if len(day) == 10 and not day.endswith("-00"):
        dates = extra.get("dates", {})  # what has no type of its own is called published here
        yield "electronic", day, dates.get("electronic") or dates.get("published"), where


def _address(url: str) -> str:
    return url.partition("://")[2].rstrip("/")


def _plain(text: str) -> str:
    return re.sub(r"</?[A-Za-z][^<>]*>", "", text)


def _name(name: dict[str, str]) -> str:
    return name.get("collab") or " ".join(part for part in (name.get("given_name"), name.get("surname")) if part)
