"""A check as plain lines, and as one JSON object."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator

from core.records import Json
from publish.check.describing import describe
from publish.check.lines import Line, Section

WIDTH = 100


def make_lines(result: Json) -> Iterator[str]:
    """The lines of a check, without colours, so that they can be kept in a file or sent on."""
    if result["kind"] == "text" and result["title"]:
        yield from [result["title"], "=" * min(WIDTH, len(result["title"]))]
    for section in describe(result):
        yield from _make_section(section)


def make_json(result: Json) -> str:
    """The same, for programs: what was found, and the sections in words."""
    sections = [
        {
            "title": section.title,
            "lines": [
                {
                    "text": _say(line),
                    "address": line.address,
                    "quote": line.quote,
                    "alert": line.alert,
                }
                for line in section.lines
            ],
        }
        for section in describe(result)
    ]
    return json.dumps({**result, "sections": sections}, ensure_ascii=False)


def _make_section(section: Section) -> Iterator[str]:
    yield from ["", section.title]
    for line in section.lines:
        yield from _make_line(line)
    if section.note:
        yield from textwrap.wrap(section.note, WIDTH, initial_indent="  ", subsequent_indent="  ")


def _say(line: Line) -> str:
    label = f"{line.label}: " if line.label and (line.link or line.text) else line.label
    return f"{label}{line.link} {line.text}".strip() if line.link else f"{label}{line.text}"


def _make_line(line: Line) -> Iterator[str]:
    mark = "! " if line.alert else "- "
    yield from textwrap.wrap(_say(line), WIDTH, initial_indent=mark, subsequent_indent="  ", break_on_hyphens=False)
    if line.quote:
        yield from textwrap.wrap(f"“{line.quote}”", WIDTH, initial_indent="    ", subsequent_indent="    ")
    if line.address:
        yield f"    {line.address}"
