"""Set 22, Europe PMC: counts, cursors, names and DOIs of every recorded search; what is no answer is refused."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.exact.recorded import Row, answer, letters, load_files
from core.ids import normalise
from crawlers.lists.apis import ApiError, europepmc, get_parameter, jats
from crawlers.lists.model import ListResult

URL = f"{europepmc.BASE}/search?query=cancer&cursorMark=*"


def rows(folder: Path) -> Iterator[Row]:
    for item, body in load_files(folder):
        where = item["file"]
        if "fulltext" in where or body.startswith(b"version https://git-lfs"):
            yield "refused", True, isinstance(answer(jats, body, "https://jats.example/"), ApiError), where
            continue
        body, *further = _pages(body)
        for number, page in enumerate(further, start=2):
            yield "pages", True, not isinstance(answer(europepmc, page, URL), ApiError), f"{where} page {number}"
        index = answer(europepmc, body, URL)
        if isinstance(index, ApiError):
            yield "results", item.get("results"), str(index), where
            continue
        held = europepmc.parse_answer(body, URL)
        names = list(index.names) or [entry.native for entry in index.entries]
        if item["kind"] == "list":
            yield "results", item["n"], len(names), where
            continue
        yield "count", int(item["hitCount"]), held.count, where
        if item["kind"] == "xml":
            found = re.findall(r"<result><id>(\w+)</id><source>(\w+)</source>", body.decode("utf-8"))
            yield "ids", [f"{source}:{ident}" for ident, source in found], names, where
            continue
        yield "cursor", item["nextCursorMark"], held.cursor, where
        yield "next", item["nextCursorMark"], _next(index), where
        yield "results", item["results"], len(names), where
        yield "ids", item["ids"], names, where
        if index.entries:
            dois = [doi for entry in index.entries for doi in entry.identifiers.get("doi", [])]
            yield "dois", [normalise("doi", doi) for doi in item["dois"]], dois, where
            yield from _fields(json.loads(body)["resultList"]["result"], index, where)


def _pages(body: bytes) -> list[bytes]:
    """Some recordings are lists of answers: the truth speaks of the first."""
    held = json.loads(body) if body.lstrip().startswith(b"[") else []
    return [json.dumps(page).encode() for page in held] if held and "hitCount" in held[0] else [body]


def _next(index: ListResult) -> str | None:
    return get_parameter(index.follow[0], "cursorMark") if index.follow else None


def _fields(results: list[dict[str, Any]], index: ListResult, where: str) -> Iterator[Row]:
    for said, entry in zip(results, index.entries, strict=True):
        at = f"{where} {entry.native}"
        yield "pmid", said.get("pmid"), entry.identifiers.get("pmid", [None])[0], at
        yield "pmcid", said.get("pmcid"), entry.identifiers.get("pmcid", [None])[0], at
        yield "title", letters(said["title"]), letters(entry.title), at
        yield "published", said.get("firstPublicationDate"), entry.published_raw, at
        people = said.get("authorList", {}).get("author", [])
        yield "people", len(people), len(entry.extra.get("people", [])), at
        orcids = [each["authorId"]["value"] for each in people if "authorId" in each]
        yield "orcids", orcids, [each["orcid"] for each in entry.extra.get("people", []) if "orcid" in each], at
        mesh = [each["descriptorName"] for each in said.get("meshHeadingList", {}).get("meshHeading", [])]
        yield "mesh", mesh, [each["name"] for each in entry.extra.get("mesh", [])], at
        grants = said.get("grantsList", {}).get("grant", [])
        yield "grants", len(grants), len(entry.extra.get("grants", [])), at
