"""What a text promises of therapies, by when: "in clinical use within five years", "a trial in 2027".

In order: a sentence must speak of what is to come (`promises.tsv`, `future`), of something that people could use or
enter (`aim`: a trial, approval, the clinic, the market) and of a time (`find_due`): a year to come, "within N years",
"in N to M years" (the later one), "next year", "by the end of the decade". What has happened, and the age of a
patient, are no promise. The promise is made by the person or institution that the sentence names first, else by the
person named last before, else by nobody that we can name. Its state here is `open` where it has a date and `unknown`
without; whether the date has passed is for the edition to say, which has a night.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from core.records import Mention, Promise
from core.text import headline
from nlp.classify.page import Page, sentences
from nlp.quotes import longest_name

COMPONENT = "promises/2"
CUES = Path(__file__).with_name("promises.tsv")
FURTHEST = 30  # years

_NUMBERS = {
    "a": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "fifteen": 15, "twenty": 20, "couple of": 2, "a couple of": 2,
}  # fmt: skip
_COUNT = rf"(?:\d{{1,2}}|{'|'.join(sorted(_NUMBERS, key=len, reverse=True))})"
_SPAN = re.compile(
    rf"\b(?:with)?in (?:the next |the coming |about |around |as little as |less than |roughly |some )*"
    rf"(?P<low>{_COUNT})(?:(?: to | or |[-–])(?P<high>{_COUNT}))?[- ](?P<unit>years?|months?|decades?)\b"
    r"(?!['’]? (?:old|of age|ago))"
    rf"|\b(?:over|during) the (?:next|coming) (?P<over>{_COUNT}) (?P<over_unit>years?|months?)\b",
    re.I,
)
_YEAR = re.compile(
    r"\b(?:by|in|from|before|until|starting in|as early as|as soon as|around|of)"
    r" (?:the end of |late |early |mid-?|spring |summer |autumn |fall )*(?P<year>20\d\d)\b",
    re.I,
)
_NEXT = re.compile(
    r"\b(?:next year|later this year|this year|by the end of the (?:year|decade)|within the decade)\b"
    r"|내년|올해 안|来年|明年",
    re.I,
)
_KOREAN = re.compile(r"(?P<year>20\d\d)년(?:까지|에|부터|께|경)|(?P<span>\d{1,2})년 (?:안|내|이내)에")


def find_promises(page: Page, day: str | None) -> Iterator[Promise]:
    """Promises of a page; `day` is the day on which it was published (YYYY-MM-DD)."""
    future, aim = _cues()
    people = [m for m in page.mentions if m.part == "text" and m.type in ("PERSON", "INSTITUTION")]
    people.sort(key=lambda m: m.start)
    for start, end in sentences(page.body):
        words = page.body[start:end]
        hint, goal = future.search(words), aim.search(words)
        if not hint or not goal:
            continue
        found = find_due(words, day)
        if found is None:
            continue
        due, written = found
        inside = [m for m in people if start <= m.start and m.end <= end]
        before = [m for m in people if m.type == "PERSON" and m.end <= start]
        who = inside[0] if inside else (before[-1] if before and start - before[-1].end < 800 else None)
        yield Promise(
            document=page.id, start=start, end=end, sentence=words, who=_full_name(who, people),
            what=headline(words, 200), due=due, state="open" if due else "unknown",
            why=f"“{hint[0]}”, “{goal[0]}”, “{written}”", component=COMPONENT,
        )  # fmt: skip


def _full_name(who: Mention | None, people: Sequence[Mention]) -> str | None:
    """The fullest form in which the text names a person; an institution as it stands."""
    if who is None or who.type != "PERSON":
        return who.surface if who else None
    return longest_name(who, [m for m in people if m.type == "PERSON"]).surface


def find_due(words: str, day: str | None) -> tuple[str | None, str] | None:
    """(YYYY or None where the day of the text is not known, the words that say so); None where no time is named."""
    year = int(day[:4]) if day else None
    for pattern in (_YEAR, _KOREAN):
        for match in pattern.finditer(words):
            named = match.groupdict().get("year")
            if named and (year is None or year <= int(named) <= year + FURTHEST):
                return named, match[0]
            span = match.groupdict().get("span")
            if span:
                return (str(year + int(span)) if year else None), match[0]
    if span := _SPAN.search(words):
        count = span["high"] or span["low"] or span["over"]
        unit = (span["unit"] or span["over_unit"]).lower()
        number = int(count) if count.isdigit() else _NUMBERS[count.lower()]
        return _later(day, number * (10 if unit.startswith("decade") else 1), months=unit.startswith("month")), span[0]
    if said := _NEXT.search(words):
        if year is None:
            return None, said[0]
        if "decade" in said[0].lower():
            return str(year - year % 10 + 10), said[0]
        return str(year + (said[0].lower() in ("next year", "내년", "来年", "明年"))), said[0]
    return None


def _later(day: str | None, number: int, *, months: bool) -> str | None:
    if day is None:
        return None
    year, month = int(day[:4]), int(day[5:7]) if len(day) >= 7 else 1
    if not months:
        return str(year + number) if number <= FURTHEST else None
    total = year * 12 + month - 1 + number
    return f"{total // 12}-{total % 12 + 1:02}"


@cache
def _cues() -> tuple[re.Pattern[str], re.Pattern[str]]:
    with CUES.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))

    def pattern(kind: str) -> re.Pattern[str]:
        cues = [row["cue"] for row in rows if row["kind"] == kind]
        return re.compile("|".join(rf"\b(?:{cue})\b" if cue[0].isascii() else cue for cue in cues), re.I)

    return pattern("future"), pattern("aim")
