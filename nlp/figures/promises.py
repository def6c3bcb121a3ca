"""Promises: what a text says will come of therapies, and by when ("in clinical use within five years").

A sentence is a promise when it has, in order,

1. a word for the future (`promises.tsv`, `future`);
2. something that people could use or take part in (`aim`: a trial, approval, the clinic, the market);
3. a time (`find_due`): a year to come, "within N years", "in N to M years" (the later one), "next year", "by the end of
   the decade".

What has happened, and the age of a patient, are no promises. The promise is ascribed to the first person or institution
that the sentence mentions, else to the person mentioned last before it, else to nobody. Its state is `open` where it
has a date and `unknown` otherwise. Whether the date has passed is decided when the edition is built, which knows the
day.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path

from core.records import Mention, Promise
from core.text import headline
from nlp.classify.page import Page, sentences
from nlp.figures.quotations import find_longest_name

COMPONENT = "promises/2"
CUES = Path(__file__).with_name("promises.tsv")
FURTHEST = 30  # years
LAST_PERSON = 800  # characters back to the person to whom a promise is ascribed

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
_NEXT_YEAR = ("next year", "내년", "来年", "明年")
_KOREAN = re.compile(r"(?P<year>20\d\d)년(?:까지|에|부터|께|경)|(?P<span>\d{1,2})년 (?:안|내|이내)에")


Due = tuple[str | None, str]  # (YYYY or YYYY-MM, None where the day of the text is unknown; the words that say so)
Rule = Callable[[str, str | None], Due | None]


def find_promises(page: Page, day: str | None) -> Iterator[Promise]:
    """Promises of a page; `day` is the day on which it was published (YYYY-MM-DD)."""
    future, aim = _load_cues()
    actors = [m for m in page.mentions if m.part == "text" and m.type in ("PERSON", "INSTITUTION")]
    actors.sort(key=lambda m: m.start)
    for start, end in sentences(page.body):
        words = page.body[start:end]
        hint, goal = future.search(words), aim.search(words)
        found = find_due(words, day) if hint and goal else None
        if not hint or not goal or found is None:
            continue
        due, written = found
        yield Promise(
            document=page.id, start=start, end=end, sentence=words, who=find_promiser(start, end, actors),
            what=headline(words, 200), due=due, state="open" if due else "unknown",
            why=f"“{hint[0]}”, “{goal[0]}”, “{written}”", component=COMPONENT,
        )  # fmt: skip


def find_promiser(start: int, end: int, actors: Sequence[Mention]) -> str | None:
    """Who makes the promise in a sentence: a person's fullest name, or an institution.

    `actors` are the persons and institutions of the text in its order.
    """
    people = [m for m in actors if m.type == "PERSON"]
    who = next((m for m in actors if start <= m.start and m.end <= end), None)
    if who is None:
        last = next((m for m in reversed(people) if m.end <= start), None)
        who = last if last and start - last.end < LAST_PERSON else None
    if who is None or who.type != "PERSON":
        return who.surface if who else None
    return find_longest_name(who, people).surface


def find_due(words: str, day: str | None) -> Due | None:
    """When a promise is due; None where the sentence names no time. `day` is the day of the text (YYYY-MM-DD)."""
    return next((due for rule in RULES if (due := rule(words, day))), None)


def read_year(words: str, day: str | None) -> Due | None:
    """Such as "by 2030"; no year before the text's, or more than `FURTHEST` after it."""
    return next((due for match in _YEAR.finditer(words) if (due := _check_year(match, day))), None)


def read_korean(words: str, day: str | None) -> Due | None:
    """Such as 2030년까지 or 5년 안에."""
    for match in _KOREAN.finditer(words):
        if due := _check_year(match, day):
            return due
        if match["span"]:
            return (str(int(day[:4]) + int(match["span"])) if day else None), match[0]
    return None


def read_span(words: str, day: str | None) -> Due | None:
    """Such as "within five years" or "in 18 to 24 months": the later end, counted from the day of the text."""
    span = _SPAN.search(words)
    if span is None:
        return None
    count = span["high"] or span["low"] or span["over"]
    unit = (span["unit"] or span["over_unit"]).lower()
    number = int(count) if count.isdigit() else _NUMBERS[count.lower()]
    years = number * (10 if unit.startswith("decade") else 1)
    return add_to_day(day, years, months=unit.startswith("month")), span[0]


def read_next(words: str, day: str | None) -> Due | None:
    """Such as "next year", "this year" or "by the end of the decade"."""
    found = _NEXT.search(words)
    if found is None or day is None:
        return (None, found[0]) if found else None
    year, written = int(day[:4]), found[0].lower()
    if "decade" in written:
        return str(year - year % 10 + 10), found[0]
    return str(year + (written in _NEXT_YEAR)), found[0]


RULES: tuple[Rule, ...] = (read_year, read_korean, read_span, read_next)


def add_to_day(day: str | None, number: int, *, months: bool) -> str | None:
    """YYYY-MM so many months after `day`, or YYYY so many years after it; None for more than `FURTHEST` years."""
    if day is None:
        return None
    year, month = int(day[:4]), int(day[5:7]) if len(day) >= 7 else 1
    if not months:
        return str(year + number) if number <= FURTHEST else None
    total = year * 12 + month - 1 + number
    return f"{total // 12}-{total % 12 + 1:02}"


def _check_year(match: re.Match[str], day: str | None) -> Due | None:
    """The year of a match, where it is one to come."""
    named, year = match["year"], int(day[:4]) if day else None
    if named and (year is None or year <= int(named) <= year + FURTHEST):
        return named, match[0]
    return None


@cache
def _load_cues() -> tuple[re.Pattern[str], re.Pattern[str]]:
    with CUES.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))

    def pattern(kind: str) -> re.Pattern[str]:
        cues = [row["cue"] for row in rows if row["kind"] == kind]
        return re.compile("|".join(rf"\b(?:{cue})\b" if cue[0].isascii() else cue for cue in cues), re.I)

    return pattern("future"), pattern("aim")
