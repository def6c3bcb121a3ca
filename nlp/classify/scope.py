"""STAGE document -> label: is it about stem cells and regenerative medicine at all?

A document is in scope when a strong term (`scope.tsv`) stands in its title or its first paragraphs, or at least
twice in its text; or when three different weak terms stand in title and lead; or when its source gives nothing else
(`scope = "all"`: a stem cell bank, a saved search). One passing mention deep in a story
about something else is not enough. The label rests on the sentence of the first deciding term; a document that is
out of scope says so and stays in work.db, where it can be looked at; the site leaves it out.
"""

from __future__ import annotations

import csv
import re
from functools import cache
from pathlib import Path

from core.config import Config
from core.records import Json, Label
from core.stage import Done, Result, Stage, Writes
from core.store import Store
from core.text import digest

TERMS = Path(__file__).with_name("scope.tsv")
CODE = "2"
LEAD = 800  # characters of the text that count as its beginning
WORK = """
SELECT d.id AS "key", digest(d.hash, s.scope) AS input, d.id, d.title, d.text, d.source, s.scope
FROM document d JOIN source s ON s.id = d.source"""

_SENTENCE = re.compile(r"[^.!?。\n]*[.!?。]?")


def stage(_config: Config, _work: Store) -> Stage:
    return Stage(
        name="classify",
        version=f"{CODE}/{digest(TERMS.read_text('utf-8'))}",
        work=WORK,
        step=classify_scope,
        writes=(Writes(record=Label, owner="document"),),
    )


def classify_scope(row: Json) -> Result:
    """One label of the facet `scope`. `row` is a row of WORK."""
    title, text = row["title"], row["text"]
    strong, weak = _patterns()
    in_title, in_text = strong.search(title), list(strong.finditer(text))
    weak_seen = {match[0].lower() for match in weak.finditer(f"{title}\n{text[:LEAD]}")}
    component = f"scope/{CODE}"
    if in_title:
        return _label(row, "in", 1.0, title, None, component)
    if in_text and (in_text[0].start() < LEAD or len(in_text) > 1):
        start, end = _sentence(text, in_text[0].start())
        score = min(1.0, 0.6 + 0.1 * len(in_text))
        return _label(row, "in", score, text[start:end], (start, end), component)
    if len(weak_seen) >= 3:
        first = weak.search(text)
        start, end = _sentence(text, first.start()) if first else (0, 0)
        return _label(row, "in", 0.5, text[start:end], (start, end), component)
    if row["scope"] == "all":
        return _label(row, "in", 0.9, "", None, f"{component}:source")
    score = 0.6 if in_text or weak_seen else 1.0
    return _label(row, "out", score, "", None, component)


def _label(
    row: Json, value: str, score: float, sentence: str, span: tuple[int, int] | None, component: str
) -> Result:  # fmt: skip
    return Done(
        records=(
            Label(
                document=row["id"], facet="scope", value=value, score=round(score, 2), sentence=sentence,
                start=span[0] if span else None, end=span[1] if span else None, component=component,
            ),
        )
    )  # fmt: skip


def _sentence(text: str, at: int) -> tuple[int, int]:
    """Offsets of the sentence around a position, cut where sentences and paragraphs end."""
    for match in _SENTENCE.finditer(text):
        if match.start() <= at < match.end():
            skipped = len(match[0]) - len(match[0].lstrip())
            return match.start() + skipped, match.end()
    return at, at


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    with TERMS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))

    def pattern(weight: str) -> re.Pattern[str]:
        terms = sorted((row["term"] for row in rows if row["weight"] == weight), key=len, reverse=True)
        # a term begins a word where its script parts words; its ending is open (cells, -therapy, 는, の)
        return re.compile("|".join((r"\b" if term[0].isascii() else "") + re.escape(term) for term in terms), re.I)

    return pattern("strong"), pattern("weak")
