"""Numbers of note of a story: the newest value of each of its series, then what at least two of its documents give.

Of a series the values of the newest period are taken that documents of the story give exactly. Of other numbers only
those of people or animals who took part count, and only where the story's sentence does not have them: most other
numbers say little without their sentence.
"""

from __future__ import annotations

import re
import sqlite3
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

MOST = 3  # numbers of a story
PEOPLE = re.compile(r"(?i)\b(?:patients|people|participants|volunteers|children|adults|women|men|infants|subjects)$")
COUNTED = re.compile(
    rf"{PEOPLE.pattern}|\b(?:families|donors|mice|rats|rabbits|pigs|dogs|monkeys|animals|sheep|horses)$"
)
IN_WORDS = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty",
)  # fmt: skip

FIGURES = """
SELECT m.story, f.document, f.number, f.value, f.unit, f.subject, f.period, f.series, f.modifier, y.sentence
FROM member m JOIN document d ON d.id = m.document JOIN figure f ON f.document = m.document
JOIN story_summary y ON y.story = m.story
WHERE f.modifier IN ('exact', 'at least', 'approximate') AND f.high IS NULL AND f.subject <> ''
    AND d.kind IN ('paper', 'preprint', 'trial', 'release', 'news')
ORDER BY m.story, d.lang <> 'en', m.role <> 'origin', m.role <> 'release', d.day, d.id, f.number"""


@dataclass(frozen=True, slots=True)
class Given:
    """A number that a document of a story gives."""

    story: int
    document: int
    number: int
    value: float
    unit: str
    subject: str
    period: str | None
    series: str | None
    modifier: str
    sentence: str  # of the story


def fill_story_numbers(edition: sqlite3.Connection) -> None:
    """Fill the table `story_number`. After `story_summary`."""
    stories: dict[int, list[Given]] = defaultdict(list)
    for row in edition.execute(FIGURES):
        stories[row[0]].append(Given(*row))
    for story, given in stories.items():
        for place, (one, documents) in enumerate(choose(given), 1):
            edition.execute(
                "INSERT INTO story_number VALUES (?, ?, ?, ?, ?)", (story, place, one.document, one.number, documents)
            )


def is_people(subject: str) -> bool:
    """Whether a number counts people who took part."""
    return bool(PEOPLE.search(subject))


def choose(given: Iterable[Given]) -> list[tuple[Given, int]]:
    """The numbers of note of one story, each with how many documents give it."""
    by_thing: dict[object, list[Given]] = defaultdict(list)
    newest: dict[str, str] = {}
    for one in given:
        if one.series and one.period and one.modifier == "exact":
            newest[one.series] = max(newest.get(one.series, ""), one.period)
            by_thing[one.series, one.period, one.value].append(one)
        elif not one.series and COUNTED.search(one.subject):
            by_thing[one.subject.casefold(), one.unit, one.value].append(one)
    chosen = []
    for some in by_thing.values():
        documents = len({one.document for one in some})
        first = some[0]
        if first.series:
            if first.period == newest[first.series]:
                chosen.append((first, documents))
        elif documents > 1 and not _is_in(first.value, first.sentence):
            chosen.append((first, documents))
    chosen.sort(key=lambda item: (not item[0].series, -item[1]))
    return chosen[:MOST]


def _is_in(value: float, sentence: str) -> bool:
    """Whether a sentence gives the number, in digits or as a word."""
    said = sentence.casefold().replace(",", "")
    word = IN_WORDS[int(value)] if value.is_integer() and 0 <= value < len(IN_WORDS) else f"{value:g}"
    return f"{value:g}" in re.findall(r"\d+(?:\.\d+)?", said) or bool(re.search(rf"\b{re.escape(word)}\b", said))
