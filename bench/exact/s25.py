"""Set 25, arXiv's search and OAI-PMH: numbers of entries and records, resumption tokens, errors by name.

An entry of arXiv's that is its way to report an error (its id is under /api/errors) is to be refused, though the
truth counts it as an entry; so is a page without entries where more are to come. An OAI error is expected by name in
the ApiError; noRecordsMatch is the protocol's word for "nothing new", and is expected to be an answer without records.
"""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

from bench.exact.recorded import Row, answer, letters, load_files
from core.text import one_line
from crawlers.lists.apis import ApiError, arxiv, oai_pmh
from crawlers.lists.model import ListResult

OAI = "https://repository.example/oai?verb=ListRecords&metadataPrefix=oai_dc"
NOTHING = "noRecordsMatch"
ATOM = "{http://www.w3.org/2005/Atom}"


def rows(folder: Path) -> Iterator[Row]:
    for item, body in load_files(folder):
        where = str(item["file"])
        if where.endswith((".json", ".json.gz")):
            recorded = json.loads(body)
            yield from _arxiv(item, recorded["body"], recorded["url"], where)
        else:
            yield from _oai(item, body, where)


def _arxiv(item: dict[str, object], said: str, url: str, where: str) -> Iterator[Row]:
    index = answer(arxiv, said.encode(), url)
    found = re.search(r"totalResults[^>]*>(\d+)<", said)
    first = re.search(r"startIndex[^>]*>(\d+)<", said)
    missing = bool(not item["entries"] and found and first and int(found[1]) > int(first[1]))
    if "arxiv.org/api/errors" in said or missing:
        yield "refused", True, isinstance(index, ApiError), where
        return
    if isinstance(index, ApiError):
        yield "entries", item["entries"], str(index), where
        return
    yield "entries", item["entries"], len(index.entries), where
    root = ET.fromstring(said)
    for node, entry in zip(root.iter(f"{ATOM}entry"), index.entries, strict=False):
        number = (node.findtext(f"{ATOM}id") or "").rpartition("/abs/")[2]
        yield "id", re.sub(r"v\d+$", "", number), entry.native, where
        yield "title", letters(node.findtext(f"{ATOM}title")), letters(entry.title), where
        yield "summary", letters(node.findtext(f"{ATOM}summary")), letters(entry.summary), where
        yield "published", node.findtext(f"{ATOM}published"), entry.published, where
        names = [one_line(each.findtext(f"{ATOM}name") or "") for each in node.iter(f"{ATOM}author")]
        yield "authors", list(dict.fromkeys(names)), list(entry.authors), where
    more = bool(found and first and int(first[1]) + len(index.entries) < int(found[1]))
    yield "paging", more, bool(index.follow), where


def _oai(item: dict[str, object], body: bytes, where: str) -> Iterator[Row]:
    index = answer(oai_pmh, body, OAI)
    if item["oai_error"]:
        said = str(index) if isinstance(index, ApiError) else "" if index.entries or index.follow else NOTHING
        yield "oai_error", True, str(item["oai_error"]) in said, where
        return
    if not item["oai_records"] and not re.search(rb"<ListIdentifiers>", body):
        yield "refused", True, isinstance(index, ApiError), where
        return
    if isinstance(index, ApiError):
        yield "oai_records", item["oai_records"], str(index), where
        return
    yield "oai_records", item["oai_records"], len(index.entries), where
    yield "resumption", item["resumption"], any("resumptionToken=" in url for url in index.follow), where
    yield from _records(body, index, where)


def _records(body: bytes, index: ListResult, where: str) -> Iterator[Row]:
    root = ET.fromstring(body)
    records = [node for node in root.iter() if node.tag.endswith("}record")]
    for node, entry in zip(records, index.entries, strict=False):
        titles = ["".join(each.itertext()) for each in node.iter() if each.tag.endswith("}title")]
        yield "title", letters(titles[0]) if titles else "", letters(entry.title), where
        head = next(each for each in node.iter() if each.tag.endswith("}header"))
        yield "deleted", head.get("status") == "deleted", bool(entry.extra.get("deleted")), where
        dois = [each.text or "" for each in node.iter() if each.tag.endswith("}doi")]
        yield "doi", dois[0].split()[0].lower().rstrip(",;.") if dois else None, entry.extra.get("published_as"), where
