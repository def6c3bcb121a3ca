"""A document as JSON: all that its page tells, under names that stay. Texts are what the source's licence allows."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from publish.pages.basis import Basis
from publish.pages.document_life import Step, TrialRecord
from publish.pages.document_rows import Mention, Told
from publish.pages.line_data import Data, pick, to_line, to_link
from publish.pages.page import Field
from publish.pages.template_filters import document_url, entity_url, story_url

FIELDS = (
    Field("document", "key, url, title, kind, day, authors, link, dates, licence and what else its record says"),
    Field("text", "what may be shown of its text: part (text or abstract), cut, text; null for headline-and-link"),
    Field("quotes", "short quotations where the text may not be shown"),
    Field("identifiers", "DOI, PubMed and registry numbers found with it: scheme, value"),
    Field("labels", "what it is held to be: facet, value, the sentence that it rests on, rule, checked"),
    Field("papers", "the papers that it rests on: relation, ident, link, why, document (if it is here)"),
    Field("trials", "the trials that it names, in the same form"),
    Field("notices", "retractions and corrections of it, or of what it rests on: about, status, day, text, url"),
    Field("trial_statuses", "status of its trials in their registry: trial, status, day, reason, text"),
    Field("story", "the story that it is part of: url, role, documents, outlets; null for none"),
    Field("things", "what it names: type, concept, name, url, about (null: not asked), times, roles"),
    Field("figures", "quantitative statements: value, high, unit, subject, period, place, modifier, series, sentence"),
    Field("speakers", "who is quoted: name, affiliation, concept, independent"),
    Field("promises", "what it promises: who, what, due, state"),
    Field("checks", "its statements on trials, compared with the registry: verdict, query, snapshot, why"),
    Field("corrections", "what people corrected: field, action, value, before, why, day, state"),
    Field("versions", "when its page was seen to have changed: replaced, retitled"),
    Field("also", "other places where it was announced: name, url"),
    Field("milestones", "life of a paper or preprint: kind, day, ident, url; day is null where it is not known"),
    Field("trial", "what the registry's record of a trial says: sponsor, phase, enrolment, days …; null for others"),
    Field("cited_by", "documents here that rest on it, the newest twelve: relation, why, document"),
)


LISTS = ("collaborators", "countries", "conditions", "interventions", "officials")  # of a trial


@dataclass(frozen=True, slots=True)
class _Named:
    type: str
    concept: str


def to_record(told: Told, site: str, steps: Sequence[Step] = (), trial: TrialRecord | None = None) -> Data:
    """Everything of one document, with the steps of a paper or the record of a trial. Addresses here are whole."""
    doc, more = told.doc, told.more
    record: Data = {
        "key": doc.key, "url": f"{site}{document_url(doc)}", "title": doc.title, "kind": doc.kind, "day": doc.day,
        "source": doc.source_name, "country": doc.country, "lang": doc.lang, "authors": json.loads(doc.authors),
        "journal": doc.journal, "published": doc.published, "published_from": doc.published_from,
        "dates": json.loads(doc.dates), "first_seen": doc.first_seen, "licence": doc.licence, "basis": doc.basis,
        "translated": doc.translated, "words": doc.words, "link": doc.url or None, "ident": doc.ident,
    }  # fmt: skip
    return {
        "document": record,
        "text": {"part": doc.part, "cut": told.cut, "text": doc.text} if doc.text else None,
        "quotes": [quote.text for quote in told.quotes],
        "identifiers": pick(told.identifiers, "scheme value"),
        "labels": [label for _, some in more.labels for label in pick(some, "facet value sentence rule checked")],
        "papers": [to_link(link, site) for link in more.papers],
        "trials": [to_link(link, site) for link in more.trials],
        "notices": pick(more.banners, "about status day text url"),
        "trial_statuses": pick(more.trial_statuses, "trial status day reason text"),
        "story": _story(more, site),
        "things": _things(told.mentions, site),
        "figures": pick(more.figures, "value high unit subject period place modifier series sentence"),
        "speakers": pick(more.speakers, "name affiliation concept independent"),
        "promises": pick(more.promises, "who what due state"),
        "checks": pick(more.checks, "verdict query snapshot why"),
        "corrections": pick(more.corrections, "field action value before why day state"),
        "versions": [{"replaced": one.replaced, "retitled": bool(one.retitled)} for one in told.versions],
        "also": pick(told.also, "name url"),
        "milestones": pick(steps, "kind day ident url"),
        "trial": _trial(trial),
        "cited_by": [{"relation": one.relation, "why": one.why, "document": to_line(one, site)} for one in more.cited],
    }


def _story(more: Basis, site: str) -> Mapping[str, object] | None:
    story = more.story
    if story is None:
        return None
    return {
        "key": story.key, "url": f"{site}{story_url(story)}", "role": story.role, "why": story.role_why,
        "documents": story.documents, "outlets": story.outlets, "added": story.added, "dropped": story.dropped,
    }  # fmt: skip


def _trial(trial: TrialRecord | None) -> Data | None:
    if trial is None:
        return None
    [record] = pick(
        [trial],
        "number sponsor phase study_type allocation masking enrolment enrolment_type official_title registered started"
        " primary_completed completed results_posted updated",
    )
    lists = {name: json.loads(str(getattr(trial, name))) for name in LISTS}
    return {**record, **lists, "has_results": None if trial.has_results is None else bool(trial.has_results)}


def _things(mentions: Sequence[Mention], site: str) -> list[Data]:
    """Each thing once, in the order of its first mention."""
    found: dict[tuple[str, str], Data] = {}
    times: dict[tuple[str, str], int] = {}
    for one in mentions:
        which = (one.type, one.concept or one.surface.casefold())
        times[which] = times.get(which, 0) + 1
        thing = found.setdefault(
            which,
            {
                "type": one.type, "concept": one.concept, "name": one.name or one.surface,
                "url": f"{site}{entity_url(_Named(one.type, one.concept))}" if one.concept else None,
                "about": None if one.about is None else bool(one.about), "roles": [],
            },
        )  # fmt: skip
        roles = thing["roles"]
        if one.role and isinstance(roles, list) and one.role not in roles:
            roles.append(one.role)
    return [{**thing, "times": times[which]} for which, thing in found.items()]
