"""Updates in words: a headline, a sentence more, and what sort of change it is.

Changes about one thing come together, each subject with every value that it had: `recruiting -> suspended ->
recruiting`. In order: what became of a work, the status of a trial, an edit, a preprint that became a paper. Of an
edit, a new title comes before numbers, and those before other words; the figures are the ones that differ, as the
sentence has them (`66 of 132`), and `without a note` is said where the text does not tell of its change.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.text import headline
from publish.letters.facts import STOPPED, Change
from publish.letters.letter import UpdateKind
from publish.letters.rendering import day_of

ARROW = " -> "
_TITLE, _SENTENCE = 140, 200
_VERBS = {"retracted": "Retracted", "withdrawn": "Withdrawn", "concern": "Expression of concern",
          "corrected": "Corrected", "": "Reinstated"}  # fmt: skip
_WORK_KINDS: Mapping[str, UpdateKind] = {
    "retracted": "retraction", "withdrawn": "retraction", "concern": "concern", "corrected": "correction", "": "other",
}  # fmt: skip
_BECAME = re.compile(r"^(?P<before>[^a-z]+) became (?P<after>[^a-z]+)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What is said of a change."""

    kind: UpdateKind
    headline: str
    detail: str = ""
    url: str | None = None


def describe(changes: Sequence[Change], *, behind: int) -> Words:
    """Changes about one thing, in the order in which they were noted, at least one.

    `behind`: how many lines were sent that rest on it, where it was not sent itself; else 0.
    """
    kinds = {change.kind for change in changes}
    if kinds & {"work", "rests"}:
        return _describe_work([change for change in changes if change.kind in ("work", "rests")], behind)
    if "edit" in kinds:
        return _describe_edits(changes)
    if "published" in kinds:
        return _describe_paper(changes[-1], behind)
    return _describe_trial(changes)


# --- works ------------------------------------------------------------------------------------------------------------


def _describe_work(changes: Sequence[Change], behind: int) -> Words:
    last = changes[-1]
    told, value = last.told, last.value
    title = f"“{headline(str(told['title']).rstrip('.'), _TITLE)}”" if told["title"] else ""
    name = _name_of(last) if behind == 0 else f"the paper behind {_lines(behind)}"
    when = f", on {day_of(told['day'])}" if told["day"] and value else ""
    notice = f" (notice {told['notice']})" if told["notice"] and value else ""
    before = [change.value for change in changes[:-1] if change.value and change.value != value]
    more = [f"The paper: {title}." if title and behind else "", "" if value else "It no longer counts as "]
    if not value:
        more[1] += f"{before[-1] if before else last.before or 'retracted'}."
    elif before and len({*before}) > 0:
        more[1] = f"Before that: {', '.join(dict.fromkeys(before))}."
    return Words(
        kind=_WORK_KINDS.get(value, "other"), headline=f"{_VERBS.get(value, value.capitalize())}: {name}{when}{notice}",
        detail=" ".join(part for part in more if part), url=told["url"] if value else None,
    )  # fmt: skip


def _name_of(change: Change) -> str:
    """The title of a work, else its number."""
    if change.told["title"]:
        return f"“{headline(str(change.told['title']).rstrip('.'), _TITLE)}”"
    scheme, _, number = (change.identifiers or (change.thing,))[0].partition(":")
    return f"PubMed {number}" if scheme == "pmid" else f"{scheme}:{number}"


def _lines(count: int) -> str:
    return "a line that we sent you" if count == 1 else f"{count} lines that we sent you"


# --- trials -----------------------------------------------------------------------------------------------------------


def _describe_trial(changes: Sequence[Change]) -> Words:
    number = str(changes[-1].told["number"]).partition(":")[2] or changes[-1].thing
    ways = [_way(changes, kind) for kind in ("trial", "phase", "enrolment")]
    results = next((change for change in changes if change.kind == "results"), None)
    if results is not None:
        posted = f" on {day_of(results.value)}" if results.value[:1].isdigit() else ""
        ways.append(f"results posted{posted}")
    status = [change for change in changes if change.kind == "trial"]
    reason = str(status[-1].told["reason"]) if status and status[-1].value in STOPPED else ""
    ways[0] += f" ({_small(reason)})" if ways[0] and reason else ""
    told = (status or changes)[-1].told
    title = f"“{headline(str(told['title']).rstrip('.'), _TITLE)}”" if told["title"] else ""
    said = f"The registry changed the record on {day_of(told['day'])}." if told["day"] else ""
    return Words(
        kind="trial", headline=f"Update: {number} {'; '.join(way for way in ways if way)}",
        detail=" ".join(part for part in (f"{title}." if title else "", said) if part),
    )  # fmt: skip


def _way(changes: Sequence[Change], kind: str) -> str:
    """`recruiting -> suspended -> recruiting`"""
    values: list[str] = []
    for change in changes:
        if change.kind == kind:
            for value in (change.before, change.value):
                if value and values[-1:] != [value]:
                    values.append(value)
    return ARROW.join(values)


def _small(reason: str) -> str:
    """A reason inside a sentence: `Low enrolment.` is `low enrolment`, `FDA hold` stays."""
    word = reason.split(" ", 1)[0]
    return (reason[:1].lower() + reason[1:] if word[1:].islower() else reason).rstrip(".")


# --- edits ------------------------------------------------------------------------------------------------------------


def _describe_edits(changes: Sequence[Change]) -> Words:
    told = changes[-1].told
    rows: list[Mapping[str, Any]] = [row for change in changes for row in change.told["changes"]]
    title = f"“{headline(str(told['title']), _TITLE)}”"
    noted = any(row["kind"] == "correction note" or not row["silent"] for row in rows)
    titles = [row for row in rows if row["part"] == "title"]
    if titles:
        was = headline(str(titles[0]["before"]), _TITLE)
        return Words(kind="text", headline=f"Retitled: {title}", detail=f"{told['source']}; before: “{was}”")
    lead = "Correction" if noted else "Changed without a note"
    numbers = [row for row in rows if row["kind"] == "number"]
    for row in numbers:
        pair = find_figures(row["why"], row["before"], row["after"])
        if pair is not None:
            detail = f"In {title}: {_quote(row)}" + (f", and {len(rows) - 1} more." if _more(rows) else ".")
            said = f"{lead}: {told['source']} now says {pair[1]}, said {pair[0]}"
            return Words(kind="correction" if noted else "number", headline=said, detail=detail)
    note = next((row for row in rows if row["kind"] == "correction note" and row["after"]), None)
    shown = note if note is not None and not numbers else (numbers or rows)[0]
    kind: UpdateKind = "correction" if noted else "number" if numbers else "text"
    return Words(kind=kind, headline=f"{lead}: {told['source']}, {title}", detail=f"{_quote(shown)}.")


def find_title(changes: Sequence[Change]) -> str:
    """The title that a text had before the first of its edits that changed it; empty where none did."""
    rows = (row for change in changes if change.kind == "edit" for row in change.told["changes"])
    return next((str(row["before"]) for row in rows if row["part"] == "title"), "")


def _more(rows: Sequence[Mapping[str, Any]]) -> bool:
    """Whether more changed than the figures in the headline, and the note on them."""
    return len([row for row in rows if row["kind"] != "correction note"]) > 1


def _quote(row: Mapping[str, Any]) -> str:
    after, before = (headline(str(row[side]), _SENTENCE).rstrip(".") for side in ("after", "before"))
    if after and before:
        return f"“{after}”, before: “{before}”"
    return f"now says: “{after}”" if after else f"no longer says: “{before}”" if before else str(row["why"])


def find_figures(why: str, before: str, after: str) -> tuple[str, str] | None:
    """The figures of an edit, before and after, as their sentences have them; None where it is no exchange.

    >>> find_figures("60, 120 became 66, 132", "Sixty of 120 have had it.", "Sixty-six of 132 have had it.")
    ('60 of 120', '66 of 132')
    >>> find_figures("12 became 15", "Twelve people", "Fifteen people")
    ('12', '15')
    >>> find_figures("5 was put in", "", "Five people") is None
    True
    """
    match = _BECAME.match(why)
    if match is None:
        return None
    return _join_figures(match["before"], before), _join_figures(match["after"], after)


def _join_figures(numbers: str, sentence: str) -> str:
    parts = numbers.split(", ")
    share = len(parts) == 2 and re.search(rf"\bof (?:the |about |some )?{re.escape(parts[1])}(?!\d)", sentence)
    return " of ".join(parts) if share else " and ".join([", ".join(parts[:-1]), parts[-1]] if parts[1:] else parts)


# --- preprints --------------------------------------------------------------------------------------------------------


def _describe_paper(change: Change, behind: int) -> Words:
    told = change.told
    title = f"“{headline(str(told['title']).rstrip('.'), _TITLE)}”"
    name = f"the preprint behind {_lines(behind)}" if behind else f"the preprint {title}"
    paper = str(told["paper"]).rstrip(".")
    scheme, _, number = change.value.partition(":")
    url = told["url"] or (f"https://doi.org/{number}" if scheme == "doi" else None)
    same = paper.casefold() == str(told["title"]).rstrip(".").casefold()
    where = f" in {told['journal']}" if told["journal"] else ""
    detail = [f"The preprint: {title}." if behind else ""]
    detail.append(f"The paper: “{headline(paper, _TITLE)}”." if paper and not same else f"The paper: {change.value}.")
    return Words(
        kind="published", headline=f"Published: {name} is now a paper{where}",
        detail=" ".join(part for part in detail if part), url=url,
    )  # fmt: skip
