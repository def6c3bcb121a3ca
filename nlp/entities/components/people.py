"""People: full names by what stands around them, then the same people by one name.

Full names, in order; a name is two to five words, with capitals, initials, particles ("van", "de") and hyphens
1. by title ("Dr. Ann Sample"), degree ("Ann Sample, MD"), byline ("By Ann Sample"), speech ("said Ann Sample",
   "Ann Sample said"), role ("the neurologist Ann Sample"); the title itself is no part of the name;
2. of the tagger's, those of two words and more; what follows by a hyphen belongs to it ("Ashdown-Price",
   "Ga-on");
3. Korean and Chinese names by their shape ("Sample Ga-on"), where a word of speech, a role or a title stands
   near;
4. neighbours in a row of names ("…; Ann Sample, PhD; Bo Sample"), and citations ("Sample et al.", "Sample, Ann;
   Other, Bo").
What covers a disease, a cell, a place at its end, an institution or an everyday word is nobody.

One name: surnames and given names of those found, and those of the tagger's of which a word of speech, a title
or a role says that it is someone, wherever they stand alone. Names that are everyday words ("May", "Park") need
a word of speech there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from nlp.entities.ground import Ground
from nlp.entities.notes import Component, Found, Tools, notes_of
from nlp.entities.spelling import find_whole

STEP, ALWAYS = 46, False
VERSION = "people/1"
NAME = r"[A-ZÀ-Þ][\wÀ-ÿ’']*[a-zß-ÿ](?:-[A-Za-zÀ-ÿ]+)*"
INITIAL = r"[A-Z]\.?(?:-?[A-Z]\.)?"
PARTICLE = r"(?:van|von|de|del|della|di|da|dos|du|bin|ibn|al|el|la|le|der|den|ten|ter|zu)"
FULL = rf"{NAME}(?: (?:{INITIAL}|{PARTICLE}|{NAME})){{0,3}} {NAME}(?:,? (?:Jr|Sr|III?)\b\.?)?"
GIVEN = r"[A-Z][a-z]+(?:-[A-Za-z][a-z]+)"  # "Ga-on"
EASTERN = re.compile(rf"\b([A-Z][a-z]{{0,8}} {GIVEN}|{GIVEN} [A-Z][a-z]{{1,8}})(?![\w-])")
HYPHEN = re.compile(r"-[A-Za-zÀ-ÿ]+(?:-[a-z]+)*")
STRANGE = re.compile(r"[\n\"“”()\[\]/0-9:;@]|(?<!\w)['‘]|['’]s ")
CITED = re.compile(rf"\b({NAME}(?: [A-Z]{{1,3}})?),? et al\b")
INVERTED = re.compile(rf"(?:(?<=[\n;] )|(?<=\n))({NAME}, {NAME}(?: [A-Z]\.?)?)(?=; |[.\n])")
NO_DISEASE = re.compile(r"(?![\w-]|['’]s? [a-z]+ disease)")
BODY = frozenset({"DISEASE", "CELL_TYPE", "JOURNAL", "INSTITUTION", "CELL_LINE"})
WORDS = frozenset({"DISEASE", "CELL_TYPE", "ANATOMY", "SPECIES", "PLACE"})  # what a surname may be mistaken for


@dataclass(frozen=True, slots=True, kw_only=True)
class Cues:
    """The type's options, compiled."""

    full: tuple[re.Pattern[str], ...]  # group 1 is a full name
    near: tuple[re.Pattern[str], ...]  # group 1 is a name, of one word or more
    title: re.Pattern[str]  # at the beginning of a name
    row: re.Pattern[str]  # from the end of a name to the next
    row_before: re.Pattern[str]
    spoken_before: re.Pattern[str]
    spoken_after: re.Pattern[str]
    role_before: re.Pattern[str]
    not_names: frozenset[str]
    everyday: frozenset[str]
    joined: frozenset[str]


def make(tools: Tools) -> Component:
    (person,) = tools.of_component("people")
    if tools.in_dialect:
        return lambda doc: doc
    cues = parse_cues(person.options)
    label = person.label

    def people(doc: Any) -> Any:
        notes = notes_of(doc)
        text = notes.text
        rest = [one for one in notes.found if one.type != label]
        tagged = [widen(text, one.start, one.end, cues) for one in notes.found if one.type == label]
        body = Ground((one.start, one.end) for one in rest if one.type in BODY)
        parts = Ground((one.start, one.end) for one in rest if one.type in {"ANATOMY", "SPECIES"})
        ends = {one.end for one in rest if one.type == "PLACE" and one.names}
        spans: dict[tuple[int, int], str] = {}

        def take(start: int, end: int, why: str) -> None:
            start, end = widen(text, start, end, cues)
            if (start, end) in spans or not is_name(text, start, end, cues) or body.crosses(start, end):
                return
            if why != TAGGED or (end not in ends and not parts.crosses(start, end)):
                spans[start, end] = why

        for pattern in cues.full:
            for match in pattern.finditer(text):
                take(*match.span(1), CUED)
        for start, end in tagged:
            if " " in text[start:end]:
                take(start, end, TAGGED)
        for match in EASTERN.finditer(text):
            if match.group(1).split("-")[-1] not in cues.joined and is_spoken(text, *match.span(1), cues):
                take(*match.span(1), CUED)
        placed = Ground((one.start, one.end) for one in rest if one.type == "PLACE")
        for pattern in (CITED, INVERTED):
            for match in pattern.finditer(text):
                if not placed.crosses(*match.span(1)):
                    take(*match.span(1), CUED)
        walk_rows(text, spans, take, cues)
        singles = {(start, end) for start, end in tagged if " " not in text[start:end]}
        small = frozenset(re.findall(r"(?<![\w-])[a-zà-ÿ][\w-]*", text))
        sure, said = set(find_parts(text, spans, cues)), set(find_said(text, singles, cues))
        said = {one for one in said if one.casefold() not in small}
        rest = [one for one in rest if one.type not in WORDS or text[one.start : one.end] not in sure]
        body = Ground((one.start, one.end) for one in rest if one.type in BODY)
        shorts = sure | said
        taken = [Found(start=s, end=e, type=label, names=(), component=VERSION, why=w) for (s, e), w in spans.items()]
        taken += find_alone(text, shorts, spans, body, cues, label)
        notes.found = rest + taken
        return doc

    return people


DOES = r"(?:who|expects?|hopes?|plans?|believes?|thinks?|leads?|led|served?|did|does)"
TAGGED = "found by the tagger"
ROW = "stands in a row of people"
CUED = "a title, a role or what was said shows that it is a person"


def parse_cues(options: Any) -> Cues:
    titles = rf"(?:{'|'.join(options['titles'])})\b\.?"
    degrees = rf"(?:{'|'.join(options['degrees'])})"
    speech = rf"(?:{'|'.join(options['speech'])})"
    roles = rf"(?:{'|'.join(options['roles'])})"
    kin = rf"(?:{'|'.join(options['kin'])})"
    part = rf"{NAME}(?: (?:{INITIAL}|{PARTICLE}|{NAME})){{0,4}}"
    some = rf"(?:{degrees},? ?)"
    return Cues(
        full=(
            re.compile(rf"\b{titles} ({FULL})"),
            re.compile(rf"\b({FULL})(?=,? {degrees}(?![\w]))"),
            re.compile(rf"(?m)^\W*(?:By|BY|Written by|Reported by|[aA]uthor:|Reporter:?) \W?(?:{titles} )?({FULL})"),
            re.compile(rf"\b{speech},? (?:the |its |their )?(?:[a-z-]+ ){{0,6}}?({FULL})"),
            re.compile(rf"\b({FULL})(?:,? (?:also |then )?{speech}\b)"),
            re.compile(rf"\b{roles},? ({FULL})"),
        ),
        near=(
            re.compile(rf"\b{titles} ({part})"),
            re.compile(rf"\b{roles}, ({NAME})(?=[,.])"),
            re.compile(rf"\b{kin},? ({NAME})\b"),
        ),
        title=re.compile(rf"(?:{titles} )+"),
        row=re.compile(rf"(?:,? {some}*)?(?:; |, | and |, and |; and )(?=({FULL})(?:[,;.]| and\b| of\b| at\b))"),
        row_before=re.compile(rf"({FULL})(?:,? {some}*)?(?:; |, | and |, and )$"),
        spoken_before=re.compile(rf"\b{speech},? (?:{titles} )?$|\b{titles} $"),
        spoken_after=re.compile(
            rf",? (?:also |then )?{speech}\b|,? {DOES}\b|, (?:an? |the |its |whose )?(?:[\w-]+ ){{0,4}}?(?i:{roles})\b"
        ),
        role_before=re.compile(rf"\b(?:{roles}),? $|\b{titles} $|\b(?:{roles}),? (?:[a-z]+ ){{0,3}}$"),
        not_names=frozenset(options["not_names"]),
        everyday=frozenset(options["everyday_names"]),
        joined=frozenset(options["joined"]),
    )


def widen(text: str, start: int, end: int, cues: Cues) -> tuple[int, int]:
    """Without titles, and with what a hyphen joins to it."""
    if match := cues.title.match(text, start, end):
        start = match.end()
    if (match := HYPHEN.match(text, end)) and match.group()[1:].split("-")[0] not in cues.joined:
        end = match.end()
    for tail in ("'s", "’s", "’", "'"):
        if text[start:end].endswith(tail):
            end -= len(tail)
    while end > start and text[end - 1] in " ,.;:" and not text[start:end].endswith((" Jr.", " Sr.")):
        end -= 1
    return start, end


def is_name(text: str, start: int, end: int, cues: Cues) -> bool:
    surface = text[start:end]
    if not surface or STRANGE.search(surface):
        return False
    words = [word.strip(".,") for word in surface.split()]
    if any(word.casefold() in cues.not_names for word in words) or len(words) > 5:
        return False
    if len(words) > 1 and all(word.isupper() and len(word) > 3 for word in words):
        return False  # a heading
    return not any(word.endswith(("n’t", "n't")) for word in words)


def is_spoken(text: str, start: int, end: int, cues: Cues) -> bool:
    """A word of speech, a title or a role stands beside it."""
    before = text[max(0, start - 60) : start]
    return bool(
        cues.spoken_before.search(before) or cues.role_before.search(before) or cues.spoken_after.match(text, end)
    )


def walk_rows(text: str, spans: dict[tuple[int, int], str], take: Any, cues: Cues) -> None:
    """Names in a row with those found, to the right and to the left."""
    waiting = sorted(spans)
    while waiting:
        start, end = waiting.pop()
        before = set(spans)
        if match := cues.row.match(text, end):
            take(*match.span(1), ROW)
        near = max(0, start - 80)
        if match := cues.row_before.search(text[near:start]):
            take(match.start(1) + near, match.end(1) + near, ROW)
        waiting += spans.keys() - before


def find_parts(text: str, spans: Iterable[tuple[int, int]], cues: Cues) -> Iterator[str]:
    """First and last word of each full name."""
    for start, end in spans:
        words = [word.strip(",.") for word in text[start:end].split()]
        for word in (words[0], words[-1]):
            if len(word) > 1 and word.casefold() not in cues.not_names and not (len(word) == 2 and word.isupper()):
                yield word


def find_said(text: str, singles: Iterable[tuple[int, int]], cues: Cues) -> Iterator[str]:
    """Single names of which the text says that they are somebody."""
    for start, end in singles:
        if is_name(text, start, end, cues) and is_spoken(text, start, end, cues):
            yield text[start:end]
    for pattern in cues.near:
        for match in pattern.finditer(text):
            start, end = widen(text, *match.span(1), cues)
            if " " not in text[start:end] and is_name(text, start, end, cues):
                yield text[start:end]


def find_alone(
    text: str, shorts: set[str], spans: Iterable[tuple[int, int]], body: Ground, cues: Cues, label: str
) -> Iterator[Found]:
    """Where single names stand alone."""
    full = Ground(spans)
    for short in shorts:
        for start, end in find_whole(text, short, NO_DISEASE):
            if full.covers(start, end) or body.crosses(start, end):
                continue
            spoken = cues.spoken_before.search(text[max(0, start - 40) : start]) or cues.spoken_after.match(text, end)
            given = re.search(rf"({NAME}) $", text[max(0, start - 24) : start])
            if given and is_name(text, start - len(given.group()), start - 1, cues):
                start -= len(given.group())  # "Ann" of "Ann Sample", where only the surname was known
            owner = re.match(r"['’]s? (?!Day)", text[end : end + 6])
            if short.casefold() in cues.everyday and not (spoken or owner):
                continue
            if re.match(r" [A-Z][a-z]", text[end : end + 3]) and not spoken:
                continue
            why = "one name of somebody whom the text names in full, or of whom it says so"
            yield Found(start=start, end=end, type=label, names=(), component=VERSION, why=why)
