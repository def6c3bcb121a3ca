"""The country in which the work was done, which is not that of the outlet, the journal or the regulator.

In order:

1. the countries that the document's own record names;
2. those of the records of linked papers and trials, but for trials that have not begun;
3. the text: countries of institutions and places, and names of a people ("British researchers"), most in sentences
   with a word of studying or making (found, researchers, trial, approved …). An institution counts by its role
   (`OF_ROLE`): what regulates, comments, publishes or funds does not, nor a place in its sentence. A place right
   behind an institution that no register has ("the Lake Institute in Otsu") counts as that institution. Sentences
   about people who were not involved, or about how many have a disease, do not count. A country counts with a third
   of the points of the first. An overview (`is_overview`) has no work of its own: its countries count only where it
   compares countries under a heading of each (`SURVEYED` or more), and the label says that they are compared;
4. of a text that says nothing: the country of the regulator that decided, where the text is about that decision; of
   a release or a bank's notice the country of its source. A language is no country: a decision with which no place
   and no regulator is named has none.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from core.records import Json, Label, Mention
from nlp.classify.cues import read_decision
from nlp.classify.kinds import is_explainer_title
from nlp.classify.page import Page, Sentence, is_inside, label_at, sentences_of
from nlp.classify.record_evidence import read_outlook
from nlp.classify.record_fields import get_list

COMPONENT = "country/2"
PLACES = Path(__file__).parents[1] / "lexicons" / "place.tsv"
DEMONYMS = Path(__file__).with_name("demonyms.tsv")
MOST = 6  # countries of one document, or of one record
OF_ROLE = {"did_the_work": 1.5, "treats": 1.2, "makes": 1.0, "mentioned": 0.4}  # of an institution; no other counts
SEVERAL = 3  # countries of one sentence: a list, not where the work was done
ASIDE = frozenset({"regulates", "comments", "publishes", "funds"})
SAID = 0.75  # score of a country that a heading, a decision or a release's source names
SHORT = 1200  # characters: in a shorter text one sentence says as much as several in a long one
SHORTEST = 300
HEADING = 8  # words of a heading, at most
SURVEYED = 3  # countries with a heading each, of a text that compares countries
BEHIND = 12  # characters between an institution and the place where it is
DECIDED = ("done", "refused", "withdrawn")

_STUDY = re.compile(
    r"(?i)\b(?:stud(?:y|ies|ied)|research(?:ers?)?|scientists?|team|groups?|trials?|found|find(?:ings?|s)?"
    r"|report(?:ed|s)?|develop(?:ed|ing)?|discover\w*|professor|led|lead(?:s|ing)?|laborator(?:y|ies)|labs?"
    r"|experiments?|surgeons?|doctors?|investigators?|authors?|treated|patients?|transplant\w*|publish\w*"
    r"|announced|approved|bank|distribut\w*|suppl(?:y|ied)|law|act|institute|hospitals?|universit(?:y|ies)"
    r"|invented|first)\b"
    r"|연구|교수|병원|대학|임상|분양|은행|研究|大学|病院|教授|团队|医院"
)
_NOT_THE_WORK = re.compile(
    r"(?i)\b(?:who (?:was|were) not involved|had no part|not part of the study|not involved|journal published"
    r"|published in (?:Germany|the Netherlands|Switzerland)|Food and Drug Administration|European Medicines Agency"
    r"|meeting in|conference in|told a meeting|born in|trained (?:in|at)|graduated|funded by|supported by"
    r"|grants? from|elsewhere|unlike|each year|every year|a year (?:in|from)|million|per cent of (?:people|all)"
    r"|leading cause|prevalence|lives? in|lived in)\b"
)


DECISION = 900  # characters in which an approval is the news
_APPROVAL = re.compile(
    r"(?i)\b(?:approv(?:ed|es|al)|authori[sz](?:ed|es|ation)|licen[cs]ed?|clear(?:ed|s|ance)|reject(?:ed|s)|refus(?:ed|es|al))\b"
    r"|(?:품목|시판|판매|조건부|신약) ?허가|허가|承認|批准|获批|獲批|核准"
)
_BEHIND = re.compile(r"(?:,? (?:in|at|near|of)|,) (?:the )?|\s?\(")
_OF_SEVERAL = re.compile(r"Europ|EMA|欧|유럽")  # a regulator of several countries, not of the one that it sits in
_DATELINE = re.compile(r"\d{4} \([^)]*\) ?(?:--|[–—])|\((?:Reuters|AP|AFP|UPI|HealthDay|CNN)[^)]*\) ?(?:--|[–—-])")


@dataclass(slots=True, kw_only=True)
class Score:
    """What the sentences of a text say for one country."""

    total: float
    weight: float  # of the best sentence
    sentence: Sentence  # the best one


def find_labels(page: Page) -> Iterator[Label]:
    """Labels of the facet `country`, ISO 3166-1 alpha-2."""
    stated = get_countries(page.extra)
    if stated:
        for country in stated[:MOST]:
            yield label_at(page, "country", country, f"{COMPONENT}:record", None, 1.0)
        return
    scores = score_countries(page, sentences_of(page))
    linked = [
        (paper.id, countries)
        for paper in page.papers
        if (countries := get_countries(paper.extra)) and not read_outlook(paper.extra)
    ]
    for paper, countries in linked:
        for country in countries[:MOST]:
            sentence = scores[country].sentence if country in scores else None
            yield label_at(page, "country", country, f"{COMPONENT}:{paper}", sentence, 1.0)
    if linked:
        return
    yield from _label_text(page, scores)


def _label_text(page: Page, scores: dict[str, Score]) -> Iterator[Label]:
    """The countries that the text gives enough points, else what else tells of one."""
    component, least = COMPONENT, 1.0
    headed = _find_headed(page) if is_overview(page) or page.source_kind == "clinic" else set()
    if headed or is_overview(page):
        component, least = f"{COMPONENT}:survey", 0.0
        scores = {code: score for code, score in scores.items() if code in headed}
    top = max((score.total for score in scores.values()), default=0.0)
    found = False
    share = min(1.0, max(SHORTEST, len(page.body)) / SHORT)
    for country, score in sorted(scores.items(), key=lambda item: -item[1].total)[:MOST]:
        if score.total >= max(least, top * 0.34 * least):
            found = True
            sure = 0.5 + score.total / (8 * share)
            yield label_at(page, "country", country, component, score.sentence, max(sure, SAID) if headed else sure)
    if found:
        return
    decided = _find_decider(page)
    own = page.kind == "release" or page.source_kind in ("stem_cell_bank", "press_release")
    if decided:
        yield label_at(page, "country", decided[0], COMPONENT, decided[1], SAID)
    elif page.country and own and not is_overview(page):
        yield label_at(page, "country", page.country, f"{COMPONENT}:source", None, SAID)


def is_overview(page: Page) -> bool:
    """Whether it is a text that describes the work of many, and reports none."""
    return page.kind == "explainer" or page.source_kind == "explainer" or is_explainer_title(page.title)


def _find_headed(page: Page) -> set[str]:
    """The countries that have a heading each, where they are several: the text compares them."""
    headings = [one for one in sentences_of(page) if len(one.words.split()) <= HEADING and one.words[-1:] not in ".!。"]
    found = {
        page.countries[mention.concept or ""]
        for mention in page.mentions
        if mention.type == "PLACE" and mention.concept in page.countries
        if any(one.start == mention.start for one in headings)
    }
    return found if len(found) >= SURVEYED else set()


def _find_decider(page: Page) -> tuple[str, Sentence] | None:
    """The country of the regulator of the first approval or refusal of the text's beginning, with its sentence."""
    sentences = sentences_of(page)
    mentions = _group_mentions(page, sentences)
    for number, sentence in enumerate(sentences):
        if (sentence.start or 0) > DECISION:
            break
        match = _APPROVAL.search(sentence.words)
        if not match or read_decision(sentence.words, *match.span()) not in DECIDED:
            continue
        for mention in mentions[number]:
            of_one = mention.concept in page.countries and not _OF_SEVERAL.search(mention.surface)
            if mention.role == "regulates" and of_one:
                return page.countries[mention.concept or ""], sentence
    return None


def score_countries(page: Page, sentences: tuple[Sentence, ...]) -> dict[str, Score]:
    """The score of each country, in the order in which the text gives them points."""
    mentions = _group_mentions(page, sentences)
    scores: dict[str, Score] = {}
    for number, sentence in enumerate(sentences):
        points = _score_sentence(page, sentence, mentions[number])
        if not points or _NOT_THE_WORK.search(sentence.words):
            continue
        for country, weight in points.items():
            score = scores.setdefault(country, Score(total=0.0, weight=weight, sentence=sentence))
            score.total += weight
            if weight > score.weight:
                score.weight, score.sentence = weight, sentence
    return scores


def _group_mentions(page: Page, sentences: tuple[Sentence, ...]) -> dict[int, list[Mention]]:
    """Number of a sentence -> the places in it of which we know the country, and the institutions."""
    found: dict[int, list[Mention]] = defaultdict(list)
    for mention in page.mentions:
        known = mention.type == "PLACE" and mention.concept in page.countries
        if (known and not _DATELINE.search(page.text[max(0, mention.start - 30) : mention.end + 12])) or (
            mention.type == "INSTITUTION"
        ):
            number = next((number for number, one in enumerate(sentences) if is_inside(one, mention)), None)
            if number is not None:
                found[number].append(mention)
    return found


def _score_sentence(page: Page, sentence: Sentence, mentions: list[Mention]) -> dict[str, float]:
    """Points of each country: the most that one of its mentions or names of its people gives."""
    peoples = _load_demonyms().findall(sentence.words)
    if not mentions and not peoples:
        return {}
    relevant = bool(_STUDY.search(sentence.words)) or len(sentence.words.split()) <= HEADING
    points: dict[str, float] = {}
    aside = {m.role for m in mentions if m.type == "INSTITUTION"} & ASIDE
    own = any(OF_ROLE.get(m.role or "", 0.0) >= 1.0 for m in mentions)
    several = len({page.countries[m.concept or ""] for m in mentions if m.type == "PLACE"}) >= SEVERAL
    for mention in mentions:
        if mention.concept not in page.countries:
            continue
        if mention.type == "INSTITUTION":
            weight = OF_ROLE.get(mention.role or "did_the_work", 0.0)
        else:
            weight = _weigh_behind(page, mention, mentions) or (0.0 if aside and not own else 0.8)
        weight *= 1.0 if relevant and not (several and mention.type == "PLACE") else 0.4
        if not weight:
            continue
        weight *= 1.3 if sentence.start is None or sentence.place < 0.3 else 1.0
        country = page.countries[mention.concept or ""]
        points[country] = max(points.get(country, 0.0), weight)
    for word in peoples:
        country = _load_demonym_codes()[word.lower()]
        points[country] = max(points.get(country, 0.0), 1.2)
    return points


def _weigh_behind(page: Page, place: Mention, mentions: list[Mention]) -> float:
    """Points of a place right behind an institution that no register has: those of the institution; else 0."""
    return max(
        (
            OF_ROLE.get(one.role or "", 0.0)
            for one in mentions
            if one.type == "INSTITUTION" and one.concept not in page.countries and one.role not in (None, "mentioned")
            if one.part == place.part and 0 < place.start - one.end <= BEHIND
            if _BEHIND.fullmatch((page.title if one.part == "title" else page.text)[one.end : place.start])
        ),
        default=0.0,
    )


def get_countries(extra: Json) -> list[str]:
    """ISO codes of a record's countries, the most frequent first: its field, else the ends of its affiliations."""
    found = [code for name in get_list(extra, "countries") if (code := load_codes().get(name.lower().strip()))]
    if not found:
        for line in extra.get("affiliations") or []:
            last = re.split(r"[,;]", re.sub(r"\s*\S+@\S+", "", str(line)).rstrip(". "))[-1].strip(" .").lower()
            if code := load_codes().get(last):
                found.append(code)
    return [code for code, _ in Counter(found).most_common()]


@cache
def load_codes() -> dict[str, str]:
    """Country name in lower case -> ISO 3166-1 alpha-2."""
    known: dict[str, str] = {}
    with PLACES.open(encoding="utf-8") as file:
        for line in file:
            cells = line.rstrip("\n").split("\t")
            if len(cells) > 1 and cells[1].startswith("ISO3166:") and len(cells[1]) == len("ISO3166:XX"):
                known.setdefault(cells[0].lower(), cells[1].removeprefix("ISO3166:"))
    extra = {"usa": "US", "u.s.a": "US", "united states of america": "US", "uk": "GB", "korea": "KR",
             "republic of korea": "KR", "korea, republic of": "KR", "iran, islamic republic of": "IR",
             "p.r. china": "CN", "pr china": "CN", "people's republic of china": "CN", "the netherlands": "NL",
    }  # fmt: skip
    return known | extra


@cache
def _load_demonym_codes() -> dict[str, str]:
    lines = DEMONYMS.read_text("utf-8").splitlines()[1:]
    return dict(line.split("\t") for line in lines)


@cache
def _load_demonyms() -> re.Pattern[str]:
    """The name of a people before those who study, treat or make: `British institute`, `a Japanese team`."""
    words = "|".join(re.escape(word) for word in sorted(_load_demonym_codes(), key=len, reverse=True))
    who = (
        r"research\w*|scientists?|teams?|groups?|doctors?|surgeons?|stud(?:y|ies)|trials?|institut\w+|universit\w+"
        r"|hospitals?|compan(?:y|ies)|firms?|laborator\w+|clinics?|patients?|regulators?|bank|biotech|investigators?"
        r"|experts?"
    )
    return re.compile(rf"(?i)\b({words})(?: \w+){{0,2}}? (?:{who})\b")
