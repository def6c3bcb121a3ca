"""The country of the work, not of the outlet.

In order: a trial's countries as its registry names them; countries of the affiliations of a paper (the linked one
speaks for the news of it); then the countries of institutions that stand in a sentence with a word of study or of
making (found, researchers, trial, team, approved …); then places in such sentences, and "British researchers" for a
place. A text that is a round through countries (three or more countries, none with institutions of its own doing)
gives each that has two sentences or a heading. The journal's and the regulator's country is not the work's. Where
nothing says it, a release or a bank's notice was made where its source is.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from core.records import Json, Label, Mention
from nlp.classify.page import Page, Sentence, holds, label_at, sentences_of

COMPONENT = "country/1"
PLACES = Path(__file__).parents[1] / "lexicons" / "place.tsv"
DEMONYMS = Path(__file__).with_name("demonyms.tsv")
MOST = 6

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
    r"|grants? from|elsewhere|unlike)\b"
)


def find_labels(page: Page) -> Iterator[Label]:
    stated = _countries_of(page.extra)
    if stated:
        for country in stated[:MOST]:
            yield label_at(page, "country", country, f"{COMPONENT}:record", None, 1.0)
        return
    sentences = sentences_of(page)
    scores, best = _score(page, sentences)
    for paper in page.papers:
        for country in _countries_of(paper.extra)[:MOST]:
            yield label_at(page, "country", country, f"{COMPONENT}:{paper.id}", best.get(country), 1.0)
            scores.pop(country, None)
    if any(_countries_of(paper.extra) for paper in page.papers):
        return
    if scores:
        top = max(scores.values())
        for country, score in sorted(scores.items(), key=lambda item: -item[1])[:MOST]:
            if score >= max(1.0, top * 0.34):
                yield label_at(page, "country", country, COMPONENT, best[country], 0.5 + score / 8)
        if top >= 1.0:
            return
    if page.country and (page.kind == "release" or page.source_kind in ("stem_cell_bank", "press_release")):
        yield label_at(page, "country", page.country, f"{COMPONENT}:source", None, 0.6)


def _score(page: Page, sentences: tuple[Sentence, ...]) -> tuple[dict[str, float], dict[str, Sentence]]:
    """Points per country, and the sentence that gave most."""
    by_sentence: dict[int, list[Mention]] = defaultdict(list)
    for mention in page.mentions:
        if mention.type in ("PLACE", "INSTITUTION") and mention.concept in page.countries:
            for number, sentence in enumerate(sentences):
                if holds(sentence, mention):
                    by_sentence[number].append(mention)
                    break
    people = {
        number: found for number, sentence in enumerate(sentences) if (found := _demonyms().findall(sentence.words))
    }
    scores: dict[str, float] = defaultdict(float)
    best: dict[str, tuple[float, Sentence]] = {}
    for number in sorted({*by_sentence, *people}):
        sentence, mentions = sentences[number], by_sentence[number]
        if _NOT_THE_WORK.search(sentence.words):
            continue
        study = bool(_STUDY.search(sentence.words))
        heading = len(sentence.words.split()) <= 8
        points: dict[str, float] = {}
        for mention in mentions:
            country = page.countries[mention.concept or ""]
            weight = (1.5 if mention.type == "INSTITUTION" else 0.8) * (1.0 if study or heading else 0.4)
            weight *= 1.3 if sentence.start is None or sentence.place < 0.3 else 1.0
            points[country] = max(points.get(country, 0.0), weight)
        for word in people.get(number, ()):
            points[_demonym_codes()[word.lower()]] = max(points.get(_demonym_codes()[word.lower()], 0.0), 1.2)
        for country, weight in points.items():
            scores[country] += weight
            if country not in best or weight > best[country][0]:
                best[country] = (weight, sentence)
    return scores, {country: sentence for country, (_, sentence) in best.items()}


def _countries_of(extra: Json) -> list[str]:
    """ISO codes of the countries that a record names: its own field, else the ends of its affiliations."""
    named = extra.get("countries") or []
    if isinstance(named, str):
        named = [part.strip() for part in named.split(";")]
    found = [code for name in named if (code := codes().get(str(name).lower().strip()))]
    if not found:
        for line in extra.get("affiliations") or []:
            last = re.split(r"[,;]", re.sub(r"\s*\S+@\S+", "", str(line)).rstrip(". "))[-1].strip(" .").lower()
            if code := codes().get(last):
                found.append(code)
    return [code for code, _ in Counter(found).most_common()]


@cache
def codes() -> dict[str, str]:
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
def _demonym_codes() -> dict[str, str]:
    lines = DEMONYMS.read_text("utf-8").splitlines()[1:]
    return dict(line.split("\t") for line in lines)


@cache
def _demonyms() -> re.Pattern[str]:
    """A people's name before somebody who studies, treats or makes: `British institute`, `a Japanese team`."""
    words = "|".join(re.escape(word) for word in sorted(_demonym_codes(), key=len, reverse=True))
    who = (
        r"research\w*|scientists?|teams?|groups?|doctors?|surgeons?|stud(?:y|ies)|trials?|institut\w+|universit\w+"
        r"|hospitals?|compan(?:y|ies)|firms?|laborator\w+|clinics?|patients?|regulators?|bank|biotech|investigators?"
        r"|experts?"
    )
    return re.compile(rf"(?i)\b({words})(?: \w+){{0,2}}? (?:{who})\b")
