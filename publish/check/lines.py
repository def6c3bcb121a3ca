"""The lines and sections that a check consists of, and words that all of them use: what became of a work, counts."""

from __future__ import annotations

from calendar import month_name
from dataclasses import dataclass

from core.records import Json
from core.text import one_line

MONTHS = tuple(month_name)[1:]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """`label` says what the line is about; `link` is the text of a link to `address`, before `text`.

    `quote` is a sentence that the line rests on.
    """

    text: str
    label: str = ""
    link: str = ""
    address: str = ""
    quote: str = ""
    alert: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    title: str
    lines: tuple[Line, ...]
    note: str = ""


def describe_standing(record: Json) -> str:
    """What became of a work, in sentences. Also says what is not known."""
    if not record["here"] and not record.get("status"):
        return "Not in this edition, so nothing is known here of what became of it."
    said = []
    if status := record.get("status"):
        said.append(as_sentence(status["text"]))
    if trial := record.get("trial"):
        said.append(
            as_sentence(trial["text"]) + (f" Why it stopped: {as_sentence(trial['reason'])}" if trial["reason"] else "")
        )
    elif record["here"] and record["kind"] == "trial":
        said.append("The registry's status of this trial is not known here.")
    if published := record.get("published_as"):
        name = f"“{published['title'].rstrip('.')}”" if published["title"] else published["identifier"]
        journal = f" in {published['journal']}" if published["journal"] else ""
        said.append(f"Published since{journal}: {name} ({published['identifier']}).")
        if published["status"]:
            said.append(as_sentence(published["status"]["text"]))
    elif record["here"] and record["kind"] == "preprint":
        said.append("A preprint; no published version is known here.")
    if about := record.get("notice_about"):
        said.append(f"This record is a notice about “{about['title']}”.")
    if not said:
        said.append("No retraction and no correction is known here.")
    return " ".join(said)


def on_day(day: str | None) -> str:
    return f" on {say_day(day)}" if day else ""


def say_day(day: str) -> str:
    """`2026-11-09` as `9 November 2026`; a month or a year alone as it is said.

    >>> say_day("2026-11-09T04:00:00Z"), say_day("2026-11"), say_day("2026")
    ('9 November 2026', 'November 2026', '2026')
    """
    year, *rest = day[:10].split("-")
    if not rest or not all(part.isdigit() for part in rest) or not 1 <= int(rest[0]) <= len(MONTHS):
        return day
    month = f"{MONTHS[int(rest[0]) - 1]} {year}"
    return f"{int(rest[1])} {month}" if len(rest) > 1 else month


def as_sentence(text: str) -> str:
    text = one_line(text)
    return text if text.endswith((".", "!", "?")) else f"{text}."


def count(number: int, word: str, many: str = "") -> str:
    return f"{number:,} {word if number == 1 else many or word + 's'}"
