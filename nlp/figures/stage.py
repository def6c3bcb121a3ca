"""STAGE document -> figures, quotations, promises.

A document is due again when its text, its source, its mentions or its linked papers change. Documents outside the
scope are left out. Documents in a language that we do not read (`LANGUAGES`) are skipped, and the outcome names the
language.
"""

from __future__ import annotations

import json

from core.config import Config
from core.records import Figure, Promise, Quotation
from core.stage import Address, Done, Result, Skipped, Stage, Step, Writes
from core.text import fingerprint
from core.versions import version_of
from nlp.classify.page import PageRow, make_page
from nlp.classify.stage import LINKED, NAMED
from nlp.figures.figures import LANGUAGES, find_figures
from nlp.figures.promises import CUES as PROMISES
from nlp.figures.promises import find_promises
from nlp.figures.quotations import CUES as SAYING
from nlp.figures.quotations import find_quotations
from nlp.figures.series import SERIES
from nlp.quantities import UNITS
from nlp.quantities.chain import MODELS
from nlp.quantities.money import CURRENCIES
from nlp.quantities.words import WORDS

CARD = MODELS / "card.json"
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


class FigureRow(PageRow):
    """A row of WORK."""

    day: str  # YYYY-MM-DD, a time may follow: when it was published, else first seen
    names: str  # JSON object: id of an institution -> its name


def stage(_config: Config) -> Stage:
    data = fingerprint(
        *(path.read_text("utf-8") for path in (SERIES, UNITS, CURRENCIES, WORDS, CARD, PROMISES, SAYING))
    )
    return Stage(
        name="figures",
        version=f"figures/{version_of('figures')}/{data}",
        work=WORK,
        step=Address(module="nlp.figures.stage", function="build"),
        writes=tuple(Writes(record=record, owner="document") for record in (Figure, Quotation, Promise)),
    )


def build() -> Step:
    return read_document


def read_document(row: FigureRow) -> Result:
    """Figures, quotations and promises of one document."""
    page, day = make_page(row), row["day"][:10]
    if not page.text and not page.title:
        return Skipped(reason="no text")
    if page.lang is not None and page.lang not in LANGUAGES:
        return Skipped(reason=f"a language that we do not label ({page.lang})")
    names: dict[str, str] = json.loads(row["names"])
    figures = find_figures(page, day, names)
    return Done(records=(*figures, *find_quotations(page), *find_promises(page, day)))
