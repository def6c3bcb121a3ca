"""Relevance: is it about stem cells and regenerative medicine at all?

A document is in scope when a strong term (`scope.tsv`) stands in its title or its first paragraphs, or at least
twice in its text (abbreviations count as they are written, whole: MSCs, and not `escape` for ESC); or when three
different weak terms stand in title and lead, or two, one of them in the title; or when a paper or a trial that it is
linked to speaks of them (a retraction of "heart patches"); or when its source gives nothing else
(`scope = "all"`: a stem cell bank, a saved search). One passing mention deep in a story
about something else is not enough. A heading of MeSH about stem cells decides for a record that has headings.
The label rests on the sentence of the first deciding term; a document that is
out of scope says so and stays in work.db, where it can be looked at; the site leaves it out.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from core.records import Label
from nlp.classify.evidence import headings_of
from nlp.classify.page import Page, Paper, Sentence, label_at, sentences_of

COMPONENT = "scope/4"
TERMS = Path(__file__).with_name("scope.tsv")
LEAD = 800  # characters of the text that count as its beginning

_HEADING = re.compile(
    r"stem cells?\b|stromal cells|stem cell transplantation|progenitor cells|regenerative medicine"
    r"|cellular reprogramming|organoids"
    r"|cell self renewal|stem cell niche|stem cell research|bone marrow transplantation|fetal blood$|spheroids"
)


def find_labels(page: Page) -> Iterator[Label]:
    """One label of the facet `scope`."""
    strong, weak = _patterns()
    sentences = sentences_of(page)
    in_text = list(strong.finditer(page.text))
    weak_seen = {match[0].lower() for match in weak.finditer(f"{page.title}\n{page.text[:LEAD]}")}
    if strong.search(page.title):
        yield label_at(page, "scope", "in", COMPONENT, sentences[0], 1.0)
    elif in_text and (in_text[0].start() < LEAD or len(in_text) > 1):
        sentence = _sentence(sentences, in_text[0].start())
        yield label_at(page, "scope", "in", COMPONENT, sentence, 0.6 + 0.1 * len(in_text))
    elif any(_HEADING.search(heading) for heading in headings_of(page.extra)):
        yield label_at(page, "scope", "in", f"{COMPONENT}:heading", None, 0.9)
    elif len(weak_seen) >= (2 if weak.search(page.title) else 3):
        first = weak.search(page.text)
        yield label_at(page, "scope", "in", COMPONENT, _sentence(sentences, first.start()) if first else None, 0.5)
    elif about := next((paper for paper in page.papers if _speaks_of_it(paper, strong)), None):
        yield label_at(page, "scope", "in", f"{COMPONENT}:{about.id}", None, 0.8)
    elif page.source_scope == "all":
        yield label_at(page, "scope", "in", f"{COMPONENT}:source", None, 0.9)
    else:
        yield label_at(page, "scope", "out", COMPONENT, None, 0.6 if in_text or weak_seen else 1.0)


def _speaks_of_it(paper: Paper, strong: re.Pattern[str]) -> bool:
    return bool(strong.search(f"{paper.title}\n{paper.text}") or any(map(_HEADING.search, headings_of(paper.extra))))


def _sentence(sentences: tuple[Sentence, ...], at: int) -> Sentence | None:
    for sentence in sentences:
        if sentence.start is not None and sentence.end is not None and sentence.start <= at < sentence.end:
            return sentence
    return None


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    with TERMS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))

    def pattern(weight: str) -> str:
        terms = sorted((row["term"] for row in rows if row["weight"] == weight), key=len, reverse=True)
        # a term begins a word where its script parts words; its ending is open (cells, -therapy, 는, の)
        return "|".join((r"\b" if term[0].isascii() else "") + re.escape(term) for term in terms)

    written = "|".join(re.escape(row["term"]) for row in rows if row["weight"] == "exact")
    return (
        re.compile(rf"(?i:{pattern('strong')})|(?<![\w-])(?:{written})(?![\w-])"),
        re.compile(pattern("weak"), re.I),
    )
