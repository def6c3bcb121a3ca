"""Outlook: what is only planned, and what was refused or withdrawn.

`planned`: a trial or an approval that the text's own people plan, prepare or have applied for. Where the text reports
what they have done, a plan is only what they do next: its score stays low, unless the headline says it. `refused` and
`withdrawn`: an approval, an application or a product (`outlook.tsv` names these and trials), where the clause says so
(`read_decision` in `cues.py`). A trial's record says both by its status. Work of others does not count (`whose.py`).
"""

from __future__ import annotations

from collections.abc import Iterator

from core.records import Label
from nlp.classify.cues import guess_language, load_cues, read_decision, read_modality
from nlp.classify.evidence import MOST_UNSURE, TRIALS, find_stages, plans_in_title, weigh_place
from nlp.classify.page import Page, Sentence, label_at, sentences_of
from nlp.classify.phases import find_phases
from nlp.classify.record_evidence import read_outlook
from nlp.classify.whose import ASIDE, find_whose

COMPONENT = "outlook/1"
CERTAIN = 0.75  # weight of a cue from which on it names a trial or an approval


def find_labels(page: Page) -> Iterator[Label]:
    """Labels of the facet `outlook`."""
    if page.kind == "trial":
        if stated := read_outlook(page.extra):
            yield label_at(page, "outlook", stated, f"{COMPONENT}:record")
        return
    totals: dict[str, float] = {}
    best: dict[str, tuple[float, Sentence]] = {}
    for sentence in sentences_of(page):
        for value in {*_read(sentence), *(("planned",) if plans_in_title(sentence) else ())}:
            weight = weigh_place(sentence)
            totals[value] = totals.get(value, 0.0) + weight
            if weight > best.get(value, (0.0, sentence))[0]:
                best[value] = (weight, sentence)
    next_step = _is_next_step(page)
    for value, total in totals.items():
        score = total / (total + 0.5)
        if value == "planned" and next_step:
            score = min(score, MOST_UNSURE)
        yield label_at(page, "outlook", value, COMPONENT, best[value][1], score)


def _is_next_step(page: Page) -> bool:
    """Whether the text reports work that was done and its headline tells of no plan."""
    sentences = sentences_of(page)
    if any(plans_in_title(sentence) for sentence in sentences if sentence.start is None):
        return False
    return any(hit.weight > MOST_UNSURE for hit in find_stages(sentences).values())


def _read(sentence: Sentence) -> Iterator[str]:
    """What a sentence says: planned, refused or withdrawn."""
    words, lang = sentence.words, guess_language(sentence.words)
    for cue in load_cues("outlook"):
        if cue.lang not in ("de", "fr") or cue.lang == lang:
            for match in cue.pattern.finditer(words):
                read = read_decision if cue.value == "approval" else read_modality
                modality = read(words, *match.span())
                if modality in ("refused", "withdrawn", "planned") and find_whose(words, *match.span()) not in ASIDE:
                    yield modality
    spans = [
        match.span()
        for cue in load_cues("evidence")
        if cue.value in TRIALS and cue.weight >= CERTAIN and (cue.lang not in ("de", "fr") or cue.lang == lang)
        for match in cue.pattern.finditer(words)
    ]
    spans += [(phases.start, phases.end) for phases in find_phases(words)]
    for span in spans:
        if read_modality(words, *span) == "planned" and find_whose(words, *span) not in ASIDE:
            yield "planned"
