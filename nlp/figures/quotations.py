"""Quotations: who is quoted, for which institution they speak, and whether they are independent of the study.

For each text between quotation marks of at least `WORDS` words (Korean, Japanese and Chinese: `SIGNS` characters), in
order:

1. speaker (`find_speaker`): the person mentioned nearest to a verb of saying (`saying.tsv`), first in the text after
   the quotation, then in the text before it. A pronoun ("she", "the professor") means the person mentioned last before.
   A quotation without a verb of saying nearby (a title, a slogan, a coined word) is left out;
2. affiliation (`find_home`): the institution next to the speaker's name, where the text first gives one;
3. independence (`judge_independence`): `yes`, `no` or `unknown`, by the first of `JUDGES` that answers.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from core.records import Mention, Quotation
from nlp.classify.page import Page, Paper

COMPONENT = "quotes/2"
CUES = Path(__file__).with_name("saying.tsv")
WORDS, SIGNS = 4, 8
REACH = 160  # characters around a quotation in which a verb of saying counts
NEAR_NAME = 140  # characters around a name in which its institution is looked for
LAST_PERSON = 1500  # characters back to the person that a pronoun can mean
INTRODUCTION = 500  # characters in which a text introduces its study

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaker:
    """Who is quoted, in the fullest form of the name, with the mention of their institution."""

    person: Mention
    home: Mention | None

    @property
    def last_name(self) -> str:
        return self.person.surface.split()[-1]


Verdict = tuple[str, str]  # (yes, no or unknown; why)
Judge = Callable[[Page, Speaker, Sequence[Mention]], Verdict | None]


def find_quotations(page: Page) -> Iterator[Quotation]:
    """Quotations of a page's text that have a speaker, in the order of the text."""
    people = sorted((m for m in page.mentions if m.type == "PERSON" and m.part == "text"), key=lambda m: m.start)
    institutions = [m for m in page.mentions if m.type == "INSTITUTION" and m.part == "text"]
    if not people:
        return
    for match in _QUOTED.finditer(page.body):
        named = find_speaker(page.body, match.start(), match.end(), people) if is_speech(match[0]) else None
        if named is None:
            continue
        person = find_longest_name(named, people)
        home = find_home(page.body, person, people, institutions)
        independent, why = judge_independence(page, Speaker(person=person, home=home), people)
        yield Quotation(
            document=page.id, start=match.start(), end=match.end(), speaker=person.surface,
            affiliation=home.surface if home else None, concept=home.concept if home else None,
            independent=independent, why=why, component=COMPONENT,
        )  # fmt: skip


def is_speech(quoted: str) -> bool:
    """Whether a text in quotation marks is long enough to be something that a person said."""
    words = quoted[1:-1]
    return len(_CJK.findall(words)) >= SIGNS or len(words.split()) >= WORDS


def find_speaker(text: str, start: int, end: int, people: Sequence[Mention]) -> Mention | None:
    """Who says what is between `start` and `end`; `people` are the persons in the order of the text."""
    after = text[end : end + REACH].split("\n", 1)[0]
    before = text[max(0, start - REACH) : start].rsplit("\n", 1)[-1]
    for piece, offset, follows in ((after, end, True), (before, start - len(before), False)):
        verbs = [offset + match.start() for match in _load_saying().finditer(piece)]
        if not verbs:
            continue
        if inside := [m for m in people if offset <= m.start and m.end <= offset + len(piece)]:
            return min(inside, key=lambda m: (min(abs(m.start - at) for at in verbs), m.start))
        last = next((m for m in reversed(people) if m.end <= start), None)
        if last and start - last.end < LAST_PERSON and (follows or _PRONOUN.search(piece)):
            return last
    return None


def find_longest_name(person: Mention, people: Sequence[Mention]) -> Mention:
    """The first mention with the most words of the person's name."""
    last = person.surface.split()[-1]
    same = [m for m in people if m.surface == person.surface or (last in m.surface.split() and len(last) > 1)]
    return max(same, key=lambda m: (len(m.surface.split()), -m.start), default=person)


def find_home(text: str, person: Mention, people: Sequence[Mention], institutions: Sequence[Mention]) -> Mention | None:
    """The institution nearest to the first mention of the name that has one nearby, in the same sentence."""
    last = person.surface.split()[-1]
    for m in (m for m in people if last in m.surface.split()):
        nearby = [
            place
            for place in institutions
            if (0 <= place.start - m.end <= NEAR_NAME and not _is_apart(text, m.end, place.start, people))
            or (0 <= m.start - place.end <= NEAR_NAME // 3 and not _is_apart(text, place.end, m.start, people))
        ]
        if nearby:
            return min(nearby, key=lambda place: (max(place.start - m.end, (m.start - place.end) * 2), place.start))
    return None


def judge_independence(page: Page, speaker: Speaker, people: Sequence[Mention]) -> Verdict:
    """Whether the speaker is independent of the study; `unknown` where no rule answers."""
    verdicts = (judge(page, speaker, people) for judge in JUDGES)
    home = speaker.home.surface if speaker.home else ""
    return next((found for found in verdicts if found), ("unknown", f"whether {home} took part is not said"))


def judge_by_text(page: Page, speaker: Speaker, people: Sequence[Mention]) -> Verdict | None:
    """Yes where the text says so next to the name: "who was not involved in the study"."""
    for m in (m for m in people if speaker.last_name in m.surface.split()):
        begin = page.body.rfind("\n", 0, m.start) + 1
        around = page.body[max(begin, m.start - 60) : m.end + NEAR_NAME].split("\n")[0]
        if found := _OUTSIDE.search(around):
            return "yes", f"the text says so: “{found[0]}”"
    return None


def judge_by_authors(page: Page, speaker: Speaker, _people: Sequence[Mention]) -> Verdict | None:
    """No where the speaker is an author of a linked paper."""
    wrote = any(is_author(speaker.last_name, paper) for paper in _get_papers(page))
    return ("no", "an author of the linked paper") if wrote else None


def judge_without_home(_page: Page, speaker: Speaker, _people: Sequence[Mention]) -> Verdict | None:
    """Unknown where the speaker's institution is unknown."""
    return ("unknown", "no institution stands with the name") if speaker.home is None else None


def judge_by_affiliations(page: Page, speaker: Speaker, _people: Sequence[Mention]) -> Verdict | None:
    """By the affiliations of the linked papers: no where the speaker's institution is among them, else yes."""
    affiliations = " ".join(str(a) for paper in _get_papers(page) for a in paper.extra.get("affiliations", ()))
    if not affiliations or speaker.home is None:
        return None
    if speaker.home.surface.casefold() in affiliations.casefold():
        return "no", f"{speaker.home.surface} is an affiliation of the linked paper"
    return "yes", f"{speaker.home.surface} is none of the affiliations of the linked paper"


def judge_by_introduction(page: Page, speaker: Speaker, _people: Sequence[Mention]) -> Verdict | None:
    """No where the title or the beginning of the text, which introduce the study, mention the institution too."""
    home = speaker.home
    if home is None:
        return None
    introduced = [
        m.concept or m.surface.casefold()
        for m in page.mentions
        if m.type == "INSTITUTION" and m != home and (m.part == "title" or m.start < min(INTRODUCTION, home.start))
    ]
    if (home.concept or home.surface.casefold()) in introduced:
        return "no", f"{home.surface} is named where the study is introduced"
    return None


def judge_by_release(page: Page, speaker: Speaker, people: Sequence[Mention]) -> Verdict | None:
    """In a press release no by the two rules below, else unknown: a release quotes whom it chooses."""
    if page.kind != "release":
        return None
    found = (judge(page, speaker, people) for judge in (judge_by_affiliations, judge_by_introduction))
    no = next((verdict for verdict in found if verdict and verdict[0] == "no"), None)
    return no or ("unknown", "quoted in a press release, which chooses whom it quotes")


JUDGES: tuple[Judge, ...] = (
    judge_by_text,
    judge_by_authors,
    judge_without_home,
    judge_by_release,
    judge_by_affiliations,
    judge_by_introduction,
)


def is_author(last_name: str, paper: Paper) -> bool:
    """Whether a paper has an author of that last name."""
    names = [str(person.get("name", "")) for person in paper.extra.get("people", ()) if isinstance(person, dict)]
    last = last_name.casefold()
    return len(last_name) > 2 and any(last in name.casefold().replace(",", " ").split() for name in names)


def _get_papers(page: Page) -> list[Paper]:
    """The linked papers, without trials."""
    return [paper for paper in page.papers if paper.kind in ("paper", "preprint")]


def _is_apart(text: str, start: int, end: int, people: Sequence[Mention]) -> bool:
    """Whether a sentence ends, or another person is mentioned, between two offsets."""
    between = text[start:end]
    return bool(re.search(r"[.!?。]\s|\n", between)) or any(start <= m.start and m.end <= end for m in people)


@cache
def _load_saying() -> re.Pattern[str]:
    with CUES.open(encoding="utf-8", newline="") as file:
        cues = [row["cue"] for row in csv.DictReader(file, delimiter="\t")]
    return re.compile("|".join(rf"\b{cue}\b" if cue[0].isascii() else cue for cue in cues), re.I)
