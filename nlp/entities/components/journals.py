"""Journals: a title is only a journal when something says so, because many titles are everyday words.

A title or abbreviation of the lexicon, written with capitals, is taken when, in order
1. a cue stands before it ("reported in", "[Source:") or after it (" journal", a volume number); a title of one
   word that is not marked as well known ("Cell", "Blood") needs a sure one ("published in", "the journal");
2. it has two words or more and one of them is a journal's word ("Journal", "Acta", "Reviews" …);
3. it stands in a row with a journal ("A, B and C"), and has two words or more;
4. it is an abbreviation of two words or more written with its dots, or one that begins with "J".
A distinctive title in the middle of other capitalised words ("Stem Cell Research on Knees") is none. After the
word "journal" the capitalised words are the title, known or not ("the journal Sample Grafts and Engineering");
so are those before a year in brackets and those of a citation ("Eur Sample Focus. 2017 Jun"). "Blood Journal"
is the mention when a capital "Journal" follows. "Journal of X and Y" is taken by its shape even when no list
has it, without a concept. All cues and words are in the TOML's [options].
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from nlp.entities.notes import Component, Found, Tools, keep_longest, notes_of
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
WINDOW = 90  # characters of context that a cue may take


def make(tools: Tools) -> Component:
    (journal,) = tools.of_component("journals")
    options = journal.options
    before = re.compile("(?:" + "|".join(options["cues_before"]) + r")\s*[\"'“‘«]?$")
    sure = re.compile("(?:" + "|".join(options["sure_cues_before"]) + r")\s*[\"'“‘«]?$")
    after = re.compile("(?:" + "|".join(options["cues_after"]) + ")")
    shape = re.compile(options["shape"])
    words = frozenset(options["words"])

    def journals(doc: Any) -> Any:
        notes = notes_of(doc)
        text = notes.text
        taken: list[Found] = []
        waiting: list[Found] = []
        for one in notes.candidates.get(journal.label, ()):
            if text.startswith("the ", one.start):
                one = replace(one, start=one.start + 4)
                if " " not in text[one.start : one.end]:
                    continue  # "the journal", "the journal Blood"
            if text.startswith("journal ", one.start):
                one = replace(one, start=one.start + 8)
            surface = text[one.start : one.end]
            behind = after.match(text, one.end)
            ahead = text[max(0, one.start - WINDOW) : one.start]
            known = " " in surface or any(name.flags & DEFAULT for name in one.names)
            if behind and " " not in surface and BEFORE.search(ahead):
                continue  # "A Stem Cell Journal"
            if behind or (before if known else sure).search(ahead):
                why = "a cue says that it is a journal"
            elif is_distinctive(one, surface, words) and not BEFORE.search(ahead):
                why = None
            else:
                waiting.append(one)
                continue
            suffix = re.match(r" (?:Journal|[A-J](?=[\s,.;:)]))\b", text[one.end : one.end + 9])
            taken.append(replace(one, end=one.end + (suffix.end() if suffix else 0), why=why, component=VERSION))
        taken = [one for one in take_named(taken, text, journal.label) if one.end > one.start]
        listed = {one.start for one in taken}
        for match in shape.finditer(text):
            if match.start() in listed:
                continue  # a listed title says better where it ends
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
        notes.found += add_neighbours(keep_longest(taken), keep_longest(waiting), text)
        return doc

    return journals


def take_named(taken: list[Found], text: str, label: str) -> list[Found]:
    """With the titles that the word "journal", a year or a citation shows; a listed one that goes on is cut short."""
    shown = []
    for match in NAMED.finditer(text):
        start, end = match.span(match.lastindex or 0)
        end -= len(found.group()) if (found := WEEKDAY.search(text[start:end])) else 0
        longer = [one for one in taken if one.start == start and one.end >= end]
        if not longer and " " in text[start:end] and not text[start:end].endswith((" of", " for", " and", " in")):
            why = "its place in the text shows a journal's title; no list of ours has it"
            shown.append(Found(start=start, end=end, type=label, names=(), component=VERSION, why=why))
    covered = [(one.start, one.end) for one in shown]
    return shown + [one for one in taken if not any(a <= one.start and one.end <= b for a, b in covered)]


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


def add_neighbours(taken: list[Found], waiting: list[Found], text: str) -> list[Found]:
    """Titles of two words and more in a row with a journal ("A, B and C") are journals too."""
    found = list(taken)
    again = True
    while again:
        again = False
        for one in waiting:
            if " " not in text[one.start : one.end] or any(f.start < one.end and one.start < f.end for f in found):
                continue
            for other in found:
                left, right = sorted((one, other), key=lambda f: f.start)
                if LIST.fullmatch(text[left.end : right.start]):
                    found.append(replace(one, component=VERSION, why="in a row with another journal"))
                    again = True
                    break
    return found
