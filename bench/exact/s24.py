"""Set 24, OpenAlex: works by themselves and in a page; and authors, topics, sources and other clients' extracts.

A file whose ids in the truth are no ids of works (`W…`) is no answer of the works interface and is to be refused; the
inverted abstracts of such extracts are turned all the same.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.exact.recorded import Row, answer, letters, load_files
from crawlers.lists.apis import ApiError, openalex

_WORK = "https://openalex.org/W"


def rows(folder: Path) -> Iterator[Row]:
    for item, body in load_files(folder):
        where, said = str(item["file"]), json.loads(body)
        index = answer(openalex, body, openalex.BASE)
        held = said.get("results", [said])
        turned = [openalex.parse_abstract(work.get("abstract_inverted_index")) for work in held]
        yield "with_inverted_abstract", item["with_inverted_abstract"], sum(map(bool, turned)), where
        for work, text in zip(held, turned, strict=True):
            yield "abstract", _turn(work.get("abstract_inverted_index")), text, where
        if not all(str(native).startswith(_WORK) for native in item["ids"]):
            yield "refused", True, isinstance(index, ApiError), where
            continue
        if isinstance(index, ApiError):
            yield "works", item["works"], str(index), where
            continue
        yield "works", item["works"], len(index.entries), where
        yield "ids", item["ids"], [f"https://openalex.org/{entry.native}" for entry in index.entries], where
        retracted = [work["id"] for work in held if work.get("is_retracted")]
        yield (
            "retracted",
            retracted,
            [e.extra["notices"][0]["url"] for e in index.entries if "notices" in e.extra],
            where,
        )
        yield "retracted_truth", len(item["retracted"]), len(retracted), where
        if item["meta"]:
            yield "count", item["meta"]["count"], said["meta"]["count"], where
        for work, entry in zip(held, index.entries, strict=False):
            at = f"{where} {work['id']}"
            yield "title", letters(work.get("display_name") or work.get("title")), letters(entry.title), at
            yield (
                "doi",
                [(work.get("doi") or "").removeprefix("https://doi.org/").lower()],
                entry.identifiers.get("doi", [""]),
                at,
            )
            pmid = (work.get("ids") or {}).get("pmid")
            scheme = "pmcid" if pmid and "/PMC" in pmid else "pmid"
            yield scheme, [pmid.rpartition("/")[2]] if pmid else [], entry.identifiers.get(scheme, []), at
            yield "date", work.get("publication_date"), entry.published_raw, at
            source = (work.get("primary_location") or {}).get("source") or {}
            yield "issn_l", source.get("issn_l"), entry.extra.get("issnl"), at
            yield "authors", len(work.get("authorships") or []), len(entry.extra.get("people", [])), at
            mesh = {(m["descriptor_ui"], m["descriptor_name"]) for m in work.get("mesh") or []}
            yield "mesh", mesh, {(m["ui"], m["name"]) for m in entry.extra.get("mesh", [])}, at


def _turn(index: Any) -> str:
    if not index:
        return ""
    size = 1 + max(place for places in index.values() for place in places)
    words = [""] * size
    for word, places in index.items():
        for place in places:
            words[place] = word
    return " ".join(" ".join(words).split())
