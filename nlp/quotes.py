"""Who is quoted in a text, for whom they speak, and whether they belong to the study.

In order: a quotation is what stands between quotation marks and has at least `WORDS` words (Korean, Japanese and
Chinese: `SIGNS` signs). Its speaker is the person named closest to a verb of saying (`saying.tsv`) in the sentence that
holds or touches the quotation, the words after it first; "he", "she" and "the professor" stand for the person named
last before. A quotation without a verb of saying nearby (a title, a slogan, a coined word) is nobody's and is left out.
The affiliation is the institution that stands with the speaker's name where it is first explained. Whether the voice is
independent: `yes` where the text says so ("who was not involved") or where the linked paper names other institutions,
`no` where the institution is one of the study's, else `unknown`.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from core.records import Mention, Quotation
from nlp.classify.page import Page, Paper

COMPONENT = "quotes/1"
CUES = Path(__file__).with_name("saying.tsv")
WORDS, SIGNS = 4, 8
REACH = 160  # characters around a quotation in which its speaker stands
BESIDE = 140  # characters around a name in which its institution stands

_QUOTED = re.compile(r"“[^“”]{3,1500}”|\"[^\"\n]{3,1500}\"|「[^「」]{3,600}」|『[^『』]{3,600}』|„[^„“”]{3,1500}[“”]")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_PRONOUN = re.compile(
    r"\b(?:he|she|they|the (?:professor|researcher|scientist|doctor|physician|director))\b|그는|그녀는", re.I
)
_OUTSIDE = re.compile(
    r"\b(?:(?:was|were|is|are) not (?:\w+ )?(?:involved|part|affiliated|connected)|not involved in|did not take part"
    r"|independent (?:expert|scientist|researcher)|unconnected with|had no (?:part|role) in)\b"
    r"|참여하지 않은|関与していない|未参与",
    re.I,
)


def find_quotations(page: Page) -> Iterator[Quotation]:
    """Quotations of a page's text with a speaker, in the order of the text."""
    people = sorted((m for m in page.mentions if m.type == "PERSON" and m.part == "text"), key=lambda m: m.start)
    places = [m for m in page.mentions if m.type == "INSTITUTION" and m.part == "text"]
    if not people:
        return
    for match in _QUOTED.finditer(page.body):
        if not _speaks(match[0]):
            continue
        speaker = find_speaker(page.body, match.start(), match.end(), people)
        if speaker is None:
            continue
        full = longest_name(speaker, people)
        home = find_home(page.body, full, people, places)
        independent, why = judge(page, full, home, people)
        yield Quotation(
            document=page.id, start=match.start(), end=match.end(), speaker=full.surface,
            affiliation=home.surface if home else None, concept=home.concept if home else None,
            independent=independent, why=why, component=COMPONENT,
        )  # fmt: skip


def find_speaker(text: str, start: int, end: int, people: Sequence[Mention]) -> Mention | None:
    """The person to whom the words between `start` and `end` are given."""
    after, before = text[end : end + REACH], text[max(0, start - REACH) : start]
    after = after.split("\n", 1)[0]
    before = before.rsplit("\n", 1)[-1]
    for where, piece, offset in (("after", after, end), ("before", before, start - len(before))):
        verbs = [offset + match.start() for match in _saying().finditer(piece)]
        if not verbs:
            continue
        inside = [m for m in people if offset <= m.start and m.end <= offset + len(piece)]
        if inside:
            return min(inside, key=lambda m: (min(abs(m.start - at) for at in verbs), m.start))
        if _PRONOUN.search(piece) or where == "after":
            earlier = [m for m in people if m.end <= start]
            if earlier and start - earlier[-1].end < 1500:
                return earlier[-1]
    return None


def longest_name(person: Mention, people: Sequence[Mention]) -> Mention:
    """The fullest form in which the text names the person, the first of them."""
    last = person.surface.split()[-1]
    same = [m for m in people if m.surface == person.surface or (last in m.surface.split() and len(last) > 1)]
    return max(same, key=lambda m: (len(m.surface.split()), -m.start), default=person)


def find_home(text: str, person: Mention, people: Sequence[Mention], places: Sequence[Mention]) -> Mention | None:
    """The institution that stands with the name where it is first explained."""
    last = person.surface.split()[-1]
    for m in (m for m in people if last in m.surface.split()):
        nearby = [
            p
            for p in places
            if (0 <= p.start - m.end <= BESIDE and not _crosses(text, m.end, p.start, people))
            or (0 <= m.start - p.end <= BESIDE // 3 and not _crosses(text, p.end, m.start, people))
        ]
        if nearby:
            return min(nearby, key=lambda p: (max(p.start - m.end, (m.start - p.end) * 2), p.start))
    return None


def judge(page: Page, person: Mention, home: Mention | None, people: Sequence[Mention]) -> tuple[str, str]:
    """(yes, no or unknown, why)."""
    last = person.surface.split()[-1]
    for m in (m for m in people if last in m.surface.split()):
        begin = page.body.rfind("\n", 0, m.start) + 1
        around = page.body[max(begin, m.start - 60) : m.end + BESIDE].split("\n")[0]
        if found := _OUTSIDE.search(around):
            return "yes", f"the text says so: “{found[0]}”"
    papers = [paper for paper in page.papers if paper.kind in ("paper", "preprint")]
    if any(_wrote(last, paper) for paper in papers):
        return "no", "an author of the linked paper"
    if home is None:
        return "unknown", "no institution stands with the name"
    affiliations = " ".join(str(a) for paper in papers for a in paper.extra.get("affiliations", ()))
    if affiliations:
        if home.surface.casefold() in affiliations.casefold():
            return "no", f"{home.surface} is an affiliation of the linked paper"
        return "yes", f"{home.surface} is none of the affiliations of the linked paper"
    same = home.concept or home.surface.casefold()
    introduced = [
        m
        for m in page.mentions
        if m.type == "INSTITUTION" and m != home and (m.part == "title" or m.start < min(500, home.start))
    ]
    if any((m.concept or m.surface.casefold()) == same for m in introduced):
        return "no", f"{home.surface} is named where the study is introduced"
    return "unknown", f"whether {home.surface} took part is not said"


def _wrote(last: str, paper: Paper) -> bool:
    names = [str(person.get("name", "")) for person in paper.extra.get("people", ()) if isinstance(person, dict)]
    return len(last) > 2 and any(last.casefold() in name.casefold().replace(",", " ").split() for name in names)


def _speaks(quoted: str) -> bool:
    words = quoted[1:-1]
    return len(_CJK.findall(words)) >= SIGNS or len(words.split()) >= WORDS


def _crosses(text: str, start: int, end: int, people: Sequence[Mention]) -> bool:
    """Whether a sentence ends, or another person stands, between two places."""
    between = text[start:end]
    return bool(re.search(r"[.!?。]\s|\n", between)) or any(start <= m.start and m.end <= end for m in people)


@cache
def _saying() -> re.Pattern[str]:
    with CUES.open(encoding="utf-8", newline="") as file:
        cues = [row["cue"] for row in csv.DictReader(file, delimiter="\t")]
    return re.compile("|".join(rf"\b{cue}\b" if cue[0].isascii() else cue for cue in cues), re.I)
