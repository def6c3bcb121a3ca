"""Relevance: whether a document is about stem cells and regenerative medicine.

`scope.tsv` has strong terms and weak ones; abbreviations count only as written (MSCs; ESC, but not in `escape`). The
first of `RULES` that answers decides that a document is in scope:

1. a strong term in the title;
2. a strong term in the first `LEAD` characters of the text, or two anywhere. One mention deep in a text about something
   else is not enough;
3. a MeSH heading about stem cells;
4. three different weak terms in title and lead, or two with one of them in the title;
5. a linked paper or trial that is about stem cells (a retraction of "heart patches");
6. a source that gives nothing else (`scope = "all"`: a stem cell bank, a saved search).

The label has the sentence of the first term that decides. A document that is out of scope gets the label `out`. It
stays in work.db and is left out of the edition.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from core.records import Label
from nlp.classify.page import Page, Paper, Sentence, label_at, sentences_of
from nlp.classify.record_fields import get_headings

COMPONENT = "scope/4"
TERMS = Path(__file__).with_name("scope.tsv")
LEAD = 800  # characters of the text that count as its beginning

_HEADING = re.compile(
    r"stem cells?\b|stromal cells|stem cell transplantation|progenitor cells|regenerative medicine"
    r"|cellular reprogramming|organoids"
    r"|cell self renewal|stem cell niche|stem cell research|bone marrow transplantation|fetal blood$|spheroids"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """A page with the terms that it has."""

    page: Page
    strong: re.Pattern[str]
    weak: re.Pattern[str]
    in_title: bool  # a strong term
    in_text: list[int]  # offsets of strong terms
    weak_seen: frozenset[str]  # weak terms of title and lead


Rule = Callable[[Terms], Label | None]


def find_labels(page: Page) -> Iterator[Label]:
    """One label of the facet `scope`."""
    strong, weak = _load_patterns()
    terms = Terms(
        page=page,
        strong=strong,
        weak=weak,
        in_title=bool(strong.search(page.title)),
        in_text=[match.start() for match in strong.finditer(page.text)],
        weak_seen=frozenset(match[0].lower() for match in weak.finditer(f"{page.title}\n{page.text[:LEAD]}")),
    )
    label = next((found for rule in RULES if (found := rule(terms))), None)
    known = terms.in_text or terms.weak_seen
    yield label or label_at(page, "scope", "out", COMPONENT, None, 0.6 if known else 1.0)


def match_title(terms: Terms) -> Label | None:
    page = terms.page
    return label_at(page, "scope", "in", COMPONENT, sentences_of(page)[0], 1.0) if terms.in_title else None


def match_text(terms: Terms) -> Label | None:
    if not terms.in_text or (terms.in_text[0] >= LEAD and len(terms.in_text) == 1):
        return None
    sentence = _find_sentence(terms.page, terms.in_text[0])
    return label_at(terms.page, "scope", "in", COMPONENT, sentence, 0.6 + 0.1 * len(terms.in_text))


def match_headings(terms: Terms) -> Label | None:
    page = terms.page
    stated = any(_HEADING.search(heading) for heading in get_headings(page.extra))
    return label_at(page, "scope", "in", f"{COMPONENT}:heading", None, 0.9) if stated else None


def match_weak_terms(terms: Terms) -> Label | None:
    page = terms.page
    if len(terms.weak_seen) < (2 if terms.weak.search(page.title) else 3):
        return None
    first = terms.weak.search(page.text)
    return label_at(page, "scope", "in", COMPONENT, _find_sentence(page, first.start()) if first else None, 0.5)


def match_papers(terms: Terms) -> Label | None:
    page = terms.page
    paper = next((paper for paper in page.papers if _is_relevant(paper, terms.strong)), None)
    return label_at(page, "scope", "in", f"{COMPONENT}:{paper.id}", None, 0.8) if paper else None


def match_source(terms: Terms) -> Label | None:
    page = terms.page
    return label_at(page, "scope", "in", f"{COMPONENT}:source", None, 0.9) if page.source_scope == "all" else None


RULES: tuple[Rule, ...] = (match_title, match_text, match_headings, match_weak_terms, match_papers, match_source)


def _is_relevant(paper: Paper, strong: re.Pattern[str]) -> bool:
    """Whether a linked paper or trial has a strong term or a heading about stem cells."""
    return bool(strong.search(f"{paper.title}\n{paper.text}") or any(map(_HEADING.search, get_headings(paper.extra))))


def _find_sentence(page: Page, at: int) -> Sentence | None:
    """The sentence of the text at an offset."""
    for sentence in sentences_of(page):
        if sentence.start is not None and sentence.end is not None and sentence.start <= at < sentence.end:
            return sentence
    return None


@cache
def _load_patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    with TERMS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))

    def pattern(weight: str) -> str:
        terms = sorted((row["term"] for row in rows if row["weight"] == weight), key=len, reverse=True)
        # a term begins a word in scripts that separate words; any ending may follow (cells, -therapy, 는, の)
        return "|".join((r"\b" if term[0].isascii() else "") + re.escape(term) for term in terms)

    written = "|".join(re.escape(row["term"]) for row in rows if row["weight"] == "exact")
    return (
        re.compile(rf"(?i:{pattern('strong')})|(?<![\w-])(?:{written})(?![\w-])"),
        re.compile(pattern("weak"), re.I),
    )
