"""Answers cut off anywhere, and JSON with a part of another kind than documented: named, or read without it."""

from __future__ import annotations

import json
import random
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from crawlers.lists.apis import ApiError, arxiv, biorxiv, clinicaltrials, crossref, hpscreg, oai_pmh, openalex
from crawlers.lists.apis import retraction_watch as retractions

NOW = "2026-11-22T03:00:00Z"
ANSWERS = Path(__file__).parent / "api_answers"
URL = "https://api.example/works?cursor=*&rows=3"
TREES = [
    (crossref, "crossref/works.json"), (biorxiv, "biorxiv/details.json"), (biorxiv, "biorxiv/pubs.json"),
    (openalex, "openalex/works.json"), (clinicaltrials, "clinicaltrials/v2.json"),
    (clinicaltrials, "clinicaltrials/v1.json"), (clinicaltrials, "clinicaltrials/fields.json"),
    (clinicaltrials, "clinicaltrials/study.xml"), (arxiv, "arxiv/page.xml"), (oai_pmh, "oai_pmh/records.xml"),
]  # fmt: skip
TABLES = [(retractions, "retraction_watch/published.csv"), (hpscreg, "hpscreg/lines.csv")]
JUNK: tuple[Any, ...] = (
    None, True, -1, 10**30, 1.5, "", [], {}, [None], ["x", 1], {"a": 1}, "\ud800", "1900-01-01", [[]], [[None, 2]],
    "https://[bad",
)  # fmt: skip


@pytest.mark.parametrize(("module", "name"), TREES, ids=[name for _, name in TREES])
def test_half_an_answer_is_never_read_as_a_whole_one(module: ModuleType, name: str) -> None:
    body = (ANSWERS / name).read_bytes().rstrip()
    for at in range(0, len(body), max(1, len(body) // 60)):
        with pytest.raises(ApiError):
            module.parse(body[:at], url=URL, fetched=NOW)


@pytest.mark.parametrize(("module", "name"), TABLES, ids=[name for _, name in TABLES])
def test_half_a_table_loses_only_what_was_cut_off(module: ModuleType, name: str) -> None:
    body = (ANSWERS / name).read_bytes()
    whole = [entry.native for entry in module.parse(body, url=URL, fetched=NOW).entries]
    for at in range(len(body.split(b"\n", 1)[0]) + 1, len(body), 7):
        try:
            got = [entry.native for entry in module.parse(body[:at], url=URL, fetched=NOW).entries]
        except ApiError:
            continue
        assert got == whole[: len(got)] and got


@pytest.mark.parametrize(("module", "name"), [each for each in TREES if each[1].endswith(".json")])
def test_a_part_of_another_kind_is_named_or_left_out(module: ModuleType, name: str) -> None:
    draw = random.Random(name)
    body = (ANSWERS / name).read_bytes()
    for _ in range(250):
        said = _changed(json.loads(body), draw)
        try:
            index = module.parse(json.dumps(said).encode(), url=URL, fetched=NOW)
        except ApiError as error:
            assert "\n" not in str(error)
            continue
        for entry in index.entries:
            held = [entry.native, entry.title, entry.summary, entry.published_raw, entry.identifiers, entry.extra]
            json.dumps(held, ensure_ascii=False).encode()
            assert entry.native


def _changed(tree: object, draw: random.Random) -> object:
    """`tree` with one of its parts replaced."""
    places: list[tuple[Any, Any]] = []
    waiting: list[Any] = [tree]  # JSON
    while waiting:
        held = waiting.pop()
        for key in list(held) if isinstance(held, dict) else range(len(held)):
            places.append((held, key))
            if isinstance(held[key], dict | list):
                waiting.append(held[key])
    held, key = draw.choice(places)
    held[key] = json.loads(json.dumps(draw.choice(JUNK)))
    return tree
