"""Outcome and caution: what went wrong in the text's own study, and what a reader should know before believing it.

Values of `outcome`: no benefit, harm, stopped. Values of `caution`: no comparison group, not approved. A cue
(`outcome.tsv`) counts where it tells of the text's own work (`whose.py`) and of what happened: not "could harm", not
"no serious side effects", not deaths that had other causes, and not what some patients lacked where others gained. Harm
is harm to people: in a text whose own work is in animals or dishes it keeps a low score, because control animals fall
ill too. The score is the cue's weight, a little less late in the text; a second sentence adds to it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from core.records import Label
from nlp.classify.cues import Cue, guess_language, load_cues, read_modality
from nlp.classify.evidence import MOST_UNSURE, PEOPLE, find_stages
from nlp.classify.page import Page, Sentence, label_at, sentences_of
from nlp.classify.whose import ASIDE, find_whose

COMPONENT = "outcome/1"
FACETS = {
    "no benefit": "outcome", "harm": "outcome", "stopped": "outcome",
    "no comparison group": "caution", "not approved": "caution",
}  # fmt: skip
LATE = 0.8  # share of the text from which on texts describe other work
_NONE = re.compile(r"(?i)\b(?:no|not|never|none|without|free of|fewer|neither)\b|n[’']t\b")
_SOLD = re.compile(r"(?i)\b(?:clinics?|sold|sell(?:s|ing)?|market(?:s|ed|ing)?)\b")
_UNRELATED = re.compile(
    r"(?i)(?:\b(?:none|no|not|neither)\b|n[’']t\b)[^.,;]{0,60}?\b(?:related|linked|due|attribut\w+|connected)\b|\bunrelated\b"
    r"|\bcomplications? (?:of|from) (?:the |their |his |her )?(?!treatment|procedure|surgery|transplant|therap|infusion"
    r"|injection|operation)[\w-]+"
)
_OF_SOME = re.compile(r"(?i)\b(?:other|remaining|rest of the|some|few|several)\b")
_FOR_SUCCESS = re.compile(r"(?i)\b(?:so well|success\w*|ahead of schedule|overwhelming|clear benefit|worked)\b")
SECOND = 0.15  # what another sentence adds


def find_labels(page: Page) -> Iterator[Label]:
    """Labels of the facets `outcome` and `caution`."""
    if page.kind == "trial":  # a registry's record tells of no result in words
        return
    found: dict[str, tuple[float, Sentence]] = {}
    for sentence in sentences_of(page):
        for value, weight in _read(sentence).items():
            weight = weight if sentence.place < LATE else weight * 0.8
            best, where = found.get(value, (0.0, sentence))
            found[value] = (max(best, weight) + (SECOND if best else 0.0), sentence if weight > best else where)
    animals_only = "harm" in found and _is_in_animals_only(page)
    for value, (score, sentence) in found.items():
        if value == "harm" and animals_only:
            score = min(score, MOST_UNSURE)
        yield label_at(page, FACETS[value], value, COMPONENT, sentence, score)


def _is_in_animals_only(page: Page) -> bool:
    """Whether the text's own work is in animals or dishes, and none in people."""
    shown = {value for value, hit in find_stages(sentences_of(page)).items() if hit.weight > MOST_UNSURE}
    return bool(shown) and shown.isdisjoint(PEOPLE)


def _read(sentence: Sentence) -> dict[str, float]:
    """value -> weight, of what a sentence says."""
    found: dict[str, float] = {}
    words, lang = sentence.words, guess_language(sentence.words)
    for cue in load_cues("outcome"):
        if cue.lang not in ("de", "fr") or cue.lang == lang:
            match = cue.pattern.search(words)
            if match and cue.weight > found.get(cue.value, 0.0) and _happened(cue, words, *match.span()):
                found[cue.value] = cue.weight
    return found


def _happened(cue: Cue, words: str, start: int, end: int) -> bool:
    if cue.value == "stopped" and _FOR_SUCCESS.search(words):
        return False
    if cue.value == "harm" and (_NONE.search(words, start, end) or _UNRELATED.search(words)):
        return False  # a "no" inside the cue: "had no severe pain"; or deaths of the disease
    if cue.value == "no benefit" and _OF_SOME.search(words, max(0, start - 30), end):
        return False  # "the other 14 showed no improvement"
    if cue.value == "no comparison group" and _SOLD.search(words):
        return False  # what is sold elsewhere is not the text's study
    modality = read_modality(words, start, end)
    if modality in ("asked", "planned") or (modality == "denied" and cue.value in ("harm", "stopped")):
        return False
    return find_whose(words, start, end) not in (ASIDE if cue.value != "not approved" else ("other", "earlier"))
