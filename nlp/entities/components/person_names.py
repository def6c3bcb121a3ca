"""People: full names by the words around them, then the same people by one name.

Full names, in order. A name has two to five words, with capitals, initials, particles ("van", "de") and hyphens:
1. by title ("Dr. Ann Sample"), degree ("Ann Sample, MD"), byline ("By Ann Sample"), speech ("said Ann Sample", "Ann
   Sample said") or role ("the neurologist Ann Sample"). The title itself is not part of the name;
2. of the tagger's, those of two words and more; what follows after a hyphen belongs to it ("Ashdown-Price", "Ga-on");
3. Korean and Chinese names by their shape ("Sample Ga-on"), next to a word of speech, a role or a title;
4. neighbours in a row of names ("…; Ann Sample, PhD; Bo Sample"), and citations ("Sample et al.", "Sample, Ann; Other,
   Bo").

A span that covers a disease, a cell, an institution, an everyday word or ends with a place is not a person.

One name: surnames and given names of those found, wherever they occur alone; and single names of the tagger that a word
of speech, a title or a role shows to be people. Names that are everyday words ("May", "Park") need a word of speech
there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from nlp.entities.annotations import Annotations, EntitySpan
from nlp.entities.component import Component, Inactive, Tools
from nlp.entities.span_index import SpanIndex
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
NOT_IN_NAMES = re.compile(r"[\n\"“”()\[\]/0-9:;@]|(?<!\w)['‘]|['’]s ")
CITED = re.compile(rf"\b({NAME}(?: [A-Z]{{1,3}})?),? et al\b")
INVERTED = re.compile(rf"(?:(?<=[\n;] )|(?<=\n))({NAME}, {NAME}(?: [A-Z]\.?)?)(?=; |[.\n])")
NO_DISEASE = re.compile(r"(?![\w-]|['’]s? [a-z]+ disease)")
SMALL_WORD = re.compile(r"(?<![\w-])[a-zà-ÿ][\w-]*")
GIVEN_BEFORE = re.compile(rf"({NAME}) $")
OWNER = re.compile(r"['’]s? (?!Day)")
NEXT_CAPITAL = re.compile(r" [A-Z][a-z]")
BODY = frozenset({"DISEASE", "CELL_TYPE", "JOURNAL", "INSTITUTION", "CELL_LINE"})
WORDS = frozenset({"DISEASE", "CELL_TYPE", "ANATOMY", "SPECIES", "PLACE"})  # types that a surname may be taken for
DOES = r"(?:who|expects?|hopes?|plans?|believes?|thinks?|leads?|led|served?|did|does)"
TAGGED = "found by the tagger"
ROW = "stands in a row of people"
CUED = "a title, a role or what was said shows that it is a person"
ONE_NAME = "one name of somebody whom the text names in full, or of whom it says so"


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
    (person,) = tools.of_component("person_names")
    return Inactive() if tools.in_dialect else PersonNames(person.label, parse_cues(person.options))


@dataclass(slots=True, kw_only=True)
class Search:
    """The full names of one text while they are looked for."""

    text: str
    cues: Cues
    others: SpanIndex  # what names something else
    parts: SpanIndex  # anatomy and species
    place_ends: frozenset[int]  # where known places end
    spans: dict[tuple[int, int], str] = field(default_factory=dict)  # full name -> why it is one

    def take(self, start: int, end: int, why: str) -> None:
        """Add a full name, unless it cannot be one."""
        start, end = widen(self.text, start, end, self.cues)
        if (start, end) in self.spans or not is_name(self.text, start, end, self.cues):
            return
        if self.others.overlaps(start, end):
            return
        if why != TAGGED or (end not in self.place_ends and not self.parts.overlaps(start, end)):
            self.spans[start, end] = why


class PersonNames(Component):
    """Replaces the tagger's people by those that the text shows to be people."""

    english = True

    def __init__(self, label: str, cues: Cues) -> None:
        self._label = label
        self._cues = cues

    def annotate(self, annotations: Annotations) -> None:
        text, cues = annotations.text, self._cues
        own, rest = annotations.split_by_type(self._label)
        tagged = [widen(text, one.start, one.end, cues) for one in own]
        search = start_search(text, rest, cues)
        take_cued(search)
        for start, end in tagged:
            if " " in text[start:end]:
                search.take(start, end, TAGGED)
        take_eastern(search)
        take_cited(search, SpanIndex((one.start, one.end) for one in rest if one.type == "PLACE"))
        take_rows(search)
        parts, said = find_single_names(search, tagged)
        rest = [one for one in rest if one.type not in WORDS or annotations.surface(one) not in parts]
        others = SpanIndex((one.start, one.end) for one in rest if one.type in BODY)
        found = [self.make_span(span, why) for span, why in search.spans.items()]
        found += [self.make_span(span, ONE_NAME) for span in find_alone(text, parts | said, search.spans, others, cues)]
        annotations.found = rest + found

    def make_span(self, span: tuple[int, int], why: str) -> EntitySpan:
        """A person."""
        return EntitySpan(start=span[0], end=span[1], type=self._label, names=(), component=VERSION, why=why)


def parse_cues(options: Mapping[str, Any]) -> Cues:
    """The [options] of the type's TOML, compiled."""
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


def start_search(text: str, rest: Iterable[EntitySpan], cues: Cues) -> Search:
    """A search in a text with these findings of other types."""
    found = list(rest)
    return Search(
        text=text,
        cues=cues,
        others=SpanIndex((one.start, one.end) for one in found if one.type in BODY),
        parts=SpanIndex((one.start, one.end) for one in found if one.type in {"ANATOMY", "SPECIES"}),
        place_ends=frozenset(one.end for one in found if one.type == "PLACE" and one.names),
    )


def take_cued(search: Search) -> None:
    """Full names next to a title, degree, byline, word of speech or role."""
    for pattern in search.cues.full:
        for match in pattern.finditer(search.text):
            search.take(*match.span(1), CUED)


def take_eastern(search: Search) -> None:
    """Korean and Chinese names by their shape, next to a word of speech, a role or a title."""
    for match in EASTERN.finditer(search.text):
        joined = match.group(1).split("-")[-1] in search.cues.joined
        if not joined and is_spoken(search.text, *match.span(1), search.cues):
            search.take(*match.span(1), CUED)


def take_cited(search: Search, places: SpanIndex) -> None:
    """Names of citations that overlap no place."""
    for pattern in (CITED, INVERTED):
        for match in pattern.finditer(search.text):
            if not places.overlaps(*match.span(1)):
                search.take(*match.span(1), CUED)


def take_rows(search: Search) -> None:
    """Names in a row with those found, to the right and to the left."""
    waiting = sorted(search.spans)
    while waiting:
        start, end = waiting.pop()
        before = set(search.spans)
        if match := search.cues.row.match(search.text, end):
            search.take(*match.span(1), ROW)
        near = max(0, start - 80)
        if match := search.cues.row_before.search(search.text[near:start]):
            search.take(match.start(1) + near, match.end(1) + near, ROW)
        waiting += search.spans.keys() - before


def find_single_names(search: Search, tagged: Iterable[tuple[int, int]]) -> tuple[set[str], set[str]]:
    """(surnames and given names of the full names, other single names that the text shows to be people)."""
    text = search.text
    singles = {(start, end) for start, end in tagged if " " not in text[start:end]}
    small = frozenset(SMALL_WORD.findall(text))
    said = {one for one in find_said(text, singles, search.cues) if one.casefold() not in small}
    return set(find_parts(text, search.spans, search.cues)), said


def widen(text: str, start: int, end: int, cues: Cues) -> tuple[int, int]:
    """Bounds without titles and marks at the end, and with what a hyphen joins to the name."""
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
    """False for spans with marks, too many words, words that no name contains, and headings in capitals."""
    surface = text[start:end]
    if not surface or NOT_IN_NAMES.search(surface):
        return False
    words = [word.strip(".,") for word in surface.split()]
    if any(word.casefold() in cues.not_names for word in words) or len(words) > 5:
        return False
    if len(words) > 1 and all(word.isupper() and len(word) > 3 for word in words):
        return False
    return not any(word.endswith(("n’t", "n't")) for word in words)


def is_spoken(text: str, start: int, end: int, cues: Cues) -> bool:
    """True when a word of speech, a title or a role is next to the name."""
    before = text[max(0, start - 60) : start]
    return bool(
        cues.spoken_before.search(before) or cues.role_before.search(before) or cues.spoken_after.match(text, end)
    )


def find_parts(text: str, spans: Iterable[tuple[int, int]], cues: Cues) -> Iterator[str]:
    """First and last word of each full name."""
    for start, end in spans:
        words = [word.strip(",.") for word in text[start:end].split()]
        for word in (words[0], words[-1]):
            if len(word) > 1 and word.casefold() not in cues.not_names and not (len(word) == 2 and word.isupper()):
                yield word


def find_said(text: str, singles: Iterable[tuple[int, int]], cues: Cues) -> Iterator[str]:
    """Single names that the text shows to be people."""
    for start, end in singles:
        if is_name(text, start, end, cues) and is_spoken(text, start, end, cues):
            yield text[start:end]
    for pattern in cues.near:
        for match in pattern.finditer(text):
            start, end = widen(text, *match.span(1), cues)
            if " " not in text[start:end] and is_name(text, start, end, cues):
                yield text[start:end]


def find_alone(
    text: str, singles: Iterable[str], full: Iterable[tuple[int, int]], others: SpanIndex, cues: Cues
) -> Iterator[tuple[int, int]]:
    """Where single names occur alone: outside full names and other findings."""
    names = SpanIndex(full)
    for single in singles:
        for start, end in find_whole(text, single, NO_DISEASE):
            if not (names.covers(start, end) or others.overlaps(start, end)):
                found = accept_single(text, start, end, cues)
                if found is not None:
                    yield found


def accept_single(text: str, start: int, end: int, cues: Cues) -> tuple[int, int] | None:
    """The bounds of a single name, with an unknown given name before it; None where it is only a word."""
    surface = text[start:end]
    spoken = cues.spoken_before.search(text[max(0, start - 40) : start]) or cues.spoken_after.match(text, end)
    given = GIVEN_BEFORE.search(text[max(0, start - 24) : start])
    if given and is_name(text, start - len(given.group()), start - 1, cues):
        start -= len(given.group())
    if not spoken and surface.casefold() in cues.everyday and not OWNER.match(text[end : end + 6]):
        return None
    if not spoken and NEXT_CAPITAL.match(text[end : end + 3]):
        return None
    return start, end
