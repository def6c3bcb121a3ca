"""The therapy and what it is made of: therapy, donor, cell product, source tissue.

Facets: `therapy` (cells, vesicles, gene-edited, scaffold, autologous, allogeneic), `donor` (autologous, allogeneic),
`cell_product` (MSC, HSC, iPSC-derived, ESC-derived, neural …), `tissue` (bone marrow, adipose tissue, cord blood …).

A trial's interventions and official title come first, the document's own and those of linked trials. Then the text: a
value counts in the title, in the first third, or when the text has it twice. A therapy is given to somebody: `cells`
needs a word of giving, and is dropped where the text says that no cells were transplanted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from core.records import Label
from nlp.classify.cues import Hit, find_hits
from nlp.classify.page import Page, Sentence, label_at, sentences_of
from nlp.classify.record_fields import get_headings

COMPONENT = "therapy/1"
FACETS = {"therapy": "therapy", "products": "cell_product", "tissues": "tissue"}
LEAD = 0.35
BRIEF = 400  # characters in which everything is the beginning
_NO_CELLS = re.compile(
    r"(?i)\b(?:no cells? (?:were|was|are|is)|without (?:transplanting|transplant\w*|injecting|using|any"
    r"|a single)(?: \w+){0,3} cells?|contains? none|cell-free|leaving out the cells|without cell transplant)"
)


def find_labels(page: Page) -> Iterator[Label]:
    record = _get_record_lines(page)
    for table, facet in FACETS.items():
        found: dict[str, Label] = {}
        for hit in find_hits(table, record, guarded=False):
            found.setdefault(hit.value, label_at(page, facet, hit.value, f"{COMPONENT}:record", None, 1.0))
        for hit, score in _read_text(table, page):
            if hit.value not in found and not (found and facet != "therapy"):
                found[hit.value] = label_at(page, facet, hit.value, COMPONENT, hit.sentence, score)
        if facet == "therapy" and "cells" in found and _NO_CELLS.search(f"{page.title}. {page.body}"):
            del found["cells"]
        for label in found.values():
            yield label
            if label.value in ("autologous", "allogeneic"):
                yield Label(
                    document=label.document, facet="donor", value=label.value, score=label.score,
                    sentence=label.sentence, start=label.start, end=label.end, component=label.component,
                )  # fmt: skip


def _read_text(table: str, page: Page) -> Iterator[tuple[Hit, float]]:
    """(first hit of a value, its score), of the values that the text has early or twice."""
    hits: dict[str, list[Hit]] = {}
    for hit in find_hits(table, sentences_of(page), guarded=False):
        hits.setdefault(hit.value, []).append(hit)
    for found in hits.values():
        first = found[0]
        early = first.sentence.start is None or first.sentence.place < LEAD or first.sentence.start < BRIEF
        if early or len(found) > 1:
            yield first, 0.5 + 0.25 * early + min(0.25, len(found) / 20)


def _get_record_lines(page: Page) -> tuple[Sentence, ...]:
    """What records say of the therapy: interventions, official titles and headings about cells or vesicles."""
    lines: list[str] = []
    for extra in (page.extra, *(paper.extra for paper in page.papers)):
        interventions = extra.get("interventions") or []
        if isinstance(interventions, str):
            lines.append(interventions)
        else:
            lines += [str(one.get("name", "") if isinstance(one, dict) else one) for one in interventions]
        lines.append(str(extra.get("official_title") or ""))
        lines += [heading for heading in get_headings(extra) if re.search("stem|stromal|vesicle|exosome", heading)]
    return tuple(Sentence(words=line, start=None, end=None, place=0.0) for line in lines if line)
