"""STAGE document -> figures, quotations, promises: what a text counts, whom it quotes, what it says will come.

A figure is a quantity (`nlp.quantities`) that says of what it is one. In order, sentence by sentence:

1. **subject** (`nlp.quantities.owners`): the noun that is counted or that the measure is of. Where a row of
   `series.tsv` fits the sentence and the unit (a bank's distributions, trials in a registry), its words are the
   subject, so that every outlet and language gives the same. A number without a noun of its own takes that of the list
   that it stands in ("80 in 2020"), of the sentence that "the number" or "that" points to, or of what was counted just
   before ("sixteen have had no crisis"). For measures and decimals without any, the trained model says what they are
   of, where it is sure ("sensitivity 0.70"). A quantity without subject, and what only parts a text ("three
   questions"), is no row.
2. **period** (`nlp.quantities.periods`).
3. **place**: the country of a place named in the sentence; of a bank, its own.
4. **series**: the institution's name and the subject, where the row of `series.tsv` says that its figures are yearly.
   Lines such as "2019: 66" under a heading are figures of the heading.

A text in a language that we do not read (`LANGUAGES`) is skipped with its name; rows of a table that came as prose
give nothing.
"""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from core.config import Config
from core.records import Concept, Figure, Json, Promise, Quotation
from core.stage import Address, Done, Result, Skipped, Stage, Step, Writes
from core.text import fingerprint
from core.versions import version_of
from nlp.classify.page import LONGEST, Page, page_of, sentences
from nlp.classify.stage import LINKED, NAMED
from nlp.promises import CUES as PROMISES
from nlp.promises import find_promises
from nlp.quantities import UNITS, Quantity, find_quantities
from nlp.quantities.chain import MODELS
from nlp.quantities.owners import find_subject, is_loose
from nlp.quantities.periods import fill_gaps, find_period, find_times
from nlp.quantities.rules import TIME
from nlp.quantities.subjects import find_subject as find_measured
from nlp.quantities.words import WORDS
from nlp.quotes import CUES as SAYING
from nlp.quotes import find_quotations

COMPONENT = "figures/3"
SERIES = Path(__file__).with_name("series.tsv")
LANGUAGES = frozenset({"en", "ko", "ja", "zh", "de", "fr", "es", "it", "pt", "nl"})
CARD = MODELS / "card.json"
TABLE = 0.6  # share of digits from which a line is no prose

TIME_FIRST = frozenset({"ko", "ja", "zh"})
SURE = 0.8  # of the trained model
REACH = 4  # sentences over which "the number" points back

_BACK = re.compile(
    r"\b(?:the|that|this) (?:number|figure|total|count)s?\b|^(?:it|this|that)\b|, (?:that|this) is\b"
    r"|\bit (?:was|is|rose|fell)\b",
    re.I,
)
_LINE = re.compile(r"^[•*\-–\s]*(?:19|20)\d\d\s?[년年]?\s?[:：\-–—]\s?\D{0,12}\d[\d,. ]*\D{0,12}$")
_NEAR = re.compile(r"\b(?:stem cells?|banks?|cell lines?|collection|repository|library)\b|줄기세포|은행|세포주", re.I)
_GAPS = re.compile(r"[|\t]|\S {3,}\S")
_ELLIPTIC = re.compile(
    r"(?: \(\d+(?:\.\d+)? ?%\))? (?:of (?:them|these|those)\b"
    r"|(?:who|have|had|were|are|was|did|do|could|would|will|said)\b"
    r"|(?:agreed|answered|waited|want(?:ed)?|survived?|died|contain(?:ed)?|used?|need(?:ed)?|received|stopped|finished"
    r"|responded|improved|developed|relapsed|saw|felt|took|reported|completed|withdrew|returned|showed)\b)",
    re.I,
)
_ENDS = re.compile(r"[.!?。…][\"”’)\]]*$")

WORK = f"""
SELECT d.id AS "key",
       fingerprint(d.hash, d.kind, d.lang, d.published, s.kind, {NAMED}, {LINKED}) AS input,
       d.id, d.kind, d.lang, d.title, d.text, d.summary, d.extra, d.translated, d.source,
       coalesce(d.published, d.first_seen) AS day, s.kind AS source_kind, s.scope AS source_scope, s.country,
       {NAMED} AS mentions, {LINKED} AS papers,
       (SELECT json_group_object(c.id, c.name) FROM concept c WHERE c.type = 'INSTITUTION'
        AND c.id IN (SELECT concept FROM mention WHERE document = d.id)) AS names
FROM document d JOIN source s ON s.id = d.source
WHERE NOT EXISTS (SELECT 1 FROM label l WHERE l.document = d.id AND l.facet = 'scope' AND l.value = 'out')"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row of `series.tsv`."""

    subject: str
    cue: re.Pattern[str]  # what the sentence says
    unit: re.Pattern[str]  # what is counted: unit or noun
    yearly: bool
    of: re.Pattern[str] | None  # name of the institution whose figures they are


def stage(_config: Config) -> Stage:
    data = fingerprint(*(path.read_text("utf-8") for path in (SERIES, UNITS, WORDS, CARD, PROMISES, SAYING)))
    return Stage(
        name="figures",
        version=f"figures/{version_of('figures')}/{data}",
        work=WORK,
        step=Address(module="nlp.figures", function="build_step"),
        writes=tuple(Writes(record=record, owner="document") for record in (Figure, Quotation, Promise)),
    )


def build_step() -> Step:
    return read_document


def read_document(row: Json) -> Result:
    """`row` is a row of WORK."""
    page, day = page_of(row), row["day"][:10]
    if not page.text and not page.title:
        return Skipped(reason="no text")
    if page.lang is not None and page.lang not in LANGUAGES:
        return Skipped(reason=f"a language that we do not label ({page.lang})")
    figures = find_figures(page, day, json.loads(row["names"]))
    return Done(records=(*figures, *find_quotations(page), *find_promises(page, day)))


def find_figures(page: Page, day: str | None, names: dict[str, str]) -> Iterator[Figure]:
    """Figures of title and text, in their order. `names` are institutions' names by concept."""
    title = [(0, len(page.title))] if len(page.title) <= LONGEST else list(sentences(page.title))
    if not page.title or not page.body.startswith(page.title):  # else the text says it again
        yield from _of_part(page, "title", page.title, title, day, names)
    yield from _of_part(page, "text", page.body, list(sentences(page.body)), day, names)


def as_figures(figures: Iterable[Figure]) -> list[Json]:
    """Figures as objects for machines."""
    return [
        {
            "value": f.value, "high": f.high, "unit": f.unit, "subject": f.subject, "period": f.period,
            "place": f.place, "modifier": f.modifier, "series": f.series, "part": f.part, "start": f.start,
            "end": f.end, "sentence": f.sentence,
        }
        for f in figures
    ]  # fmt: skip


def names_of(concepts: Iterable[Concept]) -> dict[str, str]:
    """Institutions' names by concept."""
    return {concept.id: concept.name for concept in concepts if concept.type == "INSTITUTION"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """What numbers without a noun can be of."""

    subject: str
    unit: str
    series: str | None
    period: str | None
    sentence: int


def _of_part(
    page: Page, part: str, text: str, spans: Sequence[tuple[int, int]], day: str | None, names: dict[str, str]
) -> Iterator[Figure]:
    bank, home = find_bank(page, names)
    told: Thing | None = None  # the series named last
    counted: Thing | None = None  # what was counted last
    heading = ""
    for place, (start, end) in enumerate(spans):
        words = text[start:end]
        line = _LINE.match(words)
        heading = heading if line else words
        if _is_table(words) and not line:
            continue
        times = find_times(words, day)
        found: list[Figure] = []
        listed: Thing | None = None
        quantities = list(find_quantities(words, page.lang))
        for q in quantities:
            row = find_row(f"{page.title} {heading} {words}" if line else words, q)
            if row and row.yearly and not (bank or _NEAR.search(words)):
                row = None
            period = find_period(
                words,
                q.start,
                q.end,
                times,
                [o.end for o in quantities if o is not q],
                time_first=page.lang in TIME_FIRST,
            )
            unit, bare = q.unit or ("cases" if q.noun == "cases" else ""), not q.unit and not q.noun
            series = None
            if row and (not bare or row.yearly):
                subject = row.subject
                if row.yearly and bank and (row.of is None or row.of.search(bank)):
                    series = f"{bank}: {row.subject}"
            elif thing := _pointed(words, q, page.lang, place, period, listed, told, counted):
                subject, series = thing.subject, thing.series
                unit = unit or ("" if thing.unit.startswith("of ") else thing.unit)
                if q.modifier == "multiple":
                    period = period or thing.period
            else:
                subject = find_subject(words, q, page.lang)
                if not subject and listed and period and q.unit == listed.unit and page.lang in TIME_FIRST:
                    subject = listed.subject
                if not subject and page.lang == "en" and needs_chain(q):
                    subject = find_trained(words, q, quantities)
                if page.lang in TIME_FIRST and subject:
                    subject = next((r.subject for r in _rows() if not r.yearly and r.cue.search(subject)), subject)
            if not subject or is_loose(subject):
                continue
            listed = Thing(subject=subject, unit=unit, series=series, period=period, sentence=place)
            if q.modifier == "multiple":
                listed = None
            elif series:
                latest = max(period or "", told.period or "" if told else "") or None
                told = replace(listed, period=latest)
            elif (not q.unit or q.unit.startswith("of ")) and q.noun != "age" and (q.noun or counted):
                counted = listed
            found.append(
                Figure(
                    document=page.id, part=part, start=start + q.start, end=start + q.end, value=q.value, high=q.high,
                    unit=unit, subject=subject, period=period, place=None, modifier=q.modifier, series=series,
                    sentence=words, component=COMPONENT,
                )
            )  # fmt: skip
        yield from _finish(found, _places(page, part, start, end), home)


def _finish(found: Sequence[Figure], country: str | None, home: str | None) -> Iterator[Figure]:
    """Figures of a sentence with their places, and with the years that a list of one series leaves out."""
    run = [at for at, one in enumerate(found) if one.series and one.modifier != "multiple"]
    filled = dict(zip(run, fill_gaps([found[at].period for at in run]), strict=True))
    for at, one in enumerate(found):
        yield replace(one, period=filled.get(at, one.period), place=country or (home if one.series else None))


def _pointed(
    words: str, q: Quantity, lang: str | None, place: int, period: str | None,
    listed: Thing | None, told: Thing | None, counted: Thing | None,
) -> Thing | None:  # fmt: skip
    """What a number without a noun of its own is of, where something before it says so."""
    near = told if told and place - told.sentence <= REACH else None
    if q.modifier == "multiple":
        return near if near and (_BACK.search(words) or lang in TIME_FIRST) else None
    if q.unit and not q.unit.startswith("of "):
        return near if near and period and q.unit == near.unit and place - near.sentence <= 1 else None
    if q.noun:
        return None
    if listed and period and not q.unit and not listed.unit.startswith("of "):
        return listed
    if near and not q.unit and (_BACK.search(words) or (listed and listed.series)):
        return near
    if counted and place - counted.sentence <= 1 and is_elliptic(words, q):
        return counted
    return None


def needs_chain(q: Quantity) -> bool:
    """Whether the trained model may say what a quantity is of: measures, and decimals ("sensitivity 0.70")."""
    if q.noun or q.unit in TIME or q.unit == "times" or q.unit.startswith("of "):
        return False
    return bool(q.unit) or q.value != int(q.value)


def find_trained(words: str, q: Quantity, quantities: Sequence[Quantity]) -> str:
    """The subject by the trained model, where it is sure; else empty."""
    found = find_measured(words, (0, len(words)), (q.start, q.end), [(other.start, other.end) for other in quantities])
    return words[found[0] : found[1]] if found and found[2] >= SURE else ""


def is_elliptic(words: str, q: Quantity) -> bool:
    """Whether a verb, or "of them", follows the number at once: "sixteen have had no crisis"."""
    return bool(_ELLIPTIC.match(words, q.end)) and q.value == int(q.value)


def find_row(words: str, q: Quantity) -> Row | None:
    """The first row of `series.tsv` that fits the sentence and what is counted."""
    counted = re.sub(r" of .*", "", q.noun) if q.noun and not q.noun.startswith("stem") else q.unit or q.noun
    if q.unit.startswith("of "):
        return None
    return next((row for row in _rows() if row.cue.search(words) and row.unit.fullmatch(counted)), None)


def find_bank(page: Page, names: dict[str, str]) -> tuple[str | None, str | None]:
    """(name, country) of the bank that the page speaks of: the one that it names most."""
    counts = Counter(
        m.concept for m in page.mentions if m.concept in names and re.search(r"\bbank\b", names[m.concept], re.I)
    )
    if not counts:
        return None, page.country if page.source_kind == "stem_cell_bank" else None
    best = max(counts, key=lambda concept: (counts[concept], str(concept)))
    return names[str(best)], page.countries.get(str(best))


def _places(page: Page, part: str, start: int, end: int) -> str | None:
    """The one country that places of a sentence lie in; None where there are none or several."""
    inside = [m for m in page.mentions if m.type == "PLACE" and m.part == part and start <= m.start and m.end <= end]
    found = {page.countries[m.concept] for m in inside if m.concept and m.concept in page.countries}
    return found.pop() if len(found) == 1 else None


def _is_table(words: str) -> bool:
    """Mostly digits, or several numbers with gaps between them and no end of a sentence."""
    digits = sum(char.isdigit() for char in words)
    letters = sum(char.isalpha() for char in words)
    if len(words) > 40 and digits / (digits + letters + 1) > TABLE:
        return True
    return bool(_GAPS.search(words)) and len(re.findall(r"\d+", words)) >= 3 and not _ENDS.search(words)


@cache
def _rows() -> tuple[Row, ...]:
    with SERIES.open(encoding="utf-8", newline="") as file:
        return tuple(
            Row(
                subject=row["subject"], cue=re.compile(row["cue"], re.I), unit=re.compile(row["unit"], re.I),
                yearly=row["yearly"] == "1", of=re.compile(row["of"], re.I) if row["of"] else None,
            )
            for row in csv.DictReader(file, delimiter="\t")
        )  # fmt: skip
