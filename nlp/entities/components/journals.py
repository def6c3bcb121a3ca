"""Journals: many titles are everyday words, so a title is only a journal when something in the text says so.

A title or abbreviation of the lexicon, written with capitals, is taken when, in order,
1. a cue is before it ("reported in", "[Source:") or after it (" journal", a volume number). A title of one word that is
   not marked as well known ("Cell", "Blood") needs a strong cue ("published in", "the journal");
2. it has two words or more and one of them is a journal's word ("Journal", "Acta", "Reviews" …), or it is an
   abbreviation of two words or more written with its dots, or one that begins with "J";
3. it is in a row with a journal ("A, B and C"), and has two words or more.

A distinctive title among other capitalised words ("Stem Cell Research on Knees") is not taken.

The capitalised words after the word "journal" are the title, whether it is known or not ("the journal Sample Grafts and
Engineering"). So are those before a year in brackets and those of a citation ("Eur Sample Focus. 2017 Jun"). "Blood
Journal" is the mention when a capital "Journal" follows. "Journal of X and Y" is taken by its shape without a concept,
even when no list has it. All cues and words are in the TOML's [options].
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from nlp.entities.annotations import Annotations, EntitySpan, keep_longest
from nlp.entities.component import Component, Tools
from nlp.entities.typefiles import EntityType
from nlp.entities.vocabulary import DEFAULT, KEEP, SHORT

STEP, ALWAYS = 30, False
VERSION = "journals/1"
LIST = re.compile(r",? (?:and |or |& )?(?:in )?(?:the )?|, ")
RUN = r"[A-Z][\w-]+(?:(?:,? (?:and|of|in|&|for)(?: the)?)? [A-Z][\w-]+){1,6}"
NAMED = re.compile(
    rf"(?:\b[Jj]ournal(?: called| named| titled|,)? [\"“'‘]?({RUN}))"
    rf"|(?<=[.;] )({RUN})(?= \((?:19|20)\d\d\)\.? (?:https?:|doi)|, (?:19|20)\d\d, doi)"
    r"|(?:(?<=[.?!] )|(?<=[.?!]))([A-Z][a-z]{1,9}(?: [A-Z][a-z]{1,9}){1,4})(?=\. (?:19|20)\d\d(?: [A-Z][a-z]{2}\b|;))"
)
WEEKDAY = re.compile(r" (?:on )?(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day$")
BEFORE = re.compile(
    r"(?:^|[\s(\[\"“‘'#*])(?!(?:The|In|A|An|And|But|As|By|For|From|On|Of|See|Source|Also|Since|Journal) )[A-Z][\w-]+ $"
)
SUFFIX = re.compile(r" (?:Journal|[A-J](?=[\s,.;:)]))\b")  # "Blood Journal", "… Part A"
JOINTS = (" of", " for", " and", " in")  # a title does not end with these
WINDOW = 90  # characters of context that a cue may take


def make(tools: Tools) -> Component:
    (journal,) = tools.of_component("journals")
    return Journals(journal)


class Journals(Component):
    """Decides which candidates are journals, and adds titles by their shape and place."""

    def __init__(self, journal: EntityType) -> None:
        options = journal.options
        self._label = journal.label
        self._cue_before = re.compile("(?:" + "|".join(options["cues_before"]) + r")\s*[\"'“‘«]?$")
        self._strong_before = re.compile("(?:" + "|".join(options["sure_cues_before"]) + r")\s*[\"'“‘«]?$")
        self._cue_after = re.compile("(?:" + "|".join(options["cues_after"]) + ")")
        self._shape = re.compile(options["shape"])
        self._words = frozenset(options["words"])

    def annotate(self, annotations: Annotations) -> None:
        text = annotations.text
        taken, waiting = self.judge(text, annotations.candidates.get(self._label, ()))
        taken = [one for one in take_named(taken, text, self._label) if one.end > one.start]
        taken += self.find_shapes(text, taken={one.start for one in taken})
        annotations.found += add_neighbours(keep_longest(taken), keep_longest(waiting), text)

    def judge(self, text: str, candidates: Iterable[EntitySpan]) -> tuple[list[EntitySpan], list[EntitySpan]]:
        """(journals, titles that may still be in a row with one)."""
        taken: list[EntitySpan] = []
        waiting: list[EntitySpan] = []
        for one in filter(None, (drop_article(text, candidate) for candidate in candidates)):
            surface = text[one.start : one.end]
            ahead = text[max(0, one.start - WINDOW) : one.start]
            after = self._cue_after.match(text, one.end) is not None
            if after and " " not in surface and BEFORE.search(ahead):
                continue  # "A Stem Cell Journal"
            if after or self.has_cue_before(one, surface, ahead):
                taken.append(extend(text, one, "a cue says that it is a journal"))
            elif is_distinctive(one, surface, self._words) and not BEFORE.search(ahead):
                taken.append(extend(text, one, None))
            else:
                waiting.append(one)
        return taken, waiting

    def has_cue_before(self, one: EntitySpan, surface: str, ahead: str) -> bool:
        """True when the text before the title ends with a cue, a strong one for an unknown title of one word."""
        known = " " in surface or any(name.flags & DEFAULT for name in one.names)
        return (self._cue_before if known else self._strong_before).search(ahead) is not None

    def find_shapes(self, text: str, taken: set[int]) -> Iterator[EntitySpan]:
        """Titles by their shape, except where one begins already: a listed title has the better end."""
        for match in self._shape.finditer(text):
            if match.start() not in taken:
                yield make_span(match.span(), self._label, "has the shape of a journal's title; no list of ours has it")


def make_span(span: tuple[int, int], label: str, why: str) -> EntitySpan:
    """A journal without a concept."""
    return EntitySpan(start=span[0], end=span[1], type=label, names=(), component=VERSION, why=why)


def drop_article(text: str, one: EntitySpan) -> EntitySpan | None:
    """The title without "the" and "journal" before it; None for one word after "the" ("the journal")."""
    if text.startswith("the ", one.start):
        one = replace(one, start=one.start + 4)
        if " " not in text[one.start : one.end]:
            return None
    return replace(one, start=one.start + 8) if text.startswith("journal ", one.start) else one


def extend(text: str, one: EntitySpan, why: str | None) -> EntitySpan:
    """The journal with a suffix that belongs to its title."""
    suffix = SUFFIX.match(text[one.end : one.end + 9])
    return replace(one, end=one.end + (suffix.end() if suffix else 0), why=why, component=VERSION)


def take_named(taken: list[EntitySpan], text: str, label: str) -> list[EntitySpan]:
    """Also the titles that the word "journal", a year or a citation shows. They replace shorter ones inside them."""
    shown = []
    for match in NAMED.finditer(text):
        start, end = match.span(match.lastindex or 0)
        end -= len(found.group()) if (found := WEEKDAY.search(text[start:end])) else 0
        surface = text[start:end]
        longer = [one for one in taken if one.start == start and one.end >= end]
        if not longer and " " in surface and not surface.endswith(JOINTS):
            why = "its place in the text shows a journal's title; no list of ours has it"
            shown.append(make_span((start, end), label, why))
    covered = [(one.start, one.end) for one in shown]
    return shown + [one for one in taken if not any(a <= one.start and one.end <= b for a, b in covered)]


def is_distinctive(one: EntitySpan, surface: str, words: frozenset[str]) -> bool:
    """True when the title alone shows that it is a journal."""
    parts = surface.split()
    if len(parts) < 2:
        return False
    flags = [name.flags for name in one.names]
    if any(flag & KEEP for flag in flags):
        return True
    if all(flag & SHORT for flag in flags):
        return any(part.endswith(".") for part in parts[:-1]) or parts[0] in {"J", "J."}
    return any(part.strip(",:").casefold() in words for part in parts)


def add_neighbours(taken: Sequence[EntitySpan], waiting: Sequence[EntitySpan], text: str) -> list[EntitySpan]:
    """Titles of two words and more in a row with a journal ("A, B and C") are journals too."""
    found = list(taken)
    again = True
    while again:
        again = False
        for one in waiting:
            if " " not in text[one.start : one.end] or any(one.overlaps(other) for other in found):
                continue
            if any(are_in_row(one, other, text) for other in found):
                found.append(replace(one, component=VERSION, why="in a row with another journal"))
                again = True
    return found


def are_in_row(one: EntitySpan, other: EntitySpan, text: str) -> bool:
    """True when only a comma or "and" is between the two."""
    left, right = sorted((one, other), key=lambda f: f.start)
    return LIST.fullmatch(text[left.end : right.start]) is not None
