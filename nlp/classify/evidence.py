"""Evidence: what a result rests on (a dish, animals, people), and in which species.

Values of the facet `evidence`: in silico, in vitro, organoid, ex vivo, animal, first-in-human, phase 1, phase 2,
phase 3, clinical trial (people, without a phase), observational, approved product, review, none. In order:

1. what a record says (`record_evidence.py`): the document's own record, else that of the first linked work that says
   anything;
2. the words of the text. A cue (`evidence.tsv`, and `phases.py` for phases) counts where it tells of what was done
   (`cues.py`) in this text's own work (`whose.py`), by its weight and by its place: most in the headline, least at the
   end. The value with the greatest sum is the text's (`choose`); its score says how clearly it won. What else was found
   keeps a low score, so that it is not shown;
3. the words of a linked paper, where the text gives nothing;
4. none.

`species` are the animals of the sentences that gave `animal`, and `human` where people were studied. `headline` is
`only in animals` where the evidence ends with animals and the headline claims a result without saying so. Both have
the score of the evidence that they rest on. An animal that only the end of a text names counts there only in plain
words ("in this study"): it is mostly earlier work.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from core.records import Label
from nlp.classify.cues import Hit, Modality, guess_language, load_cues, read_decision, read_modality
from nlp.classify.notices import tells_of_notice
from nlp.classify.page import Page, Sentence, label_at, make_paper_page, sentences_of
from nlp.classify.phases import find_phases
from nlp.classify.record_evidence import get_animals, read_record
from nlp.classify.whose import ASIDE, Whose, find_whose, goes_on, is_personal

COMPONENT = "evidence/2"
PHASES = ("phase 1", "phase 2", "phase 3")
TRIALS = ("first-in-human", *PHASES, "clinical trial")
PEOPLE = (*TRIALS, "observational", "approved product")
DISH = ("in vitro", "organoid", "ex vivo", "in silico")
GROUPS = (TRIALS, ("observational",), ("approved product",), ("review",), ("animal",), DISH)
ENOUGH = 0.6  # sum that a value needs to be found
ENOUGH_IN_OVERVIEW = 2.4  # the same in an explainer, which describes many studies and reports none
NEWS = 900  # characters in which an approval is the news; later ones are of other products
ONE_CLEAR = 0.9  # sum of one clear cue
MANY = 0.8  # what cues that say nothing by themselves say together, where they are twice as many
MOST_OF_HINTS = 0.4  # share by which cues that say nothing by themselves can add
HINT = 0.5  # weight below which a cue says nothing by itself
IN_THE_LEAD = 1.2  # weight that only a clear cue in the headline or the first sentences has
MOST_UNSURE = 0.45  # highest score of a value that was not chosen
BRIEF = 400  # characters in which everything is the beginning
SHORT = 1200  # characters in which nothing is the end
LEAD = 0.35  # share of the text that counts as its beginning
LATE = 0.7  # share from which on it is the end: background, other people's work, plans
WHOSE: Mapping[Whose, float] = {"this": 1.0, "own": 1.0, "open": 0.8, "earlier": 0.2, "other": 0.1, "general": 0.0}
_NOT_THE_ANIMAL = re.compile(
    r"(?i) ?(?:embryonic|ES|iPS|induced|pluripotent|stem|feeder|anti|monoclonal|neural|mesenchymal|embryos?\b"
    r"|blastocyst|fibroblast"
    r"|cells?\b|neurons?\b|tissue|genome|genes?\b|antibod|race\b|bites?\b)"
)
_PLAN_OF_TITLE = re.compile(
    r"(?i)\b(?:prepar(?:es?|ing)|plan(?:s|ning)?|hop(?:es?|ing)|set|ready|gears? up|cleared|wants?"
    r"|poised|seeks?|will|permitted|allowed|green light) (?:to )?(?:\w+ ){0,2}?(?:test|try|trial|transplant|treat|start"
    r"|begin|launch|give|inject|implant|dose|enroll?|recruit)\b"
)
_IN_HEADLINE = re.compile(
    r"(?i)\b(?:animals?|preclinical|rodents?|pets?|in vivo|vets?)\b|동물|전임상|쥐|마우스|マウス|ラット|動物|鼠|动物"
)
_OF_HEALTH = re.compile(r"(?i)\b(?:patients?|diseases?|cancers?|medical|diets?|drugs?|syndrome|disorder|surgery)\b")
_RANDOMISED = re.compile(
    r"(?i)\brandom|\bplacebo|\bdouble-blind|무작위|위약|無作為|プラセボ|随机|隨機|安慰|\bau sort\b"
)


@dataclass(slots=True, kw_only=True)
class Tally:
    """What the sentences of a text say for one value."""

    total: float
    hints: float  # of the cues that say nothing by themselves
    surest: float  # weight of the surest cue, wherever it is
    weight: float  # of the best sentence
    hit: Hit  # in the best sentence


Found = Mapping[str, Hit]  # value -> its best sentence; the weight is how sure the value is, up to 1


def find_labels(page: Page) -> Iterator[Label]:
    """Labels of the facets `evidence`, `species` and `headline`."""
    sentences = sentences_of(page)
    labels = {label.value: label for label in _find_evidence(page, sentences)}
    if not labels:
        yield label_at(page, "evidence", "none", COMPONENT, None, 0.5)
        return
    yield from labels.values()
    yield from _find_species(page, sentences, labels)
    if "animal" in labels and not any(label.score >= labels["animal"].score for label in _among(labels, PEOPLE)):
        yield from _judge_headline(page, labels["animal"])


def _among(labels: Mapping[str, Label], values: tuple[str, ...]) -> list[Label]:
    return [labels[value] for value in values if value in labels]


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
            return {value: replace(hit, sentence=nowhere) for value, hit in found.items()}, paper.id
    return {}, ""


@lru_cache(maxsize=8)  # outlook and outcome ask it of the same page
def find_stages(sentences: tuple[Sentence, ...], *, overview: bool = False) -> Found:
    """The values that a text reports, each with its score. `overview`: it describes many studies."""
    describes_others = overview or _is_general(sentences[:1]) or is_personal(sentence.words for sentence in sentences)
    enough = ENOUGH_IN_OVERVIEW if describes_others else ENOUGH
    tallies = {value: tally for value, tally in tally_cues(sentences).items() if tally.total >= enough}
    trial = tallies.get("clinical trial")
    if trial and (_is_planned_in_title(sentences) or (trial.surest < 1.0 and _is_planned(sentences))):
        del tallies["clinical trial"]
    totals = sum_up(tallies)
    chosen = choose(totals)
    group = next((group for group in GROUPS if chosen & set(group)), ())
    rest = max((total for value, total in totals.items() if value not in group), default=0.0)
    found = {}
    if chosen & {*PHASES, "first-in-human"}:
        tallies.pop("clinical trial", None)  # which means without a phase
    for value, tally in tallies.items():
        sure = score(tally.total, rest if value in chosen else 2 * tally.total)
        found[value] = replace(tally.hit, weight=sure if value in chosen else min(MOST_UNSURE, sure))
    return found


def _is_general(title: tuple[Sentence, ...]) -> bool:
    """Whether the headline tells of such work in general: "More than 6,000 trials …"."""
    return any(find_whose(one.words, 0, len(one.words)) == "general" for one in title if one.start is None)


def plans_in_title(sentence: Sentence) -> bool:
    """Whether it is a headline that says what somebody is going to do to people: "prepares to transplant …"."""
    return sentence.start is None and bool(_PLAN_OF_TITLE.search(sentence.words))


def _is_planned_in_title(sentences: tuple[Sentence, ...]) -> bool:
    return any(plans_in_title(sentence) for sentence in sentences[:1])


def _is_planned(sentences: tuple[Sentence, ...]) -> bool:
    """Whether the beginning tells of a trial that is only planned or permitted."""
    return any(
        read_modality(sentence.words, *match.span()) == "planned"
        for sentence in sentences
        if (sentence.start or 0) < NEWS
        for cue in load_cues("evidence")
        if cue.value == "clinical trial" and cue.weight > HINT
        for match in cue.pattern.finditer(sentence.words)
    )


def score(total: float, rest: float) -> float:
    """How sure a value is: the more its sum exceeds what any other value has, the surer. Below 1."""
    return total / (total + 0.5 + 0.5 * rest)


def tally_cues(sentences: tuple[Sentence, ...]) -> dict[str, Tally]:
    """What the sentences say for each value: the best cue of each sentence, summed."""
    tallies: dict[str, Tally] = {}
    aside = False
    for sentence in sentences_once(sentences):
        aside = aside and goes_on(sentence.words)
        hits = [_judge_title(sentence, hit, whose) for hit, whose in find_done(sentence)]
        for hit, sure in _pick_best(sentence, hits, aside=aside):
            tally = tallies.setdefault(hit.value, Tally(total=0.0, hints=0.0, surest=0.0, weight=hit.weight, hit=hit))
            tally.surest = max(tally.surest, sure)
            if sure >= HINT and hit.weight >= HINT:
                tally.total += hit.weight
            else:
                tally.hints += hit.weight
            if hit.weight > tally.weight:
                tally.weight, tally.hit = hit.weight, hit
        aside = aside or (bool(hits) and all(whose in ASIDE for _, whose in hits))
    healthy = any(_OF_HEALTH.search(sentence.words) for sentence in sentences)
    for tally in tallies.values():
        enough = MANY if tally.hints >= 2 * MANY and healthy else 0.0
        tally.total += min(tally.hints, max(tally.total * MOST_OF_HINTS, enough))
    return tallies


def sentences_once(sentences: tuple[Sentence, ...]) -> Iterator[Sentence]:
    """The sentences without what was there before: the headline again, a caption."""
    read: set[str] = set()
    for sentence in sentences:
        if sentence.words not in read:
            read.add(sentence.words)
            yield sentence


def _judge_title(sentence: Sentence, hit: Hit, whose: Whose) -> tuple[Hit, Whose]:
    """A headline tells of the text's own work, unless it says otherwise; a review has the trials of others."""
    own = (sentence.start is None and whose == "open") or (hit.value == "review" and whose == "general")
    return hit, "own" if own else whose


def _pick_best(sentence: Sentence, hits: list[tuple[Hit, Whose]], *, aside: bool) -> Iterator[tuple[Hit, float]]:
    """The best cue of a sentence for each value, with what it weighs here, and how sure the cue is by itself.

    People who were drawn by lot are no mere cohort, and people whose records were read were treated by nobody here.
    """
    place = weigh_place(sentence)
    drawn = bool(_RANDOMISED.search(sentence.words))
    watched = any(hit.value == "observational" and hit.weight >= 1.0 for hit, _ in hits) and not drawn
    best: dict[str, tuple[Hit, float]] = {}
    for hit, whose in hits:
        if (drawn and hit.value == "observational") or (watched and hit.value == "clinical trial"):
            continue
        weight = hit.weight * WHOSE["other" if aside and whose == "open" else whose]
        weight *= max(place, 1.0 if whose == "this" else 0.0)
        if hit.value == "approved product" and (sentence.start or 0) > NEWS:
            weight *= 0.4
        if weight > 0 and (hit.value not in best or weight > best[hit.value][0].weight):
            best[hit.value] = replace(hit, weight=weight), hit.weight
    yield from best.values()


def find_done(sentence: Sentence) -> Iterator[tuple[Hit, Whose]]:
    """The cues of a sentence for what was done, and whose work each tells of."""
    words = sentence.words
    lang = guess_language(words)
    for cue in load_cues("evidence"):
        if cue.lang in ("de", "fr") and cue.lang != lang:
            continue
        for match in cue.pattern.finditer(words):
            if cue.value == "animal" and _NOT_THE_ANIMAL.match(words, match.end()):
                continue
            if not is_done(cue.value, words, match.start(), match.end()):
                continue
            hit = Hit(value=cue.value, weight=cue.weight, words=match[0], sentence=sentence)
            yield hit, find_whose(words, match.start(), match.end())
            break
    for phases in find_phases(words):
        if is_done("phase", words, phases.start, phases.end):
            whose = find_whose(words, phases.start, phases.end)
            for value in phases.values:
                hit = Hit(value=value, weight=1.0, words=words[phases.start : phases.end], sentence=sentence)
                yield hit, whose


def is_done(value: str, words: str, start: int, end: int) -> bool:
    """Whether a cue tells of what was done. What people did or have ("may lower the risk") is seldom a plan."""
    if value == "approved product":
        return read_decision(words, start, end) == "done"
    modality: Modality = read_modality(words, start, end)
    if modality == "denied":
        return any(cue.pattern.search(words) for cue in load_cues("outcome") if cue.value == "no benefit")
    if value in ("observational", "review"):
        return modality != "asked" and not _FUTURE.search(words)
    return modality == "done"


_FUTURE = re.compile(
    r"(?i)\b(?:will|plans? to|planned|going to|next step|future (?:stud|research|trial)|hopes? to|aims? to|propos\w+)\b"
    r"|계획|예정|予定|今後|计划|將|将"
)


def weigh_place(sentence: Sentence) -> float:
    """How much a sentence counts by its place in the text."""
    if sentence.start is None:
        return 1.6
    if sentence.start < BRIEF:
        return 1.2
    return 1.0 if sentence.place < LEAD or sentence.start < SHORT else 0.8 if sentence.place < LATE else 0.5


def sum_up(tallies: Mapping[str, Tally]) -> dict[str, float]:
    """The sum of each value. In a text about a review, trials and cohorts are mostly those that it reviews; an
    approval in the headline is the news."""
    totals = {value: tally.total for value, tally in tallies.items()}
    if "review" in tallies and tallies["review"].weight >= 1.0:
        totals["review"] *= 1.2
        totals |= {value: totals[value] / 4 for value in (*TRIALS, "observational") if value in totals}
    if "approved product" in tallies and tallies["approved product"].weight > IN_THE_LEAD * 1.2:
        totals["approved product"] += 1.0
    return totals


def choose(sums: Mapping[str, float]) -> frozenset[str]:
    """The values that are the text's own stage, by the sum of each.

    The groups compete (people, animals, a dish, a review), then the values in the group. Phases and the first use in
    people say more than `clinical trial` and need less.
    """
    totals = defaultdict(float, sums)
    if not totals:
        return frozenset()
    groups = {group: max(totals[value] for value in group) for group in GROUPS}
    groups[TRIALS] += 0.3 * sum(sorted(totals[value] for value in TRIALS)[:-1])
    best = max(groups, key=lambda group: groups[group])
    if best == TRIALS:
        return _choose_trial(totals)
    return frozenset({max(best, key=lambda value: totals[value])})


def _choose_trial(totals: Mapping[str, float]) -> frozenset[str]:
    top = max(totals[value] for value in TRIALS)
    phases = {value for value in PHASES if totals[value] >= min(0.35 * top, ONE_CLEAR)}
    if phases:
        most = max(totals[value] for value in phases)
        return frozenset(value for value in phases if totals[value] >= 0.8 * most)
    if totals["first-in-human"] >= 0.5 * top:
        return frozenset({"first-in-human"})
    return frozenset({"clinical trial"})


def _find_species(page: Page, sentences: tuple[Sentence, ...], labels: dict[str, Label]) -> Iterator[Label]:
    """Animals, where there is evidence in animals; `human`, where there is evidence in people."""
    if "animal" in labels:
        animal = labels["animal"]
        if ":" in animal.component:  # a record said so
            for extra in (page.extra, *(paper.extra for paper in page.papers)):
                for species in get_animals(extra):
                    yield label_at(page, "species", species, animal.component, None, 1.0)
        yield from _find_animals(page, sentences, animal.score)
    people = max(_among(labels, PEOPLE), key=lambda label: label.score, default=None)
    if people:
        yield replace(people, facet="species", value="human")


def _find_animals(page: Page, sentences: tuple[Sentence, ...], most: float) -> Iterator[Label]:
    """Animals in the sentences that report an experiment in animals. `most`: the score of that experiment."""
    experiments = [
        sentence
        for sentence in sentences
        if any(hit.value == "animal" and WHOSE[whose] > 0.5 for hit, whose in find_done(sentence))
    ]
    for sentence in experiments:
        place = weigh_place(sentence)
        late = bool(sentence.start and sentence.start >= BRIEF and sentence.place >= LATE)
        for cue in load_cues("species"):
            match = cue.pattern.search(sentence.words)
            if not match or _NOT_THE_ANIMAL.match(sentence.words, match.end()):
                continue
            whose = find_whose(sentence.words, *match.span())
            if WHOSE[whose] > 0.5 and (whose == "this" or not late):
                yield label_at(page, "species", cue.value, COMPONENT, sentence, most if place > 0.5 else most * 0.8)


def _judge_headline(page: Page, animal: Label) -> Iterator[Label]:
    """`only in animals` where the title does not say so. One that tells of a paper's withdrawal claims no result."""
    if tells_of_notice(page.title):
        return
    named = any(cue.pattern.search(page.title) for cue in load_cues("species")) or _IN_HEADLINE.search(page.title)
    if page.title and not named:
        yield replace(animal, facet="headline", value="only in animals")
