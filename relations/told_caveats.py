"""What a text repeats and leaves out of the caveats of another, and what it adds.

**Caveats** are of the kinds in `caveat_kinds.tsv`: in animals, in cells, not tested in people, no comparison group,
early, a warning, harm, who paid, what the authors gain. A second column of patterns (`present`) is much wider than the
first: a text leaves a caveat out only if nothing in it could be meant for it. The number of people is a kind of its
own: the other text gives it, and the text gives neither that number nor any number of people.

**Repeated** are caveats that both texts have, and sentences of which most (`REPEATED`) is in the other text.
**Added** are sentences that have few words of the other text (`NEW`), and a number, quotation or name that it lacks;
the three that have most of these. Dates, and where the work was published, are no additions.

A text of less than `SHORT` words, or one that was made of what a list gave (a teaser), leaves nothing out: we may not
hold the whole of it.

Texts in two languages, or in one that `LANGUAGES` lacks, are not compared.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from core.text import headline
from relations.number_words import find_numbers
from relations.sentences import find_content, split_sentences
from relations.shingles import find_shingles, remove_boilerplate
from relations.story_roles import RECORDS, find_share

KINDS = Path(__file__).with_name("caveat_kinds.tsv")
EVIDENCE = {"animals": "animal", "cells": "in vitro"}  # kind of caveat -> stage of the label `evidence`
LANGUAGES = frozenset({"en", "ko"})
REPEATED, NEW = 0.6, 0.4  # shares: of a sentence's shingles; of its words
SHINGLES, WORDS = 6, 6  # of a sentence at least
SHORT = 60  # words
MOST = 3  # sentences that are repeated, and that are added
LONGEST = 300  # characters

_PEOPLE = re.compile(
    r"\b(?P<number>\d[\d,]*|[a-z]+(?:-[a-z]+)?(?: hundred(?: and [a-z]+(?:-[a-z]+)?)?)?)"
    r" (?:[a-z-]+ ){0,3}?(?:patients|people|participants|volunteers|subjects|men|women|children|adults|donors|babies)\b"
    r"|(?P<korean>\d[\d,]*)\s?명",
    re.I,
)
_COUNTED = re.compile(  # "sixty of 120 have had it": a number of people without a word for them
    r"\b(?:\d+|[a-z]+ty(?:-[a-z]+)?|[a-z]+teen|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozen)"
    r" (?:of (?:the |its |their |them|\d|[a-z]+ty|[a-z]+teen|[a-z]+ (?:who|have|had|were))"
    r"|(?:who|have|had|were|received|took|got)\b)",
    re.I,
)
_NO_COUNT = re.compile(
    r"[$£€¥]\s?[\d.,]+(?: \w+illion)?|[\d.,]+\s?(?:%|percent|per cent|°|mg|g|kg|ml|mm|cm|km|million|billion)\b"
    r"|\b(?:[\d.,]+|[a-z]+)[ -](?:years?|months?|weeks?|days?|hours?|minutes?|times|met(?:re|er)s?|millimet(?:re|er)s?"
    r"|dollars?|euros?|won|pounds?|percent|per cent)\b",
    re.I,
)
_UNKNOWN = re.compile(
    r"\b(?:remains? (?:\w+ )?(?:unclear|unknown|open|elusive)|not (?:well )?(?:known|understood))\b", re.I
)
_LESS = re.compile(
    r"\b(?:less|fewer|lower|lowest|reduc\w+|avoid\w*|prevent\w*|outcome was|without|common|risk of)\b", re.I
)
_IN_BODY = re.compile(r"\bin vivo\b", re.I)
_STUDY = re.compile(
    r"\b(?:trial|study|studied|treated|received?|enrol\w*|recruit\w*|randomi[sz]\w*|took part|participants|volunteers"
    r"|injected|transplant\w*|implanted|given|tested|followed|biops\w+)\b|임상|환자|투여|이식",
    re.I,
)
_FUTURE = re.compile(
    r"\b(?:will|would|plans?|planned|next|hopes?|intends?|could|about one in|every year|worldwide)\b", re.I
)
_NAME = re.compile(r"(?<![.!?]\s)(?<!^)\b[A-Z][\w'’-]+")
_CAPITAL = re.compile(r"\b[A-Z][\w'’-]+")
_PUBLISHED = re.compile(
    r"\b(?:published|appeared|appears?|posted|reports?|online)\b.{0,60}\b(?:journal|online|preprint|server)\b"
    r"|\b(?:journal|online|preprint)\b.{0,60}\b(?:published|appeared|posted)\b",
    re.I,
)
_MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
_DATE = re.compile(rf"\b(?:{_MONTHS}) \d{{1,2}}\b|\b\d{{1,2}} (?:{_MONTHS})\b|\b(?:19|20)\d\d\b")
_SAID = re.compile(r"[\"“”「」]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A thing that a text repeats, leaves out or adds."""

    what: str  # repeats | leaves out | adds
    kind: str
    text: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One of the two texts."""

    title: str
    text: str
    kind: str  # of the document: release, paper …
    lang: str | None
    basis: str = "page"
    evidence: Mapping[str, str] | None = None  # stage of the document's labels -> sentence; None: it has no labels

    @property
    def complete(self) -> bool:
        """Whether we surely hold all of the text."""
        return self.basis != "feed" and len(self.text.split()) >= SHORT

    @property
    def whole(self) -> str:
        return f"{self.title}\n{self.text}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Caveat:
    kind: str
    says: str
    cue: re.Pattern[str]
    present: re.Pattern[str]


def find_told(document: Side, other: Side) -> list[Told]:
    """What the document repeats, leaves out and adds of the other, in this order."""
    if document.lang != other.lang or document.lang not in LANGUAGES or not document.text or not other.text:
        return []
    caveats = list(_find_caveats(document, other))
    return [
        *(told for told in caveats if told.what == "repeats"),
        *_find_repeated(document, other),
        *(told for told in caveats if told.what == "leaves out"),
        *_find_added(document, other),
    ]


def _find_caveats(document: Side, other: Side) -> Iterator[Told]:
    mine, theirs = split_sentences(document.whole), split_sentences(other.whole)
    for caveat in _load_kinds():
        said = _find_said(caveat, other, theirs)
        if not said:
            continue
        told = next((sentence for sentence in mine if caveat.cue.search(sentence)), None)
        if told is not None:
            yield Told(what="repeats", kind=caveat.kind, text=told, why=f"in both texts: {caveat.says}")
        elif document.complete and not caveat.present.search(document.whole):
            why = f"the {other.kind} says: {caveat.says}. We found nothing about it in this text"
            yield Told(what="leaves out", kind=caveat.kind, text=said, why=why)
    yield from _find_people(document, other, theirs)


def _find_said(caveat: _Caveat, other: Side, sentences: Sequence[str]) -> str:
    """The sentence of the other text with a caveat; empty for none.

    What it was done in is known from the labels of the document, where it has any. The first half of an abstract
    tells what was not known before: a warning there is none of this work.
    """
    stage = EVIDENCE.get(caveat.kind)
    if stage and other.evidence is not None:
        return other.evidence.get(stage, "")
    if caveat.kind == "caution" and other.kind in RECORDS:
        sentences = [one for one in sentences[len(sentences) // 2 :] if not _UNKNOWN.search(one)]
    less = _LESS if caveat.kind == "harm" else _IN_BODY if caveat.kind == "cells" else None
    found = (one for one in sentences if caveat.cue.search(one) and not (less and less.search(one)))
    return next(found, "")


def _find_people(document: Side, other: Side, theirs: Sequence[str]) -> Iterator[Told]:
    """The number of people in the study, where the other text gives it."""
    for sentence in theirs:
        values = find_people(sentence)
        if not values or not _STUDY.search(sentence) or _FUTURE.search(sentence):
            continue
        mine = next((one for one in split_sentences(document.whole) if values & set(find_people(one))), None)
        if mine is not None:
            yield Told(what="repeats", kind="people", text=mine, why="in both texts: in how many people")
        elif (
            document.complete
            and not _find_counts(document.whole)
            and not _COUNTED.search(document.whole)
            and not any(find_people(one) for one in split_sentences(document.whole))
        ):
            why = f"the {other.kind} says in how many people. We found no number of people in this text"
            yield Told(what="leaves out", kind="people", text=sentence, why=why)
        return


def _find_counts(text: str) -> set[float]:
    """Numbers of a text that may count people: no years, dates, shares, sums and measures."""
    return {number.value for number in find_numbers(_NO_COUNT.sub(" ", _DATE.sub(" ", text))) if number.value >= 5}


def find_people(sentence: str) -> set[float]:
    """Numbers of people in a sentence."""
    found: set[float] = set()
    for match in _PEOPLE.finditer(sentence):
        found |= {number.value for number in find_numbers(match["number"] or match["korean"])}
    return {value for value in found if value >= 2}


def _find_repeated(document: Side, other: Side) -> Iterator[Told]:
    """Sentences of which most is in the other text."""
    model = find_shingles(other.whole)
    sentences = [
        one for one in split_sentences(remove_boilerplate(document.text)) if len(find_shingles(one)) >= SHINGLES
    ]
    same = [one for one in sentences if find_share(find_shingles(one), model) >= REPEATED]
    for sentence in same[:MOST]:
        yield Told(
            what="repeats", kind="sentence", text=sentence,
            why=f"{len(same)} of its {len(sentences)} longer sentences are in the {other.kind}, or most of them",
        )  # fmt: skip


def _find_added(document: Side, other: Side) -> Iterator[Told]:
    """Sentences with few words of the other text and something that it lacks: those with most of it, in order.

    Nothing is added to a teaser, the rest of which may say it; and of a paper only its record is here.
    """
    if other.basis == "feed":
        return
    where = f"the record of the {other.kind}" if other.kind in RECORDS else f"the {other.kind}"
    known, names = find_content(other.whole), set(_CAPITAL.findall(other.whole))
    numbers = {number.value for number in find_numbers(other.whole)}
    found: list[tuple[int, int, Told]] = []
    for place, sentence in enumerate(split_sentences(remove_boilerplate(document.text))):
        words = find_content(sentence)
        if len(words) < WORDS or len(words & known) >= NEW * len(words) or _PUBLISHED.search(sentence):
            continue
        has = {
            "a number": bool(
                {number.value for number in find_numbers(_DATE.sub(" ", sentence))} - numbers - {0.0, 1.0, 2.0}
            ),
            "a quotation": bool(_SAID.search(sentence)),
            "a name": any(name not in names for name in _NAME.findall(sentence)),
        }
        what = " and ".join(name for name, is_new in has.items() if is_new)
        if what:
            why = f"most of its words are not in {where}, and it has {what} of its own"
            told = Told(what="adds", kind="number" if has["a number"] else "sentence", text=sentence, why=why)
            found.append((-sum(has.values()), place, told))
    main = sorted(found, key=lambda one: one[:2])[:MOST]
    yield from (told for _, _, told in sorted(main, key=lambda one: one[1]))


def cut(told: Told) -> str:
    """The sentence, at most LONGEST characters."""
    return headline(told.text, LONGEST)


@cache
def _load_kinds() -> tuple[_Caveat, ...]:
    with KINDS.open(encoding="utf-8", newline="") as file:
        return tuple(
            _Caveat(
                kind=row["kind"], says=row["says"], cue=re.compile(row["cue"], re.I),
                present=re.compile(row["present"], re.I),
            )
            for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        )  # fmt: skip
