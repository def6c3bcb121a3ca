"""A story as JSON: what its page says, under the names of FIELDS."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from publish.pages.line_data import Data, pick, to_line
from publish.pages.page import Field
from publish.pages.story_facts import Facts, ThingRow
from publish.pages.story_members import Member
from publish.pages.story_numbers import Cell, Figure, NumberRow
from publish.pages.story_tellings import TellingRow
from publish.pages.story_told import ToldStory
from publish.pages.story_works import Work
from publish.pages.template_filters import entity_url, outside, role_word, story_url

FIELDS = (
    Field("story", "key, url, title, first and last day, outlets and their countries, copies, why its origin is that"),
    Field("summary", "what was done in what: sentence, step (1 cells to 5 licensed), its value, sentence and why"),
    Field("labels", "what its documents are held to be: facet, value, in how many documents, sentence, document"),
    Field("counts", "how many took part, as its paper (else its origin) says: value, subject, sentence"),
    Field("things", "what it is about, and who did the work: cells, diseases, workers, about, authors, named people"),
    Field("papers", "papers and trials: relation, ident, link, document, journal, declared, life, trial"),
    Field("notices", "retractions and corrections of these: about, status, day, text, url"),
    Field("trial_statuses", "status of the trials in their registry"),
    Field("contacts", "press contacts that releases give: document, given"),
    Field("speakers", "who is quoted: name, affiliation, independent (yes, no, unknown, differs), documents"),
    Field("numbers", "numbers that several documents give: subject, period, given (value, unit, differs, document)"),
    Field("differing", "those of them that documents give differently: subject, period, given"),
    Field("series", "series that its numbers are points of: name, url, points"),
    Field("versions", "when a page was seen to have changed: document, replaced, retitled, silent, edits"),
    Field("earlier", "earlier stories of the same paper, trial or institution: title, url, tie"),
    Field("left_out", "cautions of the release or paper that outlets leave out: kind, text, why, by"),
    Field("count", "how many documents tell it"),
    Field(
        "documents",
        "each with its role (origin, release, copy, coverage), the role in words, why, kept, added, dropped, warnings",
    ),
)

SUMMED = "sentence step step_value step_sentence step_why"
TRIAL = "sponsor phase enrolment enrolment_type allocation started completed results_posted"
CHANGED = "subject unit period value high was was_high sentence was_sentence why"


def to_record(told: ToldStory, site: str) -> Mapping[str, object]:
    """Everything that the edition says of a story."""
    story, facts = told.story, told.facts
    return {
        "story": {
            "key": story.key, "url": f"{site}{story_url(story)}", "title": story.title, "first": story.first,
            "last": story.last, "outlets": told.reach.outlets, "countries": list(told.reach.countries),
            "press_desks": list(told.reach.desks), "copies": story.copies, "why": story.why,
        },
        "summary": pick([told.summary], SUMMED)[0] if told.summary else None,
        "labels": [
            {"facet": facet.name, "value": one.value, "documents": one.n, "sentence": one.sentence,
             "document": to_line(one.member, site) if one.member else None}
            for facet, some in facts.labels for one in some
        ],
        "counts": pick(facts.counts, "value high subject sentence"),
        "things": _things(facts, site),
        "papers": [_work(work, site) for work in told.works],
        "notices": pick(told.banners, "about status day text url"),
        "trial_statuses": pick(told.trial_statuses, "trial status day reason text"),
        "contacts": [
            {"document": to_line(one.member, site), "given": pick(one.given, "kind value")} for one in told.contacts
        ],
        "speakers": [
            {"name": one.name, "affiliation": one.affiliation, "independent": one.independent,
             "documents": [to_line(member, site) for member in one.members]}
            for one in facts.speakers
        ],
        "numbers": [_number(row, told.numbers.members, site) for row in told.numbers.rows],
        "differing": [
            {"subject": row.subject, "period": row.period, "given": _by_value(row, told.numbers.members, site)}
            for row in told.numbers.differing
        ],
        "series": [
            {"name": one.title, "url": f"{site}/series/{one.key}", "unit": one.unit,
             "points": pick(one.points, "period value differing")}
            for one in told.series
        ],
        "versions": [
            {"document": to_line(one.member, site), "replaced": one.replaced, "retitled": one.retitled,
             "silent": one.silent, "edits": pick(one.edits, "part kind before after silent why")}
            for one in told.changes
        ],
        "earlier": [
            {"title": one.title, "url": f"{site}{story_url(one)}", "first": one.first, "last": one.last,
             "tie": one.tie, "of": one.name or None}
            for one in told.earlier
        ],
        "left_out": [
            {"kind": one.row.kind, "text": one.row.text, "why": one.row.why,
             "by": [to_line(member, site) for member in one.members]}
            for one in told.left_out
        ],
        "count": len(told.members),
        "documents": [
            {**_member(one, site), **_telling(told, one.document, site),
             "warnings": pick(told.warnings.get(one.document, ()), "words why sentence")}
            for one in told.members
        ],
    }  # fmt: skip


def _things(facts: Facts, site: str) -> Data:
    def some(things: Iterable[ThingRow]) -> list[Data]:
        return [
            {"type": one.type, "concept": one.concept, "name": one.name, "url": f"{site}{entity_url(one)}",
             "documents": one.n}
            for one in things
        ]  # fmt: skip

    return {
        "cells": some(facts.cells), "diseases": some(facts.diseases), "workers": some(facts.workers),
        "about": some(facts.about), "authors": some(facts.people), "named": some(facts.named),
    }  # fmt: skip


def _work(work: Work, site: str) -> Data:
    record = work.record
    return {
        "relation": work.relation, "kind": work.kind, "ident": work.ident, "link": outside(work.ident) or None,
        "why": work.why, "document": to_line(record, site) if record else None,
        "journal": record.journal if record else None, "published": record.published if record else None,
        "declared": pick(work.declared, "what value number url"),
        "life": pick(work.life, "kind day ident url"), "trial": pick([work.trial], TRIAL)[0] if work.trial else None,
    }  # fmt: skip


def _member(one: Member, site: str) -> Data:
    return {
        **to_line(one, site), "role": one.role, "role_in_words": role_word(one.role, one.kind, one.why), "why": one.why,
        "kept": one.kept, "added": one.added, "dropped": one.dropped,
    }  # fmt: skip


def _telling(told: ToldStory, document: int, site: str) -> Data:
    """What a document repeats, adds and leaves out, and the numbers that it changed."""
    telling, lines = told.tellings.of(document), told.tellings.lines

    def some(rows: Iterable[TellingRow]) -> list[Data]:
        return [
            {"kind": row.kind, "text": row.text, "why": row.why,
             "compared_with": to_line(lines[row.other], site) if row.other in lines else None}
            for row in rows
        ]  # fmt: skip

    return {
        "repeats": some((*telling.repeats, *telling.sentences)), "adds": some(telling.adds),
        "leaves_out": some(telling.leaves_out),
        "changed_numbers": pick(telling.changed, CHANGED),
    }  # fmt: skip


def _number(row: NumberRow, members: tuple[Member, ...], site: str) -> Data:
    given = [
        {**_value(cell.figure), "differs": cell.differs, "document": to_line(member, site)}
        for cell, member in zip(row.cells, members, strict=True) if cell.figure
    ]  # fmt: skip
    return {"subject": row.subject, "period": row.period, "given": given}


def _by_value(row: NumberRow, members: tuple[Member, ...], site: str) -> list[Data]:
    """Each value with the documents that give it, what most give first."""
    found: dict[tuple[float, float | None], list[tuple[Cell, Member]]] = {}
    for cell, member in zip(row.cells, members, strict=True):
        if cell.figure:
            found.setdefault((cell.figure.value, cell.figure.high), []).append((cell, member))
    most = sorted(found.values(), key=lambda some: -len(some))
    return [{**_value(some[0][0].figure), "documents": [to_line(member, site) for _, member in some]} for some in most]


def _value(figure: Figure | None) -> Data:
    return {} if figure is None else {"value": figure.value, "high": figure.high, "unit": figure.unit}
