"""What a result rests on: dish, animal, people, and in which species.

Values of the facet `evidence`: in silico, in vitro, organoid, ex vivo, animal, first-in-human, phase 1, phase 2,
phase 3, clinical trial (people, without a phase), observational, approved product, review, none. In order:
1. what a record says of a work: phases and design of a trial, publication types, MeSH headings. A linked paper's
   record speaks for the document that reports it, a document's own record for itself;
2. the words of the text (`evidence.tsv`), where nothing denies or plans them (`cues.py`). A cue counts by its weight
   and more near the beginning, less where it speaks of earlier studies; a value needs one clear sentence near the
   beginning or two anywhere;
3. the words of a linked paper, where the text itself is silent;
4. none. A reprogrammed cell that ends in a mouse is an experiment in animals: dish words in passing (weight below 1)
   count only where nothing stands above them. `species` are the animals of the sentences that gave `animal`, and
   `human` where people were studied. `headline` is `only in animals` where the evidence ends with animals and the
   headline does not say so."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

from core.records import Json, Label
from nlp.classify.cues import Hit, cues, find_hits
from nlp.classify.page import Page, Sentence, label_at, page_of_paper, sentences_of

COMPONENT = "evidence/1"
CLINICAL = ("first-in-human", "phase 1", "phase 2", "phase 3", "clinical trial")
PEOPLE = (*CLINICAL, "observational", "approved product")
ENOUGH = 0.75  # weight of the sentences that a value needs
BRIEF = 400  # characters in which everything is the beginning
LEAD = 0.35  # share of the text that counts as its beginning
LATE = 0.7  # and from where on it is the end: background, other people's work, what comes next
OVERVIEW = 2.4  # what a value needs in an explainer, which tells of many studies and reports none

TYPES = {  # publication type -> stage
    "review": "review", "systematic review": "review", "meta-analysis": "review", "scoping review": "review",
    "clinical trial, phase i": "phase 1", "clinical trial, phase ii": "phase 2", "clinical trial, phase iii": "phase 3",
    "clinical trial": "clinical trial", "randomized controlled trial": "clinical trial",
    "controlled clinical trial": "clinical trial", "pragmatic clinical trial": "clinical trial",
    "clinical study": "clinical trial", "case reports": "observational", "observational study": "observational",
    "clinical trial, phase iv": "approved product",
}  # fmt: skip
HEADINGS = {
    "organoids": "organoid", "in vitro techniques": "in vitro", "cells, cultured": "in vitro", "cell line": "in vitro",
    "cell culture techniques": "in vitro", "coculture techniques": "in vitro", "computer simulation": "in silico",
    "models, theoretical": "in silico", "molecular docking simulation": "in silico", "cohort studies": "observational",
    "retrospective studies": "observational", "prospective studies": "observational",
    "case-control studies": "observational", "cross-sectional studies": "observational",
    "follow-up studies": "observational", "disease models, animal": "animal", "drug approval": "approved product",
    "tissue culture techniques": "ex vivo", "organ culture techniques": "ex vivo",
}  # fmt: skip
ANIMALS = {
    "mice": "mouse", "rats": "rat", "swine": "pig", "rabbits": "rabbit", "dogs": "dog", "cats": "cat", "sheep": "sheep",
    "goats": "goat", "cattle": "cow", "horses": "horse", "zebrafish": "zebrafish", "macaca": "monkey",
    "drosophila": "fruit fly", "chickens": "chicken", "chick embryo": "chicken", "cricetinae": "hamster",
    "guinea pigs": "guinea pig", "ferrets": "ferret", "haplorhini": "monkey", "callithrix": "monkey",
    "xenopus": "frog", "caenorhabditis elegans": "worm", "planarians": "planarian",
}  # fmt: skip
_EARLIER = re.compile(r"(?i)\b(?:previous|earlier|prior|past|other) (?:\w+ )?(?:stud|trial|work|research|experiment)")
_PHASE = re.compile(r"(?i)phase[_ ]?([123])")
_NOT_THE_ANIMAL = re.compile(
    r"(?i) ?(?:embryonic|ES|iPS|induced|pluripotent|stem|feeder|anti|monoclonal|neural|mesenchymal|embryos?\b"
    r"|blastocyst|fibroblast"
    r"|cells?\b|neurons?\b|tissue|genome|genes?\b|antibod)"
)
_IN_HEADLINE = re.compile(
    r"(?i)\b(?:animals?|preclinical|rodents?|pets?|in vivo|vets?)\b|동물|전임상|쥐|마우스|マウス|ラット|動物|鼠|动物"
)


def find_labels(page: Page) -> Iterator[Label]:
    sentences = sentences_of(page)
    found = dict(_from_text(page, sentences))
    stated, why = _from_records(page)
    if not stated and not found:
        found, why = _from_papers(page)
    labels: dict[str, Label] = {}
    if stated:
        for value in stated:
            hit = found.get(value)
            labels[value] = label_at(page, "evidence", value, f"{COMPONENT}:{why}", hit.sentence if hit else None)
    else:
        component = f"{COMPONENT}:{why}" if why else COMPONENT
        for value, hit in found.items():
            labels[value] = label_at(page, "evidence", value, component, hit.sentence, hit.weight)
    if not labels:
        yield label_at(page, "evidence", "none", COMPONENT, None, 0.5)
        return
    yield from labels.values()
    yield from _species(page, sentences, labels)
    if "animal" in labels and not any(value in labels for value in PEOPLE):
        yield from _headline(page, labels["animal"])


def stages_of_text(sentences: tuple[Sentence, ...], *, overview: bool = False) -> dict[str, Hit]:
    """The stages that a text reports, each with its best sentence; the weight is how sure that is, up to 1."""
    sums: dict[str, float] = defaultdict(float)
    best: dict[str, tuple[float, Hit]] = {}
    for hit in find_hits("evidence", sentences):
        if hit.value == "animal" and not _in_animals(hit):
            continue
        place = hit.sentence.place
        weight = hit.weight * (
            1.25
            if hit.sentence.start is None
            else 1.0
            if place < LEAD or hit.sentence.start < BRIEF
            else 0.8
            if place < LATE
            else 0.5
        )
        if _EARLIER.search(hit.sentence.words):
            weight /= 2
        sums[hit.value] += weight
        if hit.value not in best or weight > best[hit.value][0]:
            best[hit.value] = (weight, hit)
    enough = OVERVIEW if overview else ENOUGH
    found = {
        value: Hit(value=value, weight=min(1.0, 0.4 + sums[value] / 4), words=hit.words, sentence=hit.sentence)
        for value, (_, hit) in best.items()
        if sums[value] >= enough
    }
    above = [value for value in found if value in (*PEOPLE, "animal", "organoid")]
    if above and max((w for v, (w, _) in best.items() if v == "in vitro"), default=1.0) <= 0.7:
        found.pop("in vitro", None)  # how the cells were made, not what was shown
    if any(value.startswith("phase") or value == "first-in-human" for value in found):
        found.pop("clinical trial", None)
    if "clinical trial" in found and "observational" in found and sums["observational"] < sums["clinical trial"] / 2:
        del found["observational"]
    return found


def _from_text(page: Page, sentences: tuple[Sentence, ...]) -> Iterator[tuple[str, Hit]]:
    if page.kind == "trial":
        return
    overview = page.kind in ("explainer", "clinic") or page.source_kind in ("explainer", "clinic")
    yield from stages_of_text(sentences, overview=overview).items()


def _from_records(page: Page) -> tuple[list[str], str]:
    """Stages that the document's own record states, else those of the first linked work whose record states any."""
    own = stages_of_record(page.kind, page.extra)
    if own:
        return own, "record"
    for paper in page.papers:
        stated = stages_of_record(paper.kind, paper.extra)
        if stated:
            return stated, paper.id
    return [], ""


def _from_papers(page: Page) -> tuple[dict[str, Hit], str]:
    for paper in page.papers:
        found = stages_of_text(sentences_of(page_of_paper(paper)))
        if found:
            nowhere = Sentence(words="", start=None, end=None, place=1.0)
            return {
                value: Hit(value=value, weight=hit.weight, words=hit.words, sentence=nowhere)
                for value, hit in found.items()
            }, paper.id
    return {}, ""


def stages_of_record(kind: str, extra: Json) -> list[str]:
    """Stages that a record of the literature or of a registry states, in no more words than it uses."""
    if kind == "trial":
        phases = _listed(extra, "phase") + _listed(extra, "phases")
        stages = [f"phase {number}" for phase in phases for number in _PHASE.findall(phase)]
        if any("4" in phase for phase in phases):
            stages.append("approved product")
        if not stages:
            design = " ".join((*_listed(extra, "study_type"), str(extra.get("design") or ""))).lower()
            stages = ["observational" if "observational" in design else "clinical trial"]
        return list(dict.fromkeys(stages))
    types = [value.lower() for value in _listed(extra, "types")]
    stated = [TYPES[value] for value in types if value in TYPES]
    if any(value.startswith("phase") for value in stated):
        stated = [value for value in stated if value != "clinical trial"]
    headings = headings_of(extra)
    humans = "humans" in headings
    lowered = [heading for heading in headings if heading not in ("animals", "humans")]
    if "review" not in stated:
        stated += [HEADINGS[heading] for heading in lowered if heading in HEADINGS]
        if any(_animal_of(heading) for heading in lowered) and ("animals" in headings or not humans):
            stated.append("animal")
    return list(dict.fromkeys(stated))


def headings_of(extra: Json) -> list[str]:
    """MeSH headings of a record, in lower case."""
    listed = extra.get("mesh")
    if isinstance(listed, list):
        return [str(one.get("name") if isinstance(one, dict) else one).lower() for one in listed]
    return [value.lower() for value in _listed(extra, "categories")]


def _animal_of(heading: str) -> str | None:
    first = heading.split(",")[0].strip()
    return ANIMALS.get(first) or ANIMALS.get(first.split(" ")[0])


def _listed(extra: Json, name: str) -> list[str]:
    """A field that is a list, or a text with semicolons."""
    value = extra.get(name)
    if isinstance(value, str):
        return [part.strip() for part in value.split(";") if part.strip()]
    return [str(part) for part in value] if isinstance(value, Sequence) else []


def _in_animals(hit: Hit) -> bool:
    """`mouse embryonic stem cells` are cells; a pet's owner is no experiment."""
    words = hit.sentence.words
    at = words.lower().find(hit.words.lower())
    return not _NOT_THE_ANIMAL.match(words, at + len(hit.words))


def _species(page: Page, sentences: tuple[Sentence, ...], labels: dict[str, Label]) -> Iterator[Label]:
    if "animal" in labels:
        records = [page.extra, *(paper.extra for paper in page.papers)] if ":" in labels["animal"].component else []
        for extra in records:
            for heading in headings_of(extra):
                if species := _animal_of(heading):
                    yield label_at(page, "species", species, labels["animal"].component, None, 1.0)
        hits = (hit for hit in find_hits("evidence", sentences) if hit.value == "animal")
        ours = {hit.sentence for hit in hits if _in_animals(hit)}
        for sentence in sentences:
            if sentence not in ours:
                continue
            for cue in cues("species"):
                match = cue.pattern.search(sentence.words)
                if match and not _NOT_THE_ANIMAL.match(sentence.words, match.end()):
                    score = 1.0 if sentence.place < LEAD else 0.7
                    yield label_at(page, "species", cue.value, COMPONENT, sentence, score)
    people = next((labels[value] for value in PEOPLE if value in labels), None)
    if people:
        yield Label(
            document=page.id, facet="species", value="human", score=people.score, sentence=people.sentence,
            start=people.start, end=people.end, component=people.component,
        )  # fmt: skip


def _headline(page: Page, animal: Label) -> Iterator[Label]:
    named = any(cue.pattern.search(page.title) for cue in cues("species")) or _IN_HEADLINE.search(page.title)
    if page.title and not named:
        yield Label(
            document=page.id, facet="headline", value="only in animals", score=animal.score, sentence=animal.sentence,
            start=animal.start, end=animal.end, component=animal.component,
        )  # fmt: skip
