"""Evidence: what a result rests on (a dish, animals, people), and in which species.

Values of the facet `evidence`: in silico, in vitro, organoid, ex vivo, animal, first-in-human, phase 1, phase 2,
phase 3, clinical trial (people, without a phase), observational, approved product, review, none. In order:

1. what a record says (`record_evidence.py`): the document's own record, else that of the first linked work that says
   anything;
2. the words of the text (`evidence.tsv`), where nothing denies or plans them (`cues.py`). A cue counts by its weight,
   more near the beginning, and half in a sentence about earlier studies. A value needs one clear sentence near the
   beginning or two anywhere (`find_stages`);
3. the words of a linked paper, where the text gives nothing;
4. none.

`species` are the animals of the sentences that gave `animal`, and `human` where people were studied. `headline` is
`only in animals` where the evidence ends with animals and the headline does not say so.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from core.records import Label
from nlp.classify.cues import Hit, find_hits, load_cues
from nlp.classify.page import Page, Sentence, label_at, make_paper_page, sentences_of
from nlp.classify.record_evidence import get_animals, read_record

COMPONENT = "evidence/1"
CLINICAL = ("first-in-human", "phase 1", "phase 2", "phase 3", "clinical trial")
PEOPLE = (*CLINICAL, "observational", "approved product")
BEYOND_DISH = frozenset((*PEOPLE, "animal", "organoid"))  # values next to which dish words can be a mere method
ENOUGH = 0.75  # weight of the sentences that a value needs
ENOUGH_IN_OVERVIEW = 2.4  # the same in an explainer, which describes many studies and reports none
IN_PASSING = 0.7  # highest weight of dish words that only say how the cells were made
BRIEF = 400  # characters in which everything is the beginning
LEAD = 0.35  # share of the text that counts as its beginning
LATE = 0.7  # share from which on it is the end: background, other people's work, plans
_EARLIER = re.compile(r"(?i)\b(?:previous|earlier|prior|past|other) (?:\w+ )?(?:stud|trial|work|research|experiment)")
_NOT_THE_ANIMAL = re.compile(
    r"(?i) ?(?:embryonic|ES|iPS|induced|pluripotent|stem|feeder|anti|monoclonal|neural|mesenchymal|embryos?\b"
    r"|blastocyst|fibroblast"
    r"|cells?\b|neurons?\b|tissue|genome|genes?\b|antibod)"
)
_IN_HEADLINE = re.compile(
    r"(?i)\b(?:animals?|preclinical|rodents?|pets?|in vivo|vets?)\b|동물|전임상|쥐|마우스|マウス|ラット|動物|鼠|动物"
)


@dataclass(slots=True, kw_only=True)
class Tally:
    """What the sentences of a text say for one value."""

    total: float
    weight: float  # of the best sentence
    hit: Hit  # in the best sentence


Found = dict[str, Hit]  # value -> its best sentence; the weight is how sure the value is, up to 1


def find_labels(page: Page) -> Iterator[Label]:
    """Labels of the facets `evidence`, `species` and `headline`."""
    sentences = sentences_of(page)
    labels = {label.value: label for label in _find_evidence(page, sentences)}
    if not labels:
        yield label_at(page, "evidence", "none", COMPONENT, None, 0.5)
        return
    yield from labels.values()
    yield from _find_species(page, sentences, labels)
    if "animal" in labels and not any(value in labels for value in PEOPLE):
        yield from _judge_headline(page, labels["animal"])


def _find_evidence(page: Page, sentences: tuple[Sentence, ...]) -> Iterator[Label]:
    """Labels of the facet `evidence`, by records, else the text, else a linked paper's text."""
    found = _read_text(page, sentences)
    stated, source = _read_records(page)
    for value in stated:
        hit = found.get(value)
        yield label_at(page, "evidence", value, f"{COMPONENT}:{source}", hit.sentence if hit else None)
    if stated:
        return
    if not found:
        found, source = _read_papers(page)
    component = f"{COMPONENT}:{source}" if source else COMPONENT
    for value, hit in found.items():
        yield label_at(page, "evidence", value, component, hit.sentence, hit.weight)


def _read_text(page: Page, sentences: tuple[Sentence, ...]) -> Found:
    """The values that the text gives; none for a trial, which has a record."""
    if page.kind == "trial":
        return {}
    overview = page.kind in ("explainer", "clinic") or page.source_kind in ("explainer", "clinic")
    return find_stages(sentences, overview=overview)


def _read_records(page: Page) -> tuple[list[str], str]:
    """(values, where they are from): of the document's own record, else of the first linked work that states any."""
    if own := read_record(page.kind, page.extra):
        return own, "record"
    stated = ((read_record(paper.kind, paper.extra), paper.id) for paper in page.papers)
    return next((found for found in stated if found[0]), ([], ""))


def _read_papers(page: Page) -> tuple[Found, str]:
    """(values, id of the paper) of the first linked paper whose words give any. Their sentences are not the page's."""
    nowhere = Sentence(words="", start=None, end=None, place=1.0)
    for paper in page.papers:
        found = find_stages(sentences_of(make_paper_page(paper)))
        if found:
            return {value: _make_hit(hit, hit.weight, nowhere) for value, hit in found.items()}, paper.id
    return {}, ""


def find_stages(sentences: tuple[Sentence, ...], *, overview: bool = False) -> Found:
    """The values that a text reports. `overview`: it describes many studies."""
    tallies = _tally(sentences)
    enough = ENOUGH_IN_OVERVIEW if overview else ENOUGH
    found = {
        value: _make_hit(tally.hit, min(1.0, 0.4 + tally.total / 4), tally.hit.sentence)
        for value, tally in tallies.items()
        if tally.total >= enough
    }
    for drop in (drop_dish, drop_trial, drop_observation):
        drop(found, tallies)
    return found


def _tally(sentences: tuple[Sentence, ...]) -> dict[str, Tally]:
    tallies: dict[str, Tally] = {}
    for hit in find_hits("evidence", sentences):
        if hit.value == "animal" and not is_experiment(hit):
            continue
        weight = weigh(hit)
        tally = tallies.setdefault(hit.value, Tally(total=0.0, weight=weight, hit=hit))
        tally.total += weight
        if weight > tally.weight:
            tally.weight, tally.hit = weight, hit
    return tallies


def weigh(hit: Hit) -> float:
    """The weight of a cue, by its place in the text; half in a sentence about earlier studies."""
    sentence = hit.sentence
    if sentence.start is None:
        weight = hit.weight * 1.25
    elif sentence.place < LEAD or sentence.start < BRIEF:
        weight = hit.weight
    else:
        weight = hit.weight * (0.8 if sentence.place < LATE else 0.5)
    return weight / 2 if _EARLIER.search(sentence.words) else weight


Drop = Callable[[Found, dict[str, Tally]], None]


def drop_dish(found: Found, tallies: dict[str, Tally]) -> None:
    """Drop `in vitro` where its words only say how the cells were made, which then went into animals or people."""
    dish = tallies.get("in vitro")
    if dish and dish.weight <= IN_PASSING and BEYOND_DISH & found.keys():
        found.pop("in vitro", None)


def drop_trial(found: Found, _tallies: dict[str, Tally]) -> None:
    """Drop `clinical trial`, which means without a phase, where a phase is known."""
    if any(value.startswith("phase") or value == "first-in-human" for value in found):
        found.pop("clinical trial", None)


def drop_observation(found: Found, tallies: dict[str, Tally]) -> None:
    """Drop `observational` where the text says much more of a trial."""
    both = {"clinical trial", "observational"} <= found.keys()
    if both and tallies["observational"].total < tallies["clinical trial"].total / 2:
        del found["observational"]


def is_experiment(hit: Hit) -> bool:
    """Whether a cue for animals means an experiment: not in "mouse embryonic stem cells", which are cells."""
    words = hit.sentence.words
    at = words.lower().find(hit.words.lower())
    return not _NOT_THE_ANIMAL.match(words, at + len(hit.words))


def _find_species(page: Page, sentences: tuple[Sentence, ...], labels: dict[str, Label]) -> Iterator[Label]:
    """Animals, where there is evidence in animals; `human`, where there is evidence in people."""
    if "animal" in labels:
        component = labels["animal"].component
        if ":" in component:  # a record said so
            for extra in (page.extra, *(paper.extra for paper in page.papers)):
                for species in get_animals(extra):
                    yield label_at(page, "species", species, component, None, 1.0)
        yield from _find_animals(page, sentences)
    people = next((labels[value] for value in PEOPLE if value in labels), None)
    if people:
        yield replace(people, facet="species", value="human")


def _find_animals(page: Page, sentences: tuple[Sentence, ...]) -> Iterator[Label]:
    """Animals in the sentences that report an experiment in animals."""
    hits = (hit for hit in find_hits("evidence", sentences) if hit.value == "animal")
    experiments = {hit.sentence for hit in hits if is_experiment(hit)}
    for sentence in (sentence for sentence in sentences if sentence in experiments):
        for cue in load_cues("species"):
            match = cue.pattern.search(sentence.words)
            if match and not _NOT_THE_ANIMAL.match(sentence.words, match.end()):
                score = 1.0 if sentence.place < LEAD else 0.7
                yield label_at(page, "species", cue.value, COMPONENT, sentence, score)


def _judge_headline(page: Page, animal: Label) -> Iterator[Label]:
    """`only in animals` where the title does not say so."""
    named = any(cue.pattern.search(page.title) for cue in load_cues("species")) or _IN_HEADLINE.search(page.title)
    if page.title and not named:
        yield replace(animal, facet="headline", value="only in animals")


def _make_hit(hit: Hit, weight: float, sentence: Sentence) -> Hit:
    return replace(hit, weight=weight, sentence=sentence)
