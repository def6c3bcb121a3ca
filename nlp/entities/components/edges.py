"""Where mentions begin and end, for a reader of news: what only belongs to an address, a sentence or an owner is cut off.

1. Nothing is named in a web address, an e-mail address, the target of a link or a line that is only a slug.
2. Words of value, number and course before a disease or a cell ("aggressive multiple sclerosis", "extracted stem cells"),
   and words behind it that say who has it or what is done about it ("MS symptoms"), are no part of it.
3. What is left is no mention if it is a word that names no kind ("deaths", "stubborn diseases").
4. People are no species ("patients", "women").

Where a type is read in a corpus' dialect nothing is done for it: a corpus' own rules hold. The words are in
`nlp/lexicons/edges.tsv`: type, side (left, right, never), word.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from core.errors import ConfigError
from nlp.entities.notes import Component, Found, Notes, Tools, notes_of
from nlp.entities.spelling import fold_name

STEP, ALWAYS = 58, True
VERSION = "edges/1"
WORDS = Path(__file__).resolve().parents[2] / "lexicons" / "edges.tsv"
ADDRESS = re.compile(
    r"\b(?:https?://|www\.)[^\s<>\"]+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+|(?<=\]\()[^()\s]*\)|(?<=\")/[^\s\"]+\""
    r"|^ *- [a-z0-9]+(?:-[a-z0-9]+)+ *$|\b[\w-]+\.(?:com|org|net|gov|edu|info|io)\b(?:/\S*)?",
    re.MULTILINE,
)
FREE = frozenset({"IDENTIFIER"})  # these live in addresses


@dataclass(slots=True, kw_only=True)
class Edges:
    """What is cut off a type's mentions, and what names nothing."""

    left: set[str] = field(default_factory=set)
    right: set[str] = field(default_factory=set)
    never: set[str] = field(default_factory=set)


def load_edges(path: Path = WORDS) -> dict[str, Edges]:
    """By type. Raises ConfigError naming the line."""
    edges: dict[str, Edges] = {}
    for number, line in enumerate(path.read_text("utf-8").splitlines()[1:], start=2):
        parts = line.split("\t")
        if len(parts) != 3 or parts[1] not in {"left", "right", "never"}:
            raise ConfigError("a row is type, side (left, right, never), word", where=f"{path.name}:{number}")
        getattr(edges.setdefault(parts[0], Edges()), parts[1]).add(parts[2])
    return edges


def make(tools: Tools) -> Component:
    edges = load_edges()
    plain = {one.label for one in tools.types if "dialect" not in one.options}
    numbers = {label: number for number, label in enumerate(tools.vocabulary.labels)}

    def settle(notes: Notes, one: Found) -> Found | None:
        rules = edges.get(one.type)
        if rules is None or one.type not in plain:
            return one
        start, end = one.start, one.end
        while match := re.match(r"[\w'’-]+[ ,]+", notes.folded[start:end]):
            if match.group().strip(" ,") not in rules.left:
                break
            start += match.end()
        while match := re.search(r" [\w'’-]+$", notes.folded[start:end]):
            if match.group().strip() not in rules.right:
                break
            end = start + match.start()
        if notes.folded[start:end] in rules.never:
            return None
        if (start, end) == (one.start, one.end):
            return one
        number = numbers[one.type]
        names = tools.vocabulary.get_names(fold_name(notes.text[start:end]))
        own = tuple(name for name in names if name.type == number)
        return replace(one, start=start, end=end, names=own or one.names, why=None if own else one.why)

    def edges_of(doc: Any) -> Any:
        notes = notes_of(doc)
        addresses = [match.span() for match in ADDRESS.finditer(notes.text)]
        kept: list[Found] = []
        for one in notes.found:
            if one.type not in FREE and any(start <= one.start and one.end <= end for start, end in addresses):
                continue
            if (made := settle(notes, one)) is not None:
                kept.append(made)
        notes.found = kept
        return doc

    return edges_of
