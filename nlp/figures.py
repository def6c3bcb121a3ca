"""STAGE document -> figures, quotations, promises: what a text counts, whom it quotes, what it says will come.

A figure is a quantity (`nlp.quantities`) that says of what it is one: it has a unit or a counted noun, or stands in a
list whose first item has. In order, sentence by sentence:

1. **subject**: the counted noun with what follows "of"; for a measure, what stands before it up to the verb; a
   multiple is of what it multiplies. Where a row of `series.tsv` fits the sentence and the unit (a bank's
   distributions, trials in a registry), its words are the subject, so that every outlet and language gives the same.
2. **period**: a year in the same clause, after it ("66 cases in 2019") before before it ("2019년 66건"); "last year",
   지난해, 이듬해 and their like, counted from the day of the text or from the last year that was named.
3. **place**: the country of a place named in the sentence; of a bank, its own.
4. **series**: the institution's name and the subject, where the row of `series.tsv` says that its figures are yearly.

A text in a language that we do not read (`LANGUAGES`) is skipped with its name; rows of a table that came as prose
(lines of numbers without a verb) give nothing.
"""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from core.config import Config
from core.records import Concept, Figure, Json, Promise, Quotation
from core.stage import Done, Result, Skipped, Stage, Writes
from core.store import Store
from core.text import digest
from nlp.classify.page import Page, page_of, sentences
from nlp.classify.stage import LINKED, NAMED
from nlp.promises import CUES as PROMISES
from nlp.promises import find_promises
from nlp.quantities import UNITS, Quantity, find_quantities
from nlp.quotes import CUES as SAYING
from nlp.quotes import find_quotations

VERSION = "figures/1"
SERIES = Path(__file__).with_name("series.tsv")
LANGUAGES = frozenset({"en", "ko", "ja", "zh", "de", "fr", "es", "it", "pt", "nl"})
TABLE = 0.6  # share of digits from which a line is no prose

_YEAR = re.compile(r"(?<!\d)(?P<year>(?:19|20)\d\d)(?!\d)(?:[-/–](?P<to>(?:19|20)?\d\d)(?!\d))?\s?[년年]?")
_RELATIVE = re.compile(
    r"\b(?P<last>last year|the previous year|a year earlier)\b|\b(?P<before>the year before)\b|\b(?P<this>this year)\b"
    r"|(?P<klast>지난해|작년|去年|昨年)|(?P<kthis>올해|今年)|(?P<knext>이듬해|翌年|次の年)",
    re.I,
)
_CLAUSE = re.compile(r"[;:]|,(?!\d)|\b(?:and|while|whereas|but|then)\b|(?:고|며|다가|으며|지만|는데)(?=\s)|[、，；]")
_OF = re.compile(r"\s(?:of|in)\s(?:the |its |their |all )?(?P<noun>[A-Za-z][\w'’-]*(?:\s[a-z][\w'’-]*){0,3})")
_VERB = re.compile(
    r"\b(?:is|are|was|were|has|have|had|rose|fell|grew|reached|stood|went|amounts?|amounted|came|kept|at|to|by|of|than)\b.*$",
    re.I,
)
_KOREAN_SUBJECT = re.compile(r"([가-힣]{2,12}?)(?:이|가|은|는|을|를|의|도|로)?\s?$")

WORK = f"""
SELECT d.id AS "key",
       digest(d.hash, d.kind, d.lang, d.published, s.kind, {NAMED}, {LINKED}) AS input,
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


def stage(_config: Config, _work: Store) -> Stage:
    data = digest(*(path.read_text("utf-8") for path in (SERIES, UNITS, PROMISES, SAYING)))
    return Stage(
        name="figures",
        version=f"{VERSION}/{data}",
        work=WORK,
        step=read_document,
        writes=tuple(Writes(record=record, owner="document") for record in (Figure, Quotation, Promise)),
    )


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
    yield from _of_part(page, "title", page.title, [(0, len(page.title))], day, names)
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


def _of_part(
    page: Page, part: str, text: str, spans: Sequence[tuple[int, int]], day: str | None, names: dict[str, str]
) -> Iterator[Figure]:
    bank, home = find_bank(page, names)
    for start, end in spans:
        words = text[start:end]
        if _is_table(words):
            continue
        places = _places(page, part, start, end)
        before: tuple[str, str, str | None] | None = None  # subject, unit and series of the list so far
        last_year: int | None = None
        for q in find_quantities(words, page.lang):
            row = find_row(words, q)
            unit = q.unit or ("cases" if q.noun == "cases" else "")
            subject = row.subject if row else find_subject(words, q)
            bare = not q.unit and not q.noun
            if bare and before:
                subject, unit = before[0], before[1]
            elif bare and not (row and row.yearly):
                continue
            if not subject and not unit:
                continue
            period, last_year = find_period(words, q, day, last_year)
            if bare and not period and not (row and row.yearly):
                continue
            series = None
            if row and row.yearly and q.modifier != "multiple" and bank and (row.of is None or row.of.search(bank)):
                series = f"{bank}: {row.subject}"
            elif bare and before:
                series = before[2]
            if not bare or row:
                before = (subject, unit, series)
            yield Figure(
                document=page.id, part=part, start=start + q.start, end=start + q.end, value=q.value, high=q.high,
                unit=unit, subject=subject, period=period, place=places or (home if series else None),
                modifier=q.modifier, series=series, sentence=words, component=VERSION,
            )  # fmt: skip


def find_subject(words: str, q: Quantity) -> str:
    """What is counted or measured, as the sentence words it; empty where it does not say."""
    after, before = words[q.end :], words[: q.start]
    if q.noun:
        counted = r"\s+" + re.escape(q.noun)
        tail = re.match(counted + r"\s(?:for|of)\s(?P<noun>[a-z][\w'’-]*(?:\s[a-z][\w'’-]*){0,2})", after)
        return f"{q.noun} of {tail['noun']}" if tail and " of " in tail[0] else q.noun
    if q.modifier == "multiple" and (of := re.match(r"\s(?:the |its |their )?(?P<noun>[a-z][^,.;:()]{2,60})", after)):
        return of["noun"].strip()
    if q.unit == "%" and (of := _OF.match(after)):
        return of["noun"]
    if korean := _KOREAN_SUBJECT.search(before.split(",")[-1]):
        return korean[1]
    clause = _CLAUSE.split(before)[-1].strip()
    return _VERB.sub("", clause).strip()[-60:]


def find_period(words: str, q: Quantity, day: str | None, last_year: int | None) -> tuple[str | None, int | None]:
    """(period, the year that was named last). The year in its own clause, after the number or before it."""
    cuts = [0, *(m.end() for m in _CLAUSE.finditer(words)), len(words) + 1]
    begin = max(cut for cut in cuts if cut <= q.start)
    end = min(cut for cut in cuts if cut > q.end or cut > len(words))
    inside = list(_YEAR.finditer(words, begin, min(end, len(words))))
    after = [m for m in inside if m.start() >= q.end]
    early = [m for m in inside if m.end() <= q.start]
    for match in (*after[:1], *early[-1:]):
        year = int(match["year"])
        if match["to"]:
            to = match["to"] if len(match["to"]) == 4 else match["year"][:2] + match["to"]
            return f"{year}/{to}", year
        return str(year), year
    said = list(_RELATIVE.finditer(words, begin, min(end, len(words))))
    if said:
        found = _relative(said[-1], day, last_year)
        return (str(found), found) if found else (None, last_year)
    whole, spoken = list(_YEAR.finditer(words)), list(_RELATIVE.finditer(words))
    if len(whole) == 1 and not spoken and not whole[0]["to"]:
        return whole[0]["year"], int(whole[0]["year"])
    near = [m for m in spoken if m.end() <= q.start][-1:] or (spoken if len(spoken) == 1 else [])
    if near and not whole and (year_said := _relative(near[0], day, last_year)):
        return str(year_said), year_said
    return None, last_year


def find_row(words: str, q: Quantity) -> Row | None:
    """The first row of `series.tsv` that fits the sentence and what is counted."""
    counted = q.unit or q.noun
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


def _relative(match: re.Match[str], day: str | None, last_year: int | None) -> int | None:
    if match["knext"]:
        return last_year + 1 if last_year else None
    if match["before"]:
        return last_year - 1 if last_year else (int(day[:4]) - 2 if day else None)
    if day is None:
        return None
    return int(day[:4]) - (1 if match["last"] or match["klast"] else 0)


def _places(page: Page, part: str, start: int, end: int) -> str | None:
    """The one country that places of a sentence lie in; None where there are none or several."""
    inside = [m for m in page.mentions if m.type == "PLACE" and m.part == part and start <= m.start and m.end <= end]
    found = {page.countries[m.concept] for m in inside if m.concept and m.concept in page.countries}
    return found.pop() if len(found) == 1 else None


def _is_table(words: str) -> bool:
    digits = sum(char.isdigit() for char in words)
    letters = sum(char.isalpha() for char in words)
    return len(words) > 40 and digits / (digits + letters + 1) > TABLE


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
