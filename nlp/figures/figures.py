"""Figures: quantities (`nlp.quantities`) of which the text says what they count or measure.

Sentence by sentence, each figure gets

1. its period (`nlp.quantities.periods`);
2. its subject, unit and series (`subjects.py`). A quantity without a subject is no figure;
3. its currency, where a sign such as "$" is that of several countries (`nlp.quantities.money`);
4. its place: the one country that the places of the sentence are in; for a series, else the country of the bank.

A series that skips a year between two others gets that year. A line such as "2019: 66" belongs to the heading above
it. A line of a table that was extracted as prose is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from core.records import Concept, Figure, Json
from nlp.classify.page import LONGEST, Page, sentences
from nlp.figures.series import Bank, find_bank
from nlp.figures.subjects import TIME_FIRST, Memory, Number, Sentence, Topic, find_topic, remember
from nlp.quantities import Quantity, find_quantities
from nlp.quantities.money import settle
from nlp.quantities.periods import fill_gaps, find_period, find_times

LANGUAGES = frozenset({"en", "ko", "ja", "zh", "de", "fr", "es", "it", "pt", "nl"})  # in which figures are read
COMPONENT = "figures/3"
MIN_DIGITS = 0.6  # share of digits from which a line is no prose

_LINE = re.compile(r"^[•*\-–\s]*(?:19|20)\d\d\s?[년年]?\s?[:：\-–—]\s?\D{0,12}\d[\d,. ]*\D{0,12}$")
_GAPS = re.compile(r"[|\t]|\S {3,}\S")
_ENDS = re.compile(r"[.!?。…][\"”’)\]]*$")


def find_figures(page: Page, day: str | None, names: dict[str, str]) -> Iterator[Figure]:
    """Figures of title and text, in their order.

    `day` is the day of the text (YYYY-MM-DD), `names` the institutions' names by concept.
    """
    bank = find_bank(page, names)
    title = [(0, len(page.title))] if len(page.title) <= LONGEST else list(sentences(page.title))
    if not page.title or not page.body.startswith(page.title):  # else the text repeats the title
        yield from _find_in_part(page, "title", page.title, title, day, bank)
    yield from _find_in_part(page, "text", page.body, list(sentences(page.body)), day, bank)


def make_figure_json(figures: Iterable[Figure]) -> list[Json]:
    """Figures as JSON objects, as `pipeline.py read --json` prints them."""
    return [
        {
            "value": f.value, "high": f.high, "unit": f.unit, "subject": f.subject, "period": f.period,
            "place": f.place, "modifier": f.modifier, "series": f.series, "part": f.part, "start": f.start,
            "end": f.end, "sentence": f.sentence,
        }
        for f in figures
    ]  # fmt: skip


def get_institution_names(concepts: Iterable[Concept]) -> dict[str, str]:
    """Institutions' names by concept."""
    return {concept.id: concept.name for concept in concepts if concept.type == "INSTITUTION"}


def _find_in_part(
    page: Page, part: str, text: str, spans: Sequence[tuple[int, int]], day: str | None, bank: Bank
) -> Iterator[Figure]:
    """Figures of the title or the text; `spans` are its sentences."""
    memory, heading, countries = Memory(), "", find_countries(page)
    for place, (start, end) in enumerate(spans):
        words = text[start:end]
        line = _LINE.match(words)
        heading = heading if line else words
        if is_table(words) and not line:
            continue
        sentence = Sentence(
            number=place,
            words=words,
            context=f"{page.title} {heading} {words}" if line else words,
            lang=page.lang,
            bank=bank,
            quantities=tuple(replace(q, unit=settle(q.unit, countries)) for q in find_quantities(words, page.lang)),
        )
        found = [
            _make_figure(page, part, start, words, number.quantity, topic)
            for number, topic in _find_topics(sentence, memory, day)
        ]
        yield from _complete(found, find_country(page, part, start, end), bank)


def _find_topics(sentence: Sentence, memory: Memory, day: str | None) -> Iterator[tuple[Number, Topic]]:
    """The quantities of a sentence that have a topic."""
    times = find_times(sentence.words, day)
    memory.in_list = None
    for q in sentence.quantities:
        others = [other.end for other in sentence.quantities if other is not q]
        time_first = sentence.lang in TIME_FIRST
        period = find_period(sentence.words, q.start, q.end, times, others, time_first=time_first)
        number = Number(quantity=q, period=period)
        topic = find_topic(sentence, number, memory)
        if topic:
            remember(memory, number, topic)
            yield number, topic


def _make_figure(page: Page, part: str, start: int, words: str, q: Quantity, topic: Topic) -> Figure:
    """A figure without its place; `start` is where the sentence begins."""
    return Figure(
        document=page.id, part=part, start=start + q.start, end=start + q.end, value=q.value, high=q.high,
        unit=topic.unit, subject=topic.subject, period=topic.period, place=None, modifier=q.modifier,
        series=topic.series, sentence=words, component=COMPONENT,
    )  # fmt: skip


def _complete(found: Sequence[Figure], country: str | None, bank: Bank) -> Iterator[Figure]:
    """Figures of a sentence with their places, and with the years that a list of one series leaves out."""
    run = [at for at, one in enumerate(found) if one.series and one.modifier != "multiple"]
    filled = dict(zip(run, fill_gaps([found[at].period for at in run]), strict=True))
    for at, one in enumerate(found):
        yield replace(one, period=filled.get(at, one.period), place=country or (bank.country if one.series else None))


def find_countries(page: Page) -> frozenset[str]:
    """Countries of the source and of the places and institutions that the page names: they say which dollars."""
    named = {page.countries.get(m.concept or "") for m in page.mentions if m.type in ("PLACE", "INSTITUTION")}
    return frozenset(code for code in (*named, page.country) if code)


def find_country(page: Page, part: str, start: int, end: int) -> str | None:
    """The one country that the places between two offsets are in; None where there are none or several."""
    inside = [m for m in page.mentions if m.type == "PLACE" and m.part == part and start <= m.start and m.end <= end]
    found = {page.countries[m.concept] for m in inside if m.concept and m.concept in page.countries}
    return found.pop() if len(found) == 1 else None


def is_table(words: str) -> bool:
    """Mostly digits, or several numbers with gaps between them and without the end of a sentence."""
    digits = sum(char.isdigit() for char in words)
    letters = sum(char.isalpha() for char in words)
    if len(words) > 40 and digits / (digits + letters + 1) > MIN_DIGITS:
        return True
    return bool(_GAPS.search(words)) and len(re.findall(r"\d+", words)) >= 3 and not _ENDS.search(words)
