"""The one sentence of a story that says what was done in what: chosen from its documents, or none.

A candidate is a whole sentence that may be shown: of a text that may be shown any of its sentences, of another text
only a quotation that the edition has already, if it is a whole sentence. It is quoted as it is written; only a heading
of a part of an abstract (`Results:`) is left out. `story_sentences.toml` has the words. In order:

1. It must say that something was done or found (`done`), and in what: animals, people or cells. It must fit the step
   of the story: a trial in people is not described by what mice showed. News and releases of which no evidence is known
   give no such sentence. The newest value of a series needs neither, where the story has no step.
2. It must make sense alone: one that begins with "it", "this" or "however", asks, quotes a speaker, or is too short or
   too long, is left out. So is the headline of the story, which is shown above it.
3. What is left is rated: for the paper, then the release, then others; for the sentence on which the label of the
   evidence rests; for its part of the abstract; for the diseases and cells that it names, and numbers of subjects.
   Aims, background, "may" and statistics count against it.
4. The best one is shown if it reaches ENOUGH. Otherwise there is none.

A text that is not in English gives only the sentence on which its label rests, where no English text gives one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import Field

from core.config import Strict, checked, load_toml
from publish.edition.own_work import begins_own_work
from publish.edition.steps import ANIMALS, CELLS, LICENSED, PEOPLE
from publish.sentences import find_sentences

WORDS = Path(__file__).with_name("story_sentences.toml")
READ = 6_000  # characters of a text
SHORTEST, LONGEST = 45, 340  # characters of a sentence
EASY = 220  # from here on a sentence counts as long
LABELLED = 60  # characters of a label's sentence in another language
FIRST, LEADS = 4, 0.6  # the first sentences of news and releases, and what they have before others
ENOUGH = 3.5
OF_KIND: Mapping[str, float] = {"paper": 1.0, "preprint": 1.0, "release": 0.7, "trial": 0.2, "news": 0.2}

_HEADING = re.compile(r"^([A-Z][A-Za-z &/]{2,40}):\s+")
_STATISTICS = re.compile(r"(?i)\bp\s*[<=>≤]|\bCI\b|±|\bn\s*=|\bSD\b|\bOR\b\s*[=:]|\bvs\.?\b|\d\s*/\s*\d|log2|IC50|\[\d")
_NUMBER_OF = re.compile(
    r"(?i)\b(?:\d{1,5}|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|eighteen|twenty|thirty|forty"
    r"|fifty|sixty)\b(?: \w+){0,3} (?:patients|people|participants|volunteers|children|adults|women|men|mice|rats"
    r"|rabbits|pigs|dogs|monkeys|animals|sheep|horses|eyes)\b"
)
_SPOKEN = re.compile(r"[“”«»]|\"|\b(?:said|says|told|explained|according to|commented)\b|‘")
_IN_A_DISH = re.compile(r"(?i)\bin vitro\b|\b(?:primary|cell) cultures?\b|\bcultures? of\b")
_WHOLE = re.compile(r"(?s)[A-Z0-9\"“ÀÁÉα-ω].*[.!。](?:[)\"”])?")
_WHOLE_ELSEWHERE = re.compile(r"(?s)[^\s…].*[.!。다요](?:[)\"”」])?")
_ENDS = re.compile(r"[.!。?]$")


class Words(Strict):
    """`story_sentences.toml`."""

    done: list[str]
    animals: list[str]
    people: list[str]
    cells: list[str]
    dish: list[str]
    given: list[str]
    what: list[str]
    goes_on: list[str]
    leans: list[str]
    aims: list[str]
    background: list[str]
    maybe: list[str]
    headings: Annotated[dict[str, float], Field(min_length=1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """What one document of a story offers."""

    document: int
    kind: str
    lang: str
    title: str
    text: str  # that may be shown; empty for a text that may not
    quoted: tuple[str, ...]  # sentences of labels and quotations, as the edition has them
    labelled: tuple[str, ...]  # those on which the label of its evidence rests
    things: tuple[tuple[int, int, int], ...]  # start, end and number of the diseases and cells in the text
    series: tuple[str, ...] = ()  # sentences with the newest value of a series
    reports: bool = True  # whether it reports work: a paper, or a text with evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """A sentence that says what was done in what, and how well."""

    text: str
    document: int
    weight: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A sentence that may be the one."""

    text: str
    heading: str  # of its part of the abstract, in lower case; `title` for a title
    things: int  # diseases and cells that it names
    place: int  # in the text
    own: bool  # the text has begun to tell of its own work


@dataclass(frozen=True, slots=True)
class Patterns:
    done: re.Pattern[str]
    of_step: Mapping[int, re.Pattern[str]]
    dish: re.Pattern[str]
    given: re.Pattern[str]
    what: re.Pattern[str]
    leans: re.Pattern[str]
    against: tuple[tuple[re.Pattern[str], float], ...]
    headings: Mapping[str, float]


@cache
def load_patterns() -> Patterns:
    """The words, compiled. Raises ConfigError."""
    words = checked(Words, load_toml(WORDS), WORDS)

    def any_of(some: Iterable[str], start: str = r"\b") -> re.Pattern[str]:
        return re.compile(rf"(?i){start}(?:{'|'.join(some)})\b")

    return Patterns(
        done=any_of(words.done),
        of_step={ANIMALS: any_of(words.animals), PEOPLE: any_of(words.people), CELLS: any_of(words.cells)},
        dish=any_of(words.dish),
        given=any_of(words.given),
        what=any_of(words.what),
        leans=any_of(words.leans, "^"),
        against=(
            (any_of(words.aims), 2.5),
            (any_of(words.background), 3.0),
            (any_of(words.maybe), 1.2),
            (any_of(words.goes_on), 2.0),
        ),
        headings=words.headings,
    )


def find_sentence(title: str, materials: Sequence[Material], step: int | None) -> Sentence | None:
    """The best sentence of a story with this headline, or None."""
    headline = _plain(title)
    found = [one for material in materials for one in _rate(material, step) if _plain(one.text) != headline]
    english = {material.document for material in materials if material.lang == "en"}
    best = max(found, key=lambda one: (one.document in english, one.weight), default=None)
    return best if best and best.weight >= ENOUGH else None


def _rate(material: Material, step: int | None) -> Iterator[Sentence]:
    """The sentences of a document that may be the one, rated."""
    if material.lang != "en":
        yield from _rate_elsewhere(material, step)
        return
    base = OF_KIND.get(material.kind, 0.0)
    for one in _candidates(material):
        counts = step is None and one.text in material.series and _stands_alone(one.text)
        rated = rate(one.text, one.heading, step) if material.reports and _may_be(material, one) else None
        if rated is None and not counts:
            continue
        weight = max(rated or 0.0, ENOUGH) if counts else rated or 0.0
        weight += LEADS if one.place < FIRST and material.kind in ("news", "release") else 0.0
        weight += base + 0.5 * min(one.things, 3) + (1.0 if one.text in material.labelled else 0.0)
        yield Sentence(text=one.text, document=material.document, weight=round(weight, 2))


def _may_be(material: Material, one: Candidate) -> bool:
    """Whether a sentence can be of the document's own work: of a trial's record what people get, else by `own`."""
    if material.kind == "trial":
        return one.place < FIRST and bool(_NUMBER_OF.search(one.text) and load_patterns().given.search(one.text))
    return one.own or one.heading == "title" or material.kind in ("news", "release")


def _rate_elsewhere(material: Material, step: int | None) -> Iterator[Sentence]:
    """The sentence of the label, in a language whose words are not known here."""
    for text in material.labelled:
        plain = one_sentence(text)
        if step and plain != material.title and len(plain) <= LONGEST // 2 and _WHOLE_ELSEWHERE.fullmatch(plain):
            yield Sentence(text=plain, document=material.document, weight=ENOUGH + OF_KIND.get(material.kind, 0.0))


def _candidates(material: Material) -> Iterator[Candidate]:
    """The sentences of a document, each once."""
    heading, own, seen = "", False, set()
    if material.kind in ("paper", "preprint"):
        yield Candidate(text=one_sentence(material.title), heading="title", things=2, place=0, own=True)
    text = material.text[:READ]
    for place, (start, end) in enumerate(find_sentences(text)):
        if end == len(text) < len(material.text):
            continue  # it may go on
        raw = text[start:end]
        named = _HEADING.match(raw)
        if named:
            heading, raw = named[1].casefold(), raw[named.end() :]
        elif start and text[start - 1] == "\n":
            heading = ""
        own = own or begins_own_work(raw) or load_patterns().headings.get(heading, 0.0) > 0
        said = one_sentence(raw)
        if said not in seen:
            seen.add(said)
            things = len({thing for left, right, thing in material.things if start <= left and right <= end})
            yield Candidate(text=said, heading=heading, things=things, place=place, own=own)
    for quoted in dict.fromkeys(one_sentence(quoted) for quoted in material.quoted) if not text else ():
        yield Candidate(text=quoted, heading="", things=1, place=FIRST, own=quoted in material.labelled)


def rate(text: str, heading: str, step: int | None) -> float | None:
    """How well a sentence says what was done in what; None where it does not, or makes no sense alone."""
    words = load_patterns()
    if not _stands_alone(text) or (heading != "title" and not _WHOLE.fullmatch(text)):
        return None
    done = words.done.search(text)
    named = {of for of, pattern in words.of_step.items() if pattern.search(text)}
    if not done or not named or not words.what.search(text) or not _fits(text, named, step):
        return None
    weight = 2.5 + (0.8 if heading == "title" else words.headings.get(heading, 0.0))
    weight += 1.0 if step is None or _wanted(step) in named else 0.0
    weight += 0.6 if _NUMBER_OF.search(text) else 0.0
    weight -= sum(cost for pattern, cost in words.against if pattern.search(text))
    weight -= min(2.0, 0.5 * len(_STATISTICS.findall(text)) + 0.2 * text.count("("))
    weight -= 2.0 if step == ANIMALS and _IN_A_DISH.search(text) else 0.0
    weight -= 1.5 if _SPOKEN.search(text) else 0.0
    weight -= max(0.0, (len(text) - EASY) / 100)
    return weight


def _wanted(step: int) -> int:
    """In what the work of a step is done."""
    return PEOPLE if PEOPLE <= step <= LICENSED else step


def _fits(text: str, named: set[int], step: int | None) -> bool:
    """Whether what a sentence names goes with the step: people and animals are not taken for each other."""
    if step is None:
        return True
    wanted = _wanted(step)
    if wanted == CELLS:
        return CELLS in named and (named == {CELLS} or bool(load_patterns().dish.search(text)))
    return wanted in named


def _stands_alone(text: str) -> bool:
    return (
        SHORTEST <= len(text) <= LONGEST
        and "?" not in text
        and "…" not in text
        and "..." not in text
        and not load_patterns().leans.match(text)
        and text.count("(") == text.count(")")
    )


def one_sentence(text: str) -> str:
    """Without line breaks and double spaces."""
    return " ".join(text.split())


def _plain(text: str) -> str:
    return re.sub(r"\W+", " ", text).strip().casefold()
