"""Journals: a title is only a journal when something says so, because many titles are everyday words.

A title or abbreviation of the lexicon, written with capitals, is taken when, in order
1. a cue stands before it ("published in", "[Source:") or after it (" journal", a volume number): any title;
2. it has two words or more and one of them is a journal's word ("Journal", "Acta", "Reviews" …);
3. it is an abbreviation of two words or more written with its dots, or one that begins with "J".
"Blood Journal" is the mention when a capital "Journal" follows. "Journal of X and Y" is taken by its shape even
when no list has it, without a concept. All cues and words are in the TOML's [options].
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from nlp.entities.notes import Component, Found, Tools, keep_longest, notes_of
from nlp.entities.vocabulary import KEEP, SHORT

STEP, ALWAYS = 30, False
VERSION = "journals/1"
WINDOW = 90  # characters of context that a cue may take


def make(tools: Tools) -> Component:
    (journal,) = tools.of_component("journals")
    options = journal.options
    before = re.compile("(?:" + "|".join(options["cues_before"]) + r")\s*[\"'“‘«]?$")
    after = re.compile("(?:" + "|".join(options["cues_after"]) + ")")
    shape = re.compile(options["shape"])
    words = frozenset(options["words"])

    def journals(doc: Any) -> Any:
        notes = notes_of(doc)
        text = notes.text
        taken: list[Found] = []
        for one in notes.candidates.get(journal.label, ()):
            surface = text[one.start : one.end]
            behind = after.match(text, one.end)
            if behind or before.search(text[max(0, one.start - WINDOW) : one.start]):
                why = "a cue says that it is a journal"
            elif is_distinctive(one, surface, words):
                why = None
            else:
                continue
            suffix = re.match(r" Journal\b", text[one.end : one.end + 9])
            taken.append(replace(one, end=one.end + (suffix.end() if suffix else 0), why=why, component=VERSION))
        for match in shape.finditer(text):
            taken.append(
                Found(
                    start=match.start(),
                    end=match.end(),
                    type=journal.label,
                    names=(),
                    component=VERSION,
                    why="has the shape of a journal's title; no list of ours has it",
                )
            )
        notes.found += prefer_known(taken)
        return doc

    return journals


def is_distinctive(one: Found, surface: str, words: frozenset[str]) -> bool:
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


def prefer_known(taken: list[Found]) -> list[Found]:
    """The longest of overlapping ones; a shape never replaces a listed title that begins where it begins."""
    known = {one.start: one for one in taken if one.names}
    return keep_longest([one for one in taken if one.names or one.start not in known])
