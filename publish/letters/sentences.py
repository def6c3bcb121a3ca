"""The sentence under a line: the one that holds what was asked for, with the words set off, within the rights.

Candidates, of the document whose headline the line has:
* sentences of the text that the site shows (or, where it shows only a part, of the whole text) that hold a hit;
* quotations that the site shows of a text that it does not show;
* the sentence on which a label rests, or the words of a notice, a registry or a warning, where these were asked for;
* a field of its record, where nothing else holds the hit;
* the sentence of the story, where this document says it.

The one that answers most of what the title does not answer wins; of several the one that says most: the story's
sentence, one that tells a finding, not a heading, not a fragment. Where the title answers all, a sentence must say
something, or there is none.

Rights: from a text that the site does not show at most QUOTE characters are quoted, and at most a fifth of the text;
a longer sentence is cut at word ends around the hits. Other sentences are cut at WIDTH. There is one quotation a line.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate

from core.text import one_line
from publish.letters.letter import Marked
from publish.letters.line_rows import Paper, Story
from publish.letters.wishes import Answer, Wish, value_marks
from publish.search.excerpt import Span
from publish.sentences import find_sentences

WIDTH = 280  # characters of a sentence
QUOTE = 200  # of a text that is not shown
SHARE = 5  # at most one part in so many of such a text
SHORT = 40  # characters; less is a heading or a fragment
LEAST = 24  # characters of a quotation; less tells nothing

_FINDING = re.compile(
    r"(?i)\b(?:we (?:found|show|report|demonstrat|observ|identif|conclu|develop|generat|treat)\w*|found that"
    r"|show(?:n|s|ed)? that|demonstrat\w+|results? (?:show|suggest|indicat)\w*|conclu\w+|significant\w*|improv\w+"
    r"|increas\w+|reduc\w+|restor\w+|receiv\w+|transplant\w+|implant\w+|enrol\w+|randomi[sz]ed|efficacy|safe(?:ty)?"
    r"|purpose of th\w+|aims? )\b"
)
_CONCLUDING = re.compile(
    r"(?i)\b(?:conclu\w+|in summary|taken together|(?:our|these|the) (?:results|findings|data|study)|this study"
    r"|we (?:found|show|demonstrat|report)\w*|the (?:purpose|aim|objective|goal)"
    r"|will (?:evaluate|assess|investigate|determine))\b"
)
_BACKGROUND = re.compile(
    r"(?i)\b(?:is|are) (?:an?|one of|the (?:most|leading|main|major))\b.{0,60}\b(?:condition|disease|disorder|cause"
    r"|injury|problem|challenge|public|death|disability)|characteri[sz]ed by|\bdefined as\b|\bworldwide\b"
    r"|remains? (?:an?|the|un|elusive)|little is known|prevalence|incidence|has attracted|over the (?:past|last)"
    r"|population[- ]based|(?:approximately|at least|about|around) \d+ ?%|have shown that|\bmillions?\b|is damage to"
    r"|\bis (?:often|still) (?:difficult|limited)|^(?:the )?(?:majority|most) of|first[- ]line|treatment options"
    r"|need(?:s)? to be developed|^in (?:december|january|recent) |\bunmet\b|negative consequences|\bcommon(?:ly)?\b"
)
_WHO = re.compile(r"\b(?:PhD|Ph\.D|MD|M\.D|Professor|[Ll]ead author|[Ss]enior author|[Cc]orresponding author)\b")
_SECTION = re.compile(
    r"(?i)(?:background|objectives?|aims?|purpose|introduction|methods?|results?|conclusions?|findings|interpretation"
    r"|(?:materials|patients) and methods|background and (?:aims?|objectives?|purpose)):\s+"
)
_DATELINE = re.compile(r"[^.\n]{0,50}\b(?:19|20)\d\d\b[^.\n]{0,25}?\s(?:--|—|–)\s+")
_DAY = re.compile(r"\b([A-Z][a-z]{2,8}) (\d\d?), (\d{4})\b")
_NOISE = re.compile(
    r"(?i)^(?:keywords?|background|objectives?|methods?|results?|conclusions?|introduction|abstract|copyright|photo"
    r"|image|figure|table|advertisement|share|read more|related|contact|by )\b.{0,30}$|https?://|www\.|©|\bet al\.|doi:"
    r"|\ball rights reserved|\bsubscribe|\bcookie|\bclick\b|\bISSN\b"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A sentence, what it answers, what is set off in it, and how much it says."""

    text: str
    marks: tuple[Span, ...]
    answers: frozenset[int]
    worth: float
    limit: int = WIDTH
    quoted: bool = False  # the site quotes it, so it may be there though it holds no hit
    ours: bool = False  # words of a notice, a registry or a record, not of the text


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """The sentence of a line, and the wishes that it answers."""

    sentence: Marked | None = None
    answers: frozenset[int] = frozenset()
    ours: bool = False  # it is not of the text


def choose_sentence(paper: Paper, story: Story | None, wishes: Sequence[Wish], answers: Sequence[Answer]) -> Chosen:
    """The sentence of a line; None where none says what was asked for or anything of worth."""
    in_title = {at for at, answer in enumerate(answers) if answer.title}
    best: tuple[float, Candidate] | None = None
    for one in _candidates(paper, story, wishes, answers):
        if one_line(one.text) == paper.row["title"]:
            continue
        weight = 10 * len(one.answers - in_title) + 3.2 * len(one.answers) + one.worth
        if (one.answers or one.worth >= (0 if one.quoted else 2)) and (best is None or weight > best[0]):
            best = (weight, one)
    sentence = cut(best[1].text, best[1].marks, best[1].limit) if best else None
    if best is None or sentence is None:
        return Chosen()
    if not best[1].ours:
        sentence = with_inner_marks(sentence)
    return Chosen(sentence=sentence, answers=best[1].answers, ours=best[1].ours)


def _candidates(
    paper: Paper, story: Story | None, wishes: Sequence[Wish], answers: Sequence[Answer]
) -> Iterator[Candidate]:
    told = story.row["sentence"] if story and story.row["sentence_document"] == paper.row["id"] else ""
    if told:
        found = _mark(told, wishes, answers)
        yield _candidate(told, found, worth=4.0)
    for at, answer in enumerate(answers):
        for name, sentence in answer.said:
            own = name in ("status", "trial_status")
            line = _with_our_days(one_line(sentence)) if own else one_line(sentence)
            found = _mark(line, wishes, answers) if not own else {}
            marks = found.setdefault(at, [])
            marks += [span for of, value in answer.values if of == name for span in value_marks(line, name, value)]
            yield _candidate(line, found, worth=5.0 if own else 1.0 + _worth(line), ours=own)
        for name, words in answer.record:
            moved = {of: [(b + len(name) + 2, e + len(name) + 2) for b, e in spans]
                     for of, spans in _mark_record(name, words, wishes).items()}  # fmt: skip
            yield _candidate(f"{name[:1].upper()}{name[1:]}: {words}", moved, worth=-3.0, ours=True)
    for quoted in paper.quotes:
        found = _mark(quoted, wishes, answers)
        yield _candidate(quoted, found, worth=_worth(quoted.lstrip("…")) - 0.5, limit=QUOTE, quoted=True)
    shown, whole = paper.row["shown"], paper.text
    if shown and whole.startswith(shown):
        yield from _of_text(whole, answers, open_to=len(shown), paper=paper)
    else:
        if shown:
            yield from _of_shown(shown, wishes, answers)
        yield from _of_text(whole, answers, open_to=0, paper=paper)


def _of_text(text: str, answers: Sequence[Answer], *, open_to: int, paper: Paper) -> Iterator[Candidate]:
    """Sentences of the whole text that hold a hit; of those that are shown also others that tell a finding."""
    sentences = find_sentences(text)
    starts = [start for start, _ in sentences]
    ends = [end for _, end in sentences]
    held: dict[tuple[int, int], dict[int, list[Span]]] = {}
    for at, answer in enumerate(answers):
        for start, end in answer.text:
            first = max(0, bisect_right(starts, start) - 1)
            if first and text[starts[first]].islower() and "\n" not in text[ends[first - 1] : starts[first]]:
                first -= 1  # cut at an abbreviation
            last = max(first, bisect_left(ends, end))
            if last < len(sentences):
                held.setdefault((first, last), {}).setdefault(at, []).append((start, end))
    quote = min(QUOTE, len(text) // SHARE)
    for (first, last), found in held.items():
        start, end = sentences[first][0], sentences[last][1]
        for other in (key for key in held if key[0] >= first and key[1] <= last and key != (first, last)):
            for at, spans in held[other].items():
                found = {**found, at: [*found.get(at, []), *spans]}
        moved = {at: [(begin - start, stop - start) for begin, stop in spans] for at, spans in found.items()}
        is_open = end <= open_to
        worth = _worth(text[start:end]) - (0.5 if first > 40 else 0.0)
        if paper.row["kind"] == "trial":
            worth += _by_place(text[start:end], first)
        yield _candidate(
            text[start:end], moved, worth=worth if is_open else worth - 2, limit=WIDTH if is_open else quote
        )
    if open_to and paper.row["kind"] in ("paper", "preprint", "trial"):
        for place, (start, end) in enumerate(sentences[:60]):
            sentence = text[start:end]
            worth = _worth(sentence) + (_by_place(sentence, place) if paper.row["kind"] == "trial" else 0.0)
            if end <= open_to and worth >= 2:
                yield _candidate(sentence, {}, worth=worth)


def _of_shown(shown: str, wishes: Sequence[Wish], answers: Sequence[Answer]) -> Iterator[Candidate]:
    """Sentences of what is shown, where that is not the beginning of the text: names are looked for as written."""
    for start, end in find_sentences(shown):
        sentence = shown[start:end]
        found = _mark(sentence, wishes, answers)
        if found or _worth(sentence) >= 2:
            yield _candidate(sentence, found, worth=_worth(sentence))


def _mark(sentence: str, wishes: Sequence[Wish], answers: Sequence[Answer]) -> dict[int, list[Span]]:
    """The places in a sentence that answer each wish."""
    found: dict[int, list[Span]] = {}
    for at, (wish, answer) in enumerate(zip(wishes, answers, strict=True)):
        spans = (wish.loose if answer.loose else wish.marks).spans(sentence)
        for surface in answer.surfaces:
            spans += [match.span() for match in _as_written(surface).finditer(sentence)]
        if spans:
            found[at] = spans
    return found


def _mark_record(name: str, words: str, wishes: Sequence[Wish]) -> dict[int, list[Span]]:
    """The places in a field of a record that answer each wish; names of authors are asked for by themselves, too."""
    found = {at: wish.marks.spans(words) or wish.loose.spans(words) for at, wish in enumerate(wishes)}
    if name == "authors":
        found |= {at: spans for at, wish in enumerate(wishes) if (spans := wish.names.spans(words))}
    return {at: spans for at, spans in found.items() if spans}


def _with_our_days(sentence: str) -> str:
    """A sentence of our own, with days as letters write them: `November 9, 2026` as `9 November 2026`."""
    return _DAY.sub(r"\2 \1 \3", sentence)


@lru_cache(maxsize=4096)
def _as_written(surface: str) -> re.Pattern[str]:
    """A name as it is written; between word ends, where its script has spaces between words."""
    before = r"(?<!\w)" if surface[:1].isascii() else ""
    return re.compile(f"{before}{re.escape(surface)}" + (r"(?!\w)" if surface[-1:].isascii() else ""))


def _candidate(
    text: str,
    found: dict[int, list[Span]],
    *,
    worth: float,
    limit: int = WIDTH,
    quoted: bool = False,
    ours: bool = False,
) -> Candidate:
    """A candidate, without what comes before a sentence and is no part of it."""
    marks = merge(span for spans in found.values() for span in spans)
    head = _SECTION.match(text) or _DATELINE.match(text)
    if head and (not marks or head.end() <= marks[0][0]):
        text = text[head.end() :]
        marks = tuple((start - head.end(), end - head.end()) for start, end in marks)
    return Candidate(
        text=text, marks=marks, answers=frozenset(found), worth=worth, limit=limit, quoted=quoted, ours=ours
    )


@lru_cache(maxsize=20_000)  # of a night's documents, for all who follow something in them
def _worth(sentence: str) -> float:
    """How much a sentence says, as far as its form tells."""
    length = len(sentence)
    if _NOISE.search(sentence):
        return -4.0
    if length < SHORT or (not sentence[:1].isalnum() and sentence[:1] not in "“\"‘'("):
        return -3.0
    worth = 1.5 if _FINDING.search(sentence) else 0.0
    worth += 1.5 if _CONCLUDING.search(sentence) else 0.0
    worth -= 2.0 if _BACKGROUND.search(sentence) else 0.0
    if length > WIDTH:
        worth -= 1.0
    worth -= 2.0 if sentence[:1].islower() else 0.0
    worth -= 1.5 if _WHO.search(sentence) else 0.0
    if sentence[-1:] not in '.!?。！？”"':
        worth -= 1.5
    return worth


def _by_place(sentence: str, place: int) -> float:
    """What the place of a sentence in a registry's text is worth: it says first what the trial is about."""
    if place < 2:
        return 0.0 if _BACKGROUND.search(sentence) else 2.0
    return 0.0 if place < 5 else -1.0


def merge(spans: Iterator[Span]) -> tuple[Span, ...]:
    """Places in order, those that overlap or touch as one."""
    found: list[Span] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        elif start < end:
            found.append((start, end))
    return tuple(found)


def cut(text: str, marks: Sequence[Span], limit: int = WIDTH) -> Marked | None:
    """A text on one line and at most `limit` characters, cut at word ends around its marks, with … where it was cut.

    None where not even the first mark and a few words fit.
    """
    line, marks = _on_one_line(text, marks)
    if len(line) <= limit:
        return Marked(text=line, marks=tuple(marks)) if len(line) >= LEAST or marks else None
    if limit < LEAST:
        return None
    room = limit - 2  # an ellipsis at either end
    first = marks[0] if marks else (0, 0)
    if first[1] - first[0] > room:
        return None
    last = first
    for mark in marks:  # as many marks as fit
        if mark[1] - first[0] <= room:
            last = mark
    spare = room - (last[1] - first[0])
    start = 0 if last[1] <= room else max(0, first[0] - spare // 2)
    start = max(0, min(start, len(line) - room))
    end = min(len(line), start + room)
    if start:
        space = line.find(" ", start - 1, first[0] + 1)
        start = space + 1 if space >= 0 else first[0] if line[first[0] - 1].isascii() else start
    if end < len(line) and line[end] != " ":
        space = line.rfind(" ", last[1], end)
        end = space if space >= 0 else last[1] if line[end - 1].isascii() else end
    middle = line[start:end].rstrip(" ,;:–—-(") if end < len(line) else line[start:end]
    end = max(start + len(middle), last[1])
    before, after = "…" if start else "", "…" if end < len(line) else ""
    move = len(before) - start
    kept = tuple((begin + move, stop + move) for begin, stop in marks if begin >= start and stop <= end)
    return Marked(text=f"{before}{line[start:end]}{after}", marks=kept)


def with_inner_marks(sentence: Marked) -> Marked:
    """A sentence for a place between quotation marks: its own become single ones, and one without its fellow goes."""
    letters = ["" if letter in '“”"' else letter for letter in sentence.text]
    for pair in re.finditer(r"[“\"][^“”\"]*[”\"]", sentence.text):
        letters[pair.start()], letters[pair.end() - 1] = "‘", "’"
    places = [0, *accumulate(map(len, letters))]
    marks = ((places[start], places[end]) for start, end in sentence.marks)
    return Marked(text="".join(letters), marks=tuple((start, end) for start, end in marks if start < end))


def _on_one_line(text: str, marks: Sequence[Span]) -> tuple[str, list[Span]]:
    """A text with every run of blanks as one space, and the places of its marks there."""
    if " ".join(text.split()) == text:
        return text, list(marks)
    places: list[int] = []  # of each character
    line: list[str] = []
    for char in text:
        places.append(len(line))
        if not char.isspace():
            line.append(char)
        elif line and line[-1] != " ":
            line.append(" ")
    places.append(len(line))
    whole = "".join(line).rstrip()
    moved = ((places[start], min(places[end], len(whole))) for start, end in marks)
    return whole, [(start, end) for start, end in moved if start < end]
