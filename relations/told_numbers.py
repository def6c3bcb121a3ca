"""Numbers that a text gives otherwise than the text it rests on. Silence wherever a doubt is left.

A figure of the document and one of the other text are of the same thing if one of these holds:

1. both belong to one series and are of one period ("lines distributed in 2024");
2. they are at the same place of two sentences that are alike (`ALIKE` of their words), with the same unit, and the
   same word next to them on one side at least;
3. they have the same subject, unit, place and period, and their sentences share `SHARED` more words, which are
   `CONTEXT` of the shorter one.

Two sentences are of different things if only one has a word of a row of `apart_words.tsv` (before, placebo, will …),
if each has a name that the whole other text lacks, or if they give two periods or two places. Figures of a series need
none of that.

Then the number is changed if it differs, and neither text gives the number of the other anywhere, and each text gives
one number only for that thing. A rounded number ("six" for 6.1, "about 130" for 133), a multiple, and an age that
rests on rule 3 alone do not count.
"""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path
from typing import TypedDict

from relations.number_words import find_numbers
from relations.sentences import find_content
from relations.text_changes import find_hunks

APART = Path(__file__).with_name("apart_words.tsv")
ALIKE = 0.6  # of the words of two sentences
HUNKS = 4  # runs of words that differ between two sentences that are alike
SHARED, CONTEXT, BOTH = 4, 0.6, 0.4  # words; shares of the shorter and of the longer sentence
NEAR = 0.1  # by which an approximate number may differ
SAME = {
    **dict.fromkeys(("patients", "participants", "volunteers", "subjects", "people", "persons", "persons"), "people"),
    **dict.fromkeys(("mice", "rats", "animals"), "animals"),
}
_NAME = re.compile(r"(?<=[a-z,;:] )[A-Z][\w’'-]+")


class FigureRow(TypedDict):
    """What is read of a figure."""

    part: str
    start: int
    end: int
    value: float
    high: float | None
    unit: str
    subject: str
    period: str | None
    place: str | None
    modifier: str
    series: str | None
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """A figure of the document, that of the other text, and why both are of the same thing."""

    mine: FigureRow
    theirs: FigureRow
    why: str


def find_changed(
    mine: Sequence[FigureRow], theirs: Sequence[FigureRow], my_text: str, their_text: str
) -> list[Changed]:
    """The changed numbers of a document, in its order; each thing once."""
    my_numbers, their_numbers = _find_values(my_text, mine), _find_values(their_text, theirs)
    found: list[Changed] = []
    seen: set[tuple[object, ...]] = set()
    for one in sorted(_find_pairs(mine, theirs), key=lambda one: (one.mine["part"] != "title", one.mine["start"])):
        thing = (one.mine["value"], one.theirs["value"], one.mine["unit"])
        if thing in seen or not _differ(one.mine, one.theirs):
            continue
        if one.mine["value"] in their_numbers or one.theirs["value"] in my_numbers:
            continue
        if are_apart(one.mine, one.theirs, my_text, their_text):
            continue
        seen.add(thing)
        found.append(one)
    return found


def are_apart(mine: FigureRow, theirs: FigureRow, my_text: str, their_text: str) -> bool:
    """Whether something says that two sentences are of different things."""
    if any(mine[key] and theirs[key] and mine[key] != theirs[key] for key in ("period", "place")):
        return True
    if mine["series"] and mine["series"] == theirs["series"]:
        return False
    one, other = mine["sentence"], theirs["sentence"]
    if any((words.search(one) is None) != (words.search(other) is None) for words in _load_apart()):
        return True
    return bool(_find_names(one, their_text)) and bool(_find_names(other, my_text))


def _find_names(sentence: str, text: str) -> set[str]:
    """Words with a capital inside a sentence that a text lacks."""
    return {name for name in _NAME.findall(sentence) if name not in text}


def _find_values(text: str, figures: Sequence[FigureRow]) -> set[float]:
    """Every number of a text."""
    return {number.value for number in find_numbers(text)} | {
        value for figure in figures for value in (figure["value"], figure["high"]) if value is not None
    }


def _differ(mine: FigureRow, theirs: FigureRow) -> bool:
    """Whether two figures of one thing differ by more than rounding. Multiples and unlike forms: no."""
    if "multiple" in (mine["modifier"], theirs["modifier"]) or (mine["high"] is None) != (theirs["high"] is None):
        return False
    if mine["high"] is not None and theirs["high"] is not None:
        return (mine["value"], mine["high"]) != (theirs["value"], theirs["high"])
    if mine["modifier"] != theirs["modifier"]:
        if {mine["modifier"], theirs["modifier"]} & {"at least", "at most"}:
            return False
        return abs(mine["value"] - theirs["value"]) > NEAR * max(abs(mine["value"]), abs(theirs["value"]))
    return mine["value"] != theirs["value"] and not _is_rounded(mine["value"], theirs["value"])


def _is_rounded(one: float, other: float) -> bool:
    """Whether one number is the other with fewer digits: 6 for 6.1, 130 for 133."""
    return any(
        float(f"{whole:.{digits}g}") == short
        for short, whole in ((one, other), (other, one))
        if (digits := len(f"{short:.12g}".replace(".", "").replace("-", "").strip("0")))
        < len(f"{whole:.12g}".replace(".", "").replace("-", "").strip("0"))
        and digits > 0
    )


def _find_pairs(mine: Sequence[FigureRow], theirs: Sequence[FigureRow]) -> Iterator[Changed]:
    yield from _match_series(mine, theirs)
    yield from _match_places(mine, theirs)
    yield from _match_subjects(mine, theirs)


def _match_series(mine: Sequence[FigureRow], theirs: Sequence[FigureRow]) -> Iterator[Changed]:
    """Figures of one series and one period, where each text gives one value for it."""
    for (series, period), own in _by_series(mine).items():
        other = _by_series(theirs).get((series, period), [])
        if len({row["value"] for row in own}) == 1 and len({row["value"] for row in other}) == 1:
            yield Changed(mine=own[0], theirs=other[0], why=f"both are of the series “{series}” in {period}")


def _by_series(rows: Sequence[FigureRow]) -> dict[tuple[str, str], list[FigureRow]]:
    found: dict[tuple[str, str], list[FigureRow]] = defaultdict(list)
    for row in rows:
        if row["series"] and row["period"] and row["modifier"] != "multiple":
            found[row["series"], row["period"]].append(row)
    return found


def _match_places(mine: Sequence[FigureRow], theirs: Sequence[FigureRow]) -> Iterator[Changed]:
    """Figures at the same place of two sentences that are alike."""
    for row in mine:
        for other in theirs:
            if row["unit"] != other["unit"] or row["value"] == other["value"] or not _is_same(row, other):
                continue
            if _likeness(row["sentence"], other["sentence"]) < ALIKE:
                continue
            hunks = find_hunks(other["sentence"], row["sentence"])
            if len(hunks) <= HUNKS and any(_holds(hunk.before, other) and _holds(hunk.after, row) for hunk in hunks):
                yield Changed(mine=row, theirs=other, why="they are at the same place of sentences that are alike")


def _is_same(one: FigureRow, other: FigureRow) -> bool:
    """Whether two subjects are the same, or share a word."""
    if _name(one["subject"]) == _name(other["subject"]):
        return True
    return bool(find_content(one["subject"]) & find_content(other["subject"]))


def _holds(words: str, row: FigureRow) -> bool:
    """Whether the words of a hunk hold the figure's number, and no other number."""
    values = {number.value for number in find_numbers(words)}
    return values == {row["value"]} or (row["high"] is not None and values == {row["value"], row["high"]})


def _match_subjects(mine: Sequence[FigureRow], theirs: Sequence[FigureRow]) -> Iterator[Changed]:
    """Figures of one subject, unit, place and period, in sentences that share much else."""
    own, other = _by_subject(mine), _by_subject(theirs)
    for thing, rows in own.items():
        if len({row["value"] for row in rows}) != 1 or len({row["value"] for row in other.get(thing, [])}) != 1:
            continue
        for row, their in product(rows, other[thing]):
            shared, least, most = _share(row, their)
            if len(shared) >= SHARED and len(shared) >= CONTEXT * least and len(shared) >= BOTH * most:
                words = ", ".join(_show(shared, row["sentence"]))
                why = f"both give a number of {row['subject']}, and their sentences share the words: {words}"
                yield Changed(mine=row, theirs=their, why=why)


def _by_subject(rows: Sequence[FigureRow]) -> dict[tuple[str, str, str | None, str | None], list[FigureRow]]:
    found: dict[tuple[str, str, str | None, str | None], list[FigureRow]] = defaultdict(list)
    for row in rows:
        if row["subject"] != "age" and not row["series"] and row["modifier"] != "multiple":
            found[_name(row["subject"]), row["unit"], row["period"], row["place"]].append(row)
    return found


def _name(subject: str) -> str:
    """A subject, with one name for people and one for animals."""
    plain = subject.casefold()
    return SAME.get(plain.split()[-1], plain) if plain else ""


def _share(one: FigureRow, other: FigureRow) -> tuple[frozenset[str], int, int]:
    """Words that both sentences have in addition to the subject, and how many the shorter and the longer one have."""
    subject = find_content(f"{one['subject']} {other['subject']}")
    left, right = (
        frozenset(word for word in find_content(row["sentence"]) - subject if not word.startswith("~"))
        for row in (one, other)
    )
    return left & right, min(len(left), len(right)), max(len(left), len(right))


def _show(stems: frozenset[str], sentence: str) -> list[str]:
    """The words of a sentence that have the stems, at most four."""
    return [word for word in dict.fromkeys(re.findall(r"\w+", sentence)) if find_content(word) & stems][:4]


def _likeness(one: str, other: str) -> float:
    """The share of the words that two sentences have in common, 0 .. 1."""
    left, right = find_content(one), find_content(other)
    return 2 * len(left & right) / (len(left) + len(right)) if left and right else 0.0


@cache
def _load_apart() -> tuple[re.Pattern[str], ...]:
    with APART.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return tuple(re.compile(rf"\b(?:{row['words']})\b", re.I) for row in rows)
