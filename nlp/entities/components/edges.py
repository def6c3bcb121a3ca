"""Where mentions begin and end, for a reader of news: what belongs to an address, a sentence or an owner is cut.

1. Nothing is named in a web address, an e-mail address, the target of a link or a line that is only a slug.
2. "human", "adult" or a source before a cell ("bone marrow-derived …"), and "chronic" or "progressive" before a
   disease, make the kind and belong to it; so does a footnote's digit not ("Dysfunction2").
3. Words of value, number and course before a disease or a cell ("aggressive multiple sclerosis", "extracted
   stem cells"), and words behind it that say who has it or what is done about it ("MS symptoms"), are no part
   of it.
4. What is left is no mention if it is a word that names no kind ("deaths", "stubborn diseases").
5. People are no species ("patients", "women").

Where a type is read in a corpus' dialect nothing is done for it: a corpus' own rules hold. The words are in
`nlp/entities/edges.tsv`: type, side (left, right: cut off; join: taken along; never: no mention), word.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from core.errors import ConfigError
from nlp.entities.ground import Ground
from nlp.entities.notes import Component, Found, Notes, Tools, notes_of
from nlp.entities.spelling import fold_name

STEP, ALWAYS = 64, True
VERSION = "edges/1"
WORDS = Path(__file__).resolve().parents[2] / "entities" / "edges.tsv"
ADDRESS = re.compile(
    r"\b(?:https?://|www\.)[^\s<>\"]+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+|(?<=\]\()[^()\s]*\)|(?<=\")/[^\s\"]+\""
    r"|^ *- [a-z0-9]+(?:-[a-z0-9]+)+ *$|\b[\w-]+\.(?:com|org|net|gov|edu|info|io)\b(?:/\S*)?",
    re.MULTILINE,
)
OF = re.compile(r"(?:types?|forms?|kinds?|cases?|versions?|symptoms|signs|risk) of (?:an? |the )?")
SOURCE = re.compile(
    r"(?:(?:bone marrow|cord blood|adipose tissue|[\w]+(?: tissue| blood| cord| pulp| jelly)?)[ -]derived )$"
)
OTHER = re.compile(r"\b(?:journal|university|hospital|institute|twitter)\b")
LOWER = re.compile(r"[a-z]+")
ILL = re.compile(
    r"(?:itis|[oa]sis|omas?|a?emia|path(?:y|ies)|algia|plegia|troph(?:y|ies)|ness|rrho?ea|rrhages?|uria|penia|ectas[ie]s|sclerosis|spasms?"
    r"|toxicity|injur(?:y|ies)|fractures?|failure|depression|anxiety|infertility|nausea|vomiting|fatigue|tremors?|fever|swelling|paralysis"
    r"|cramps?|seizures?|aches?|bleeding|blindness|deafness|concussions?|sprains?|strains?|ulcers?|tumou?rs?|cancers?|strokes?|burns?|sores?"
    r"|infections?|infarctions?|inflammation|obesity|malnutrition|palsy|psychosis|mania|insomnia|phobia|ism|lumps?|cysts?|clots?|dystonia|ia)$"
)
JOINED = re.compile(r"([\w-]+) $")
FREE = frozenset({"IDENTIFIER"})  # these live in addresses


@dataclass(slots=True, kw_only=True)
class Edges:
    """What is cut off a type's mentions, and what names nothing."""

    left: set[str] = field(default_factory=set)
    right: set[str] = field(default_factory=set)
    join: set[str] = field(default_factory=set)
    never: set[str] = field(default_factory=set)


def load_edges(path: Path = WORDS) -> dict[str, Edges]:
    """By type. Raises ConfigError naming the line."""
    edges: dict[str, Edges] = {}
    for number, line in enumerate(path.read_text("utf-8").splitlines()[1:], start=2):
        parts = line.split("\t")
        if len(parts) != 3 or parts[1] not in {"left", "right", "join", "never"}:
            raise ConfigError("a row is type, side (left, right, join, never), word", where=f"{path.name}:{number}")
        getattr(edges.setdefault(parts[0], Edges()), parts[1]).add(parts[2])
    return edges


def whole_title(one: Found, notes: Notes) -> Found:
    """A journal that the tagger has cut short ("The Lancet Infectious") is the listed one around it."""
    if one.type != "JOURNAL":
        return one
    if notes.text.startswith("journal ", one.start):
        one = replace(one, start=one.start + len("journal "))
    if not one.component.startswith("tagger"):
        return one
    around = [
        other
        for other in notes.candidates.get(one.type, ())
        if other.start <= one.start and one.end <= other.end and other.length > one.length
    ]
    return max(around, key=lambda other: other.length) if around else one


def fingerprint_edges(path: Path = WORDS) -> str:
    """The words are part of the version of what reads with them."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]


def make(tools: Tools) -> Component:
    edges = load_edges()
    plain = {one.label for one in tools.types if "dialect" not in one.options}
    stops = {one.label: frozenset(one.stop) for one in tools.types}
    numbers = {label: number for number, label in enumerate(tools.vocabulary.labels)}

    def settle(notes: Notes, one: Found) -> Found | None:
        rules = edges.get(one.type)
        if rules is None or one.type not in plain:
            return one
        start, end = one.start, one.end
        folded, text = notes.folded, notes.text
        exact = bool(one.names) and one.why is None  # the name as it stands is one
        if match := OF.match(folded, start, end):
            start = match.end()
        while not exact and (match := re.match(r"[\w'’-]+[ ,]+", text[start:end])):
            if match.group().strip(" ,").casefold() not in rules.left:
                break
            start += match.end()
        while not exact and (match := re.search(r" [\w'’-]+$", text[start:end])):
            if match.group().strip().casefold() not in rules.right:
                break
            end = start + match.start()
        if not exact and end - start > 5 and text[end - 1].isdigit() and text[end - 5 : end - 1].isalpha():
            end -= 1
        cut = (start, end) != (one.start, one.end)
        bare = one.type == "DISEASE" and not one.names and one.component.startswith("tagger")
        if bare and LOWER.fullmatch(text, start, end) and not ILL.search(text, start, end):
            return None
        if (
            OTHER.search(folded, start, end)
            or folded[start:end] in rules.never
            or (cut and folded[start:end] in stops[one.type])
        ):
            return None
        while rules.join and (match := JOINED.search(text[max(0, start - 24) : start])):
            source = SOURCE.search(text[max(0, start - 40) : start]) if one.type == "CELL_TYPE" else None
            if source is not None:
                start -= len(source.group())
            elif match.group(1).casefold() in rules.join:
                start -= len(match.group())
            else:
                break
        if (start, end) == (one.start, one.end):
            return one
        number = numbers[one.type]
        names = tools.vocabulary.get_names(fold_name(text[start:end]))
        own = tuple(name for name in names if name.type == number)
        return replace(one, start=start, end=end, names=own or one.names, why=None if own else one.why)

    def edges_of(doc: Any) -> Any:
        notes = notes_of(doc)
        addresses = Ground(match.span() for match in ADDRESS.finditer(notes.text))
        kept: list[Found] = []
        for one in (whole_title(found, notes) for found in notes.found):
            if one.type == "JOURNAL" and notes.folded[one.start : one.end].endswith((" of", " for", " the", " and")):
                continue
            if one.type not in FREE and addresses.covers(one.start, one.end):
                continue
            if (made := settle(notes, one)) is not None:
                kept.append(made)
        notes.found = kept
        return doc

    return edges_of
