"""Set 23, Crossref: cassettes of three clients, single answers, and things that are no answer of the REST interface.

Every recorded request is asked of the parser: works must come out one by one (DOI, title, authors, ISSN, funders,
dates, notices), everything else must be refused. `has_update_to` and `has_abstract_jats` of the truth were found by
searching the raw files, and so are claims only where they say yes: the bodies of many cassettes are compressed.
"""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]

from bench.exact.recorded import Row, answer, letters, load_files
from crawlers.lists.apis import ApiError, crossref
from crawlers.lists.model import ListResult

KEPT = 6  # requests of a cassette that the truth lists


def rows(folder: Path) -> Iterator[Row]:
    for item, body in load_files(folder):
        where = str(item["file"])
        if where.endswith((".yaml", ".yaml.gz", ".yml", ".yml.gz")) and not where.endswith(("_expected.yml",)):
            yield from _cassette(item, body, where)
        elif where.endswith((".json", ".json.gz")):
            expected = folder / (where.removesuffix(".gz").removesuffix(".json") + "_expected.yml")
            yield from _single(body, where, yaml.safe_load(expected.read_text("utf-8")) if expected.is_file() else None)
        elif where.endswith((".xml", ".xml.gz")):
            yield "refused", True, isinstance(answer(crossref, body, crossref.BASE), ApiError), where


def _cassette(item: dict[str, Any], body: bytes, where: str) -> Iterator[Row]:
    held = yaml.load(body, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    recorded = held.get("interactions") or held.get("http_interactions") or []
    statuses, paces, updates, abstracts, works = [], [], False, False, False
    for one in recorded:
        response = one["response"]
        status = response["status"]
        statuses.append(str(status.get("code") or status.get("status_code")))
        headers = {name: value[0] if isinstance(value, list) else str(value)
                   for name, value in response["headers"].items()}  # fmt: skip
        paces.append(crossref.find_pace(headers))
        said, url = _body(response["body"]), str(one["request"]["uri"])
        index = answer(crossref, said, url)
        yield from _answered(said, index, url, statuses[-1], where)
        if isinstance(index, ListResult):
            works = works or bool(index.entries)
            updates = updates or any(entry.extra.get("notices") for entry in index.entries)
            abstracts = abstracts or any(entry.summary for entry in index.entries)
    yield "uris", item["uris"], [str(one["request"]["uri"]) for one in recorded][:KEPT], where
    yield "status", item["status"], statuses[:KEPT], where
    yield "rate_limit_headers", item["rate_limit_headers"], any(pace is not None for pace in paces), where
    if item["has_update_to"]:
        yield "has_update_to", True, updates, where
    if item["has_abstract_jats"] and works:  # of a cassette without works, the abstract is in another form than JSON
        yield "has_abstract_jats", True, abstracts, where


def _body(held: Any) -> bytes:
    if not isinstance(held, dict):
        return b""
    said = base64.b64decode(held["base64_string"]) if "base64_string" in held else held.get("string") or b""
    said = said.encode() if isinstance(said, str) else bytes(said)
    return gzip.decompress(said) if said[:2] == b"\x1f\x8b" else said


def _answered(body: bytes, index: ListResult | ApiError, url: str, status: str, where: str) -> Iterator[Row]:
    place = f"{where} {url[:90]}"
    said: Any = None
    with suppress(ValueError):
        said = json.loads(body)
    works = _works(said)
    if said is None or works is None or status != "200":
        yield "refused", True, isinstance(index, ApiError), place
        return
    if isinstance(index, ApiError):
        yield "works", len(works), str(index), place
        return
    yield "works", len(works), len(index.entries), place
    yield from _fields(works, index, place)
    after = said["message"].get("next-cursor")
    if after and "cursor=" in url:
        full = len(works) >= int(
            dict(part.partition("=")[::2] for part in url.partition("?")[2].split("&")).get("rows", 20)
        )
        more = full and said["message"]["total-results"] > len(works)
        yield "next", more, any("cursor=" in address for address in index.follow), place


def _works(said: Any) -> list[dict[str, Any]] | None:
    if not isinstance(said, dict) or said.get("status") != "ok":
        return None
    message = said.get("message")
    if said.get("message-type") == "work-list":
        items = message.get("items") if isinstance(message, dict) else None
        named = [work for work in items or [] if work.get("DOI")]  # a work without is refused by itself
        return None if items and not named else named
    if said.get("message-type", "work") == "work" and isinstance(message, dict) and message.get("DOI"):
        return [message]
    return None


def _fields(works: list[dict[str, Any]], index: ListResult, where: str) -> Iterator[Row]:
    for work, entry in zip(works, index.entries, strict=False):
        extra, at = entry.extra, f"{where} {work['DOI']}"
        title = next((said for name in ("title", "original-title") for said in work.get(name, [])[:1] if said), "")
        subtitle = letters(" ".join(work.get("subtitle", [])[:1]))
        whole = letters(title) if subtitle in letters(title) else letters(title) + subtitle
        yield "doi", [work["DOI"].lower()], entry.identifiers["doi"], at
        yield "title", whole, letters(entry.title), at
        people = [
            each for each in work.get("author", []) if each.get("family") or each.get("given") or each.get("name")
        ]
        yield "authors", len(people), len(extra.get("people", [])), at
        orcids = [each["ORCID"][-19:].upper() for each in people if each.get("ORCID")]
        yield "orcid", orcids, [each["orcid"] for each in extra.get("people", []) if each.get("orcid")], at
        yield "issn", list(dict.fromkeys(work.get("ISSN", []))), extra.get("issn", []), at
        yield "journal", letters(" ".join(work.get("container-title", [])[:1])), letters(extra.get("journal")), at
        funders = [" ".join(each["name"].split()) for each in work.get("funder", []) if each.get("name")]
        got = [each["agency"] for each in extra.get("grants", []) if each.get("agency")]
        yield "funders", sorted(set(funders)), sorted(set(got)), at
        yield "type", work.get("type"), (extra.get("types") or [None])[0], at
        parts = (work.get("issued", {}).get("date-parts") or [[]])[0]
        issued = "-".join(f"{part:02}" for part in parts if part) or None
        yield "issued", issued, extra.get("dates", {}).get("issued"), at
        yield "abstract", bool(letters(work.get("abstract"))), bool(entry.summary), at
        changed = [each["DOI"].lower() for each in work.get("update-to", []) if not each["type"].startswith("new_")]
        notices = extra.get("notices", [])
        yield "update_to", changed, [n["about"][4:] for n in notices if n["notice"][4:] == entry.native], at


def _single(body: bytes, where: str, expected: Any) -> Iterator[Row]:
    said = json.loads(body)
    works, index = _works(said), answer(crossref, body, crossref.BASE)
    if works is None:
        yield "refused", True, isinstance(index, ApiError), where
        return
    if isinstance(index, ApiError):
        yield "works", len(works), str(index), where
        return
    yield "works", len(works), len(index.entries), where
    yield from _fields(works, index, where)
    if expected is not None:
        (entry,) = index.entries
        yield "title", letters(expected["title"]), letters(entry.title), where
        dois = [str(each.get("doi", each) if isinstance(each, dict) else each).lower() for each in expected["dois"]]
        yield "doi", dois, entry.identifiers["doi"], where
        names = [_turned(each["full_name"]) for each in expected.get("authors", [])]
        yield "authors", names, list(entry.authors), where


def _turned(name: str) -> str:
    family, _, given = name.partition(", ")
    return f"{given} {family}".strip()
