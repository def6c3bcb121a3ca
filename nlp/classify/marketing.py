"""Marketing cues: what sellers write and reporters do not. Each cue is listed with its sentence; none is a verdict.

Cues (`marketing.tsv`): price or discount, booking or contact, speaks as the seller, addresses the buyer, testimonial,
highly safe or without risk, promises of cure or youth, treatment offered without a trial. Besides: diseases of many
body systems, and no trial number. Words in quotation marks do not count. A cue counts once a sentence and up to three
times. `score_marketing` is 0 to 1: the weights of the cues for the length of the text, less for trial numbers and
words of reporting. Cues are shown where the text comes from a clinic, or where the score is at least `SHOWN`.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterator

from core.records import Label
from nlp.classify.cues import Hit, find_hits
from nlp.classify.page import Page, Sentence, label_at, sentences_of
from nlp.classify.systems import get_system

COMPONENT = "marketing/1"
SHOWN = 0.5
MANY = 4  # body systems of the diseases that one text offers to treat
_QUOTED = re.compile(r"[“\"][^”\"]{3,400}[”\"]")
_STUDY = re.compile(
    r"(?i)\bNCT\d{8}\b|\bpublished (?:\w+ ){0,4}in\b|\b(?:researchers?|scientists|authors|investigators"
    r"|study) (?:found|said|reported|report|say|says|announced|wrote|write|shows?|suggests?)\b"
    r"|\b(?:said|says|told)\b|\bdoi\b|\bthe (?:present |current )?study\b|\bwe (?:found|show|report|investigated"
    r"|examined|conclude)\b|\bin this (?:study|review|paper)\b"
)


def find_labels(page: Page) -> Iterator[Label]:
    hits = _find_hits(page)
    score = score_marketing(page)
    clinic = page.kind == "clinic" or page.source_kind == "clinic"
    if not clinic and score < SHOWN:
        return
    for value, found in hits.items():
        yield label_at(page, "marketing", value, COMPONENT, found[0].sentence, max(score, 0.5))
    if len(_get_systems(page)) >= MANY:
        yield label_at(page, "marketing", "many unrelated indications", COMPONENT, _find_fullest(page), max(score, 0.5))
    if hits and not re.search(r"NCT\d{8}", page.text):
        yield label_at(page, "marketing", "no trial number", COMPONENT, None, max(score, 0.5))


def score_marketing(page: Page) -> float:
    """0 .. 1: how much the text sells."""
    hits = _find_hits(page)
    weight = sum(hit.weight for group in hits.values() for hit in group[:3])
    kinds = len([value for value, found in hits.items() if found[0].weight >= 1])
    studies = len(_STUDY.findall(page.body))
    words = max(60, len(page.body.split()))
    per = weight / math.sqrt(words / 100)
    return round(1 / (1 + math.exp(-(1.1 * per + 0.7 * kinds - 55 * studies / words - 2.6))), 3)


def _find_hits(page: Page) -> dict[str, list[Hit]]:
    """Cue -> its hits outside quotation marks."""
    found: dict[str, list[Hit]] = defaultdict(list)
    sentences = tuple(
        Sentence(words=_QUOTED.sub(lambda m: " " * len(m[0]), s.words), start=s.start, end=s.end, place=s.place)
        for s in sentences_of(page)
    )
    whole = {s.start: s for s in sentences_of(page)}
    for hit in find_hits("marketing", sentences, guarded=False):
        found[hit.value].append(
            Hit(value=hit.value, weight=hit.weight, words=hit.words, sentence=whole[hit.sentence.start])
        )
    return found


def _get_systems(page: Page) -> set[str]:
    """Body systems of the diseases that a page mentions."""
    named = {mention.concept for mention in page.mentions if mention.type == "DISEASE" and mention.concept}
    return {system for concept in named if (system := get_system(concept))}


def _find_fullest(page: Page) -> Sentence | None:
    """The sentence that names most diseases."""
    starts = [m.start for m in page.mentions if m.type == "DISEASE" and m.part == "text"]

    def named(sentence: Sentence) -> int:
        return sum(sentence.start <= at < (sentence.end or 0) for at in starts) if sentence.start is not None else 0

    return max(sentences_of(page), key=named, default=None)
