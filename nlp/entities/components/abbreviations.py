"""Abbreviations that the document itself explains: "mesenchymal stem cells (MSC)", then MSC and MSCs everywhere.

After Schwartz and Hearst (2003): the letters of the short form must occur, in order, in the words before the
bracket, the first of them at the beginning of a word. A short form takes the meaning of the found name directly
before the bracket. "MSC (mesenchymal stem cell)" is read the same way.

Where the document explains a short form as something that is not one of our names ("advanced life support (ALS)"),
the lexicon's meaning is wrong: the short form is dropped wherever it occurs alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain

from nlp.entities.annotations import Annotations, EntitySpan
from nlp.entities.component import Component, Tools, names_of_type
from nlp.entities.spelling import fold_name
from nlp.entities.vocabulary import Vocabulary

STEP, ALWAYS = 70, True
VERSION = "abbreviations/1"
BRACKET = re.compile(r"\(([^()\n]{2,80})\)")
CALLED = re.compile(
    r", (?:or|(?:also |often |commonly )?(?:called|known as|abbreviated(?: as| to)?|dubbed)) "
    r"([A-Za-z][\w-]{1,9})(?=[,.;)]| or\b)"
)
LINK = re.compile(r"(?i)\b(?:of|in|for|by|to|from|on|with|against|and)\b")
SHORT = re.compile(r"[A-Za-zα-ω0-9][\w+/.-]{1,10}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """An abbreviation, and the span of its long form."""

    short: str
    start: int
    end: int


def make(tools: Tools) -> Component:
    return Abbreviations(tools.vocabulary)


class Abbreviations(Component):
    """Gives every use of an explained abbreviation the meaning of its long form."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._numbers = {label: number for number, label in enumerate(vocabulary.labels)}

    def annotate(self, annotations: Annotations) -> None:
        meant, denied = self.read_explanations(annotations)
        text = annotations.text
        if denied:
            annotations.found = [one for one in annotations.found if text[one.start : one.end] not in denied]
        for short, known in meant.items():
            annotations.found = [one for one in annotations.found if text[one.start : one.end].rstrip("s") != short]
            annotations.found += find_uses(text, short, known)

    def read_explanations(self, annotations: Annotations) -> tuple[dict[str, EntitySpan], set[str]]:
        """Short form -> the span of its long form; and the short forms of things that are not ours."""
        by_length = sorted(annotations.found, key=lambda f: f.length)
        ends = {one.end: one for one in by_length}
        starts = {one.start: one for one in by_length}
        text = annotations.text
        meant: dict[str, EntitySpan] = {}
        denied: set[str] = set()
        for short, start, end in chain(find_abbreviations(text), find_called(text)):
            explained = Explained(short=short, start=start, end=end)
            known = ends.get(end) or starts.get(start)
            if known is not None and says_nothing(explained, known):
                continue
            if known is None or is_of_something_else(text, explained, known):
                denied.add(short)
                continue
            alone = self.shorten(text, explained, known)
            if alone.start < start and LINK.search(text[alone.start : start]):
                continue  # "deficiency of sample hydroxylase (SH)" abbreviates the enzyme, not the disease
            meant.setdefault(short, alone)
        return meant, denied - meant.keys()

    def shorten(self, text: str, explained: Explained, known: EntitySpan) -> EntitySpan:
        """What the long form alone means: "MS" after "relapsing-remitting multiple sclerosis" is multiple sclerosis."""
        if known.start >= explained.start or known.end != explained.end:
            return known
        folded = fold_name(text[explained.start : explained.end])
        names = names_of_type(self._vocabulary, folded, self._numbers[known.type])
        return replace(known, start=explained.start, names=names) if names else known


def says_nothing(explained: Explained, known: EntitySpan) -> bool:
    """True when the known name neither is the long form nor shows that the long form is something else.

    In "Sample's disease kinase (SDK)" a disease only begins the long form; "Sample's (SD) disease" lies around it.
    """
    begins = known.end < explained.end and known.type == "DISEASE"
    around = known.start <= explained.start and known.end > explained.end + len(explained.short)
    return begins or around


def is_of_something_else(text: str, explained: Explained, known: EntitySpan) -> bool:
    """True when the long form is not the known name: "nuclear factor of activated T cells (NFAT)" is not a cell."""
    if known.start > explained.end or known.end > explained.end or known.type == "PLACE":
        return True
    return known.start > explained.start and LINK.search(text[explained.start : known.start]) is not None


def find_uses(text: str, short: str, known: EntitySpan) -> Iterator[EntitySpan]:
    """Every place of a short form or its plural, with the meaning of its long form."""
    why = f"abbreviation of '{text[known.start : known.end]}' in this document"
    for match in re.finditer(rf"(?<!\w){re.escape(short)}s?(?!\w)", text):
        yield EntitySpan(
            start=match.start(), end=match.end(), type=known.type, names=known.names, component=VERSION, why=why
        )


def find_abbreviations(text: str) -> Iterator[tuple[str, int, int]]:
    """(short form, start and end of its long form). Short forms are without a plural s."""
    for match in BRACKET.finditer(text):
        first = re.split(r"[;,]| or ", match.group(1))[0].strip()
        end = len(text[: match.start()].rstrip())
        if is_short_form(first):
            short = drop_plural(first)
            start = find_long_form(short, text, end)
            if start is not None:
                yield short, start, end
        elif " " in first:
            before = re.search(r"[\w+/.-]+$", text[max(0, end - 14) : end])
            if before and is_short_form(before.group()):
                short = drop_plural(before.group())
                if is_short_of(short, first):
                    at = match.start(1) + match.group(1).index(first)
                    yield short, at, at + len(first)


def find_called(text: str) -> Iterator[tuple[str, int, int]]:
    """The same for short forms that a word introduces: "extracellular vesicles, or EVs, from …"."""
    for match in CALLED.finditer(text):
        if is_short_form(match.group(1)):
            short = drop_plural(match.group(1))
            start = find_long_form(short, text, match.start())
            if start is not None:
                yield short, start, match.start()


def is_short_form(text: str) -> bool:
    """True for two to eleven characters with two capitals; one capital is enough up to four characters."""
    if not SHORT.fullmatch(text) or not any(char.isupper() for char in text):
        return False
    return sum(char.isupper() for char in text) >= 2 or len(text) <= 4


def drop_plural(short: str) -> str:
    """The short form without a plural s."""
    return short[:-1] if short.endswith("s") and len(short) > 2 and short[-2].isupper() else short


def find_long_form(short: str, text: str, end: int) -> int | None:
    """Where the shortest long form begins that ends at `end`, or None."""
    letters = [char.lower() for char in short if char.isalnum()]
    left = find_window(text, end, min(len(letters) + 5, len(letters) * 2))
    at = end - 1
    for number, letter in enumerate(reversed(letters)):
        first = number == len(letters) - 1
        while at >= left and (text[at].lower() != letter or (first and at > 0 and text[at - 1].isalnum())):
            at -= 1
        if at < left:
            return None
        at -= 1
    return at + 1


def find_window(text: str, end: int, words: int) -> int:
    """Where the last `words` words before `end` begin; never beyond the beginning of the line."""
    left = end
    for _ in range(words):
        cut = max(text.rfind(" ", 0, left), text.rfind("\n", 0, left))
        if cut < 0:
            return 0
        if text[cut] == "\n":
            return cut + 1
        left = cut
    return left


def is_short_of(short: str, long: str) -> bool:
    """True when the letters of `short` occur in `long` as an abbreviation's must."""
    return find_long_form(short, long, len(long)) is not None
