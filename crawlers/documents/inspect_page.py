"""STAGE answer -> facts that tell whether it is the page asked for (`crawlers.pages.facts`).

A row is a capture of a page, with the title that the list gave for the first entry that asked for it. A challenge that
only a header tells is a sign like the others. What cannot be read at all fails here, and is no page for extract either.
"""

from __future__ import annotations

import json
from typing import TypedDict

import zstandard

from core.config import Config
from core.records import PageFacts
from core.stage import Address, Done, Result, Stage, Step, Writes
from core.versions import version_of
from core.workers import Limits
from crawlers.documents.verdict import load_signs
from crawlers.pages.facts import find_facts

MOST = 64 * 2**20  # bytes of a page when unpacked

WORK = """
SELECT c.id AS "key", fingerprint(e.title) AS input, c.final_url, c.headers, c.body, coalesce(e.title, '') AS title
FROM raw.capture c
LEFT JOIN entry e ON e.id = (
    SELECT v.entry FROM raw.visit v WHERE v.url = c.url AND v.capture = c.id ORDER BY v.at, v.rowid LIMIT 1)
WHERE c.role = 'page'"""


class CaptureRow(TypedDict):
    """A row of WORK."""

    key: str
    input: str
    final_url: str
    headers: str  # JSON: names in lower case
    body: bytes  # zstd
    title: str  # as the list gave it


def stage(config: Config) -> Stage:
    settings = config.extract
    return Stage(
        name="inspect",
        version=version_of("inspect"),
        work=WORK,
        step=Address(module=__name__, function="build_step"),
        limits=Limits(wall=settings.wall, cpu=settings.cpu, memory=settings.memory, tasks=settings.recycle),
        writes=(Writes(record=PageFacts, owner="capture"),),
    )


def build_step() -> Step:
    """The step of the stage."""
    return inspect_capture


def inspect_capture(row: CaptureRow) -> Result:
    """One answer to its facts."""
    known, headers = load_signs(), json.loads(row["headers"])
    facts = find_facts(
        zstandard.ZstdDecompressor().decompress(row["body"], max_output_size=MOST),
        url=row["final_url"], content_type=headers.get("content-type"), asked=row["title"],
        marks=known["challenge"]["marks"], phrases=known["phrases"],
    )  # fmt: skip
    signs = [*facts.signs]
    for name, values in known["headers"].items():
        said = str(headers.get(name, "")).lower()
        if said and (not values or any(value in said for value in values)):
            signs.append("header")
    if "noindex" in str(headers.get("x-robots-tag", "")).lower() and "noindex" not in signs:
        signs.append("noindex")
    kept = PageFacts(
        capture=row["key"], form=facts.form, title=facts.title, words=facts.words,
        lines=tuple(list(line) for line in facts.lines), asked_in_title=facts.asked_in_title,
        asked_in_text=facts.asked_in_text, signs=tuple(dict.fromkeys(signs)),
    )  # fmt: skip
    return Done(records=(kept,))
