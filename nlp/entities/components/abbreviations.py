"""Abbreviations that the document itself explains: "mesenchymal stem cells (MSC)", then MSC and MSCs everywhere.

After Schwartz and Hearst (2003): the letters of the short form must occur, in order, in the words before the
bracket, the first of them at the beginning of a word. A short form takes the meaning of the found name that
stands directly before the bracket. "MSC (mesenchymal stem cell)" is read likewise.

A short form that the document explains as something that is no name of ours ("advanced life support (ALS)") is
not what the lexicon thinks: its bare uses are dropped.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from typing import Any

from nlp.entities.notes import Component, Found, Notes, Tools, notes_of
from nlp.entities.spelling import fold_name

STEP, ALWAYS = 70, True
VERSION = "abbreviations/1"
BRACKET = re.compile(r"\(([^()\n]{2,80})\)")
CALLED = re.compile(
    r", (?:or|(?:also |often |commonly )?(?:called|known as|abbreviated(?: as| to)?|dubbed)) "
    r"([A-Za-z][\w-]{1,9})(?=[,.;)]| or\b)"
)
LINK = re.compile(r"(?i)\b(?:of|in|for|by|to|from|on|with|against|and)\b")
SHORT = re.compile(r"[A-Za-zα-ω0-9][\w+/.-]{1,10}")


def make(tools: Tools) -> Component:
    numbers = {label: number for number, label in enumerate(tools.vocabulary.labels)}

    def shorten(known: Found, notes: Notes, start: int, end: int) -> Found:
        """What the long form alone means: "MS" is multiple sclerosis also behind the relapsing-remitting one."""
        if known.start >= start or known.end != end:
            return known
        found = tools.vocabulary.get_names(fold_name(notes.text[start:end]))
        names = tuple(name for name in found if name.type == numbers[known.type])
        return replace(known, start=start, names=names) if names else known

    def abbreviations(doc: Any) -> Any:
        notes = notes_of(doc)
        ends = {one.end: one for one in sorted(notes.found, key=lambda f: f.length)}
        starts = {one.start: one for one in sorted(notes.found, key=lambda f: f.length)}
        meant: dict[str, Found] = {}
        denied: set[str] = set()
        for short, long_start, long_end in chain(find_abbreviations(notes.text), find_called(notes.text)):
            known = ends.get(long_end) or starts.get(long_start)
            if known is not None and known.end < long_end and known.type == "DISEASE":
                continue  # it only begins the long form: "Sample's disease kinase (SDK)" is no disease
            if known is not None and known.start <= long_start and known.end > long_end + len(short):
                continue  # "Sample's (SD) disease": a mention around its abbreviation says nothing about the latter
            if known is None or known.start > long_end or known.end > long_end or known.type == "PLACE":
                denied.add(short)
            elif known.start > long_start and LINK.search(notes.text[long_start : known.start]):
                denied.add(short)  # "nuclear factor of activated T cells (NFAT)" is no cell
            else:
                alone = shorten(known, notes, long_start, long_end)
                if alone.start < long_start and LINK.search(notes.text[alone.start : long_start]):
                    continue  # "deficiency of sample hydroxylase (SH)": the enzyme is abbreviated, not the disease
                meant.setdefault(short, alone)
        denied -= meant.keys()
        if denied:
            notes.found = [one for one in notes.found if notes.text[one.start : one.end] not in denied]
        for short, known in meant.items():
            notes.found = [one for one in notes.found if notes.text[one.start : one.end].rstrip("s") != short]
            why = f"abbreviation of '{notes.text[known.start : known.end]}' in this document"
            for match in re.finditer(rf"(?<!\w){re.escape(short)}s?(?!\w)", notes.text):
                notes.found.append(
                    Found(
                        start=match.start(),
                        end=match.end(),
                        type=known.type,
                        names=known.names,
                        component=VERSION,
                        why=why,
                    )
                )
        return doc

    return abbreviations


def find_abbreviations(text: str) -> Iterator[tuple[str, int, int]]:
    """(short form, start and end of its long form), short forms without a plural s."""
    for match in BRACKET.finditer(text):
        inside = match.group(1)
        first = re.split(r"[;,]| or ", inside)[0].strip()
        end = len(text[: match.start()].rstrip())
        if is_short_form(first):
            short = without_plural(first)
            start = find_long_form(short, text, end)
            if start is not None:
                yield short, start, end
        elif " " in first:
            before = re.search(r"[\w+/.-]+$", text[max(0, end - 14) : end])
            if before and is_short_form(before.group()):
                short = without_plural(before.group())
                if is_short_of(short, first):
                    at = match.start(1) + inside.index(first)
                    yield short, at, at + len(first)


def find_called(text: str) -> Iterator[tuple[str, int, int]]:
    """Long forms that are called something: "extracellular vesicles, or EVs, from …"."""
    for match in CALLED.finditer(text):
        if is_short_form(match.group(1)):
            short = without_plural(match.group(1))
            start = find_long_form(short, text, match.start())
            if start is not None:
                yield short, start, match.start()


def is_short_form(text: str) -> bool:
    if not SHORT.fullmatch(text) or not any(char.isupper() for char in text):
        return False
    return sum(char.isupper() for char in text) >= 2 or len(text) <= 4


def without_plural(short: str) -> str:
    return short[:-1] if short.endswith("s") and len(short) > 2 and short[-2].isupper() else short


def find_long_form(short: str, text: str, end: int) -> int | None:
    """Where the shortest long form begins that ends at `end`, or None."""
    letters = [char.lower() for char in short if char.isalnum()]
    words = min(len(letters) + 5, len(letters) * 2)
    left = end
    for _ in range(words):  # the window: so many words back, never over a line break
        cut = max(text.rfind(" ", 0, left), text.rfind("\n", 0, left))
        if cut < 0:
            left = 0
            break
        if text[cut] == "\n":
            left = cut + 1
            break
        left = cut
    at = end - 1
    for number, letter in enumerate(reversed(letters)):
        first = number == len(letters) - 1
        while at >= left and (text[at].lower() != letter or (first and at > 0 and text[at - 1].isalnum())):
            at -= 1
        if at < left:
            return None
        at -= 1
    return at + 1


def is_short_of(short: str, long: str) -> bool:
    return find_long_form(short, long, len(long)) is not None
