"""What one text says, for `check-text`: labels with their sentences, what it is about, figures, speakers, promises.

Some of it depends on the papers that the text rests on: whether it says more than its paper, and whether a speaker is
of the institutions of the study. So `read` first finds what is named, then asks the caller for the papers, then labels.
Texts in a language that we do not read have no labels, figures and promises.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from core.facets import facets
from core.records import Json, Label, Mention, Promise, Topic
from core.text import one_line
from nlp import entities
from nlp.classify import label_text, make_text_page
from nlp.classify.page import Page, Paper
from nlp.classify.record_evidence import ANIMALS, HEADINGS, TYPES
from nlp.entities.reader import Reader
from nlp.figures.figures import LANGUAGES, find_figures, get_institution_names, make_figure_json
from nlp.figures.promises import find_promises
from nlp.figures.quotations import find_quotations
from nlp.roles import end_of_headline
from nlp.roles.spots import find_spots

TOPICS = 12  # things that a text is about, the heaviest
FindPapers = Callable[[str, str], Sequence[Json]]  # (title, text) -> papers: id, kind, title, text, extra


@dataclass(frozen=True, slots=True)
class TextReader:
    """Reads texts with one model."""

    reader: Reader
    longest: int

    def read(self, *, title: str, text: str, lang: str | None, published: str | None, find_papers: FindPapers) -> Json:
        """Everything that is found in a text, as plain values."""
        whole, text = len(text), text[: self.longest]
        if not title and (cut := end_of_headline(text)):
            title, text = one_line(text[:cut]), text[cut:].lstrip()
        found = self.reader.read(document="text", title=title, text=text, lang=lang, country=None)
        mentions, concepts = tuple(found.mentions), tuple(found.concepts)
        papers = tuple(
            Paper(id=one["id"], kind=one["kind"], title=one["title"], text=one["text"], extra=make_extra(one))
            for one in find_papers(title, text)
        )
        page = replace(
            make_text_page(
                doc="text", title=title, text=text, lang=found.lang, mentions=mentions, concepts=concepts,
                topics=found.topics,
            ),
            papers=papers,
        )  # fmt: skip
        understood = found.lang is None or found.lang in LANGUAGES
        day = (published or "")[:10] or None
        names = get_institution_names(concepts)
        return {
            "title": title, "text": text, "lang": found.lang, "note": found.note, "understood": understood,
            "cut": whole > self.longest, "words": len(text.split()),
            "labels": [_describe_label(label) for label in label_text(page)] if understood else [],
            "about": _describe_topics(found.topics, page, {c.id: c.name for c in concepts}),
            "figures": make_figure_json(find_figures(page, day, names)) if understood else [],
            **_describe_speakers(page),
            "promises": [_describe_promise(one) for one in find_promises(page, day)] if understood and day else [],
        }  # fmt: skip


def make_extra(paper: Json) -> Json:
    """What a record has next to its text, so that it states again what the edition says that it states.

    An edition has the labels that rest on a record, and not the types and headings that they were made of.
    """
    evidence, species = paper["stated"]["evidence"], paper["stated"]["species"]
    if paper["kind"] == "trial":
        phases = [value for value in evidence if value.startswith("phase")]
        phases += ["phase 4"] if "approved product" in evidence else []
        design = "observational" if "observational" in evidence else "interventional"
        return {**paper["extra"], "phases": phases, "study_type": [design], "status": paper["stated"]["status"]}
    types = [next((name for name, made in TYPES.items() if made == value), "") for value in evidence]
    headings = [next((name for name, made in HEADINGS.items() if made == value), "") for value in evidence]
    animals = [next((name for name, made in ANIMALS.items() if made == value), "") for value in species]
    headings = [name for name, known in zip(headings, types, strict=True) if not known] + animals
    headings += ["animals"] if any(animals) else ["humans"] if "human" in species else []
    return {**paper["extra"], "types": [name for name in types if name], "mesh": [name for name in headings if name]}


def load_text_reader(*, nlp: Json) -> TextReader:
    """Load the model and the lexicons. `nlp` is the section of config.toml."""
    return TextReader(entities.load(nlp), int(nlp["max_chars"]))


def _describe_label(label: Label) -> Json:
    facet = facets().find("label", label.facet)
    return {
        "facet": label.facet, "value": label.value, "score": label.score, "sentence": one_line(label.sentence),
        "words": facet.words(label.value) if facet else label.value,
        "sure": facet is not None and facet.shows(label.value, label.score),
        "component": label.component,
    }  # fmt: skip


def _describe_topics(topics: Sequence[Topic], page: Page, names: dict[str, str]) -> list[Json]:
    """The things that the text is about, each with the sentence that names it first."""
    first: dict[str, tuple[Mention, str]] = {}
    spots = find_spots(page.title, page.text, page.mentions).spots
    for mention, spot in zip(page.mentions, spots, strict=True):
        if mention.concept:
            first.setdefault(mention.concept, (mention, one_line(spot.sentence)))
    about = sorted((topic for topic in topics if topic.about), key=lambda topic: -topic.weight)
    return [
        {
            "concept": topic.concept, "type": first[topic.concept][0].type.lower(),
            "name": names.get(topic.concept) or first[topic.concept][0].surface, "role": topic.role,
            "sentence": first[topic.concept][1],
        }
        for topic in about[:TOPICS]
        if topic.concept in first
    ]  # fmt: skip


def _describe_speakers(page: Page) -> Json:
    """Who is quoted, each person once, with an affiliation if a quotation gives it; the quotations; who is named."""
    people: dict[str, Json] = {}
    quotations = list(find_quotations(page))
    for said in quotations:
        name = one_line(said.speaker)
        known = people.get(name)
        if known is None or (said.affiliation and not known["affiliation"]):
            people[name] = {
                "name": name, "affiliation": said.affiliation and one_line(said.affiliation),
                "independent": said.independent, "why": one_line(said.why),
                "quotations": known["quotations"] if known else 0,
            }  # fmt: skip
        people[name]["quotations"] += 1
    return {
        "speakers": list(people.values()),
        "speeches": [
            {"start": one.start, "end": one.end, "speaker": one.speaker, "affiliation": one.affiliation}
            for one in quotations
        ],
        "people": [
            {"start": one.start, "end": one.end, "surface": one.surface}
            for one in page.mentions
            if one.type == "PERSON" and one.part == "text"
        ],
    }


def _describe_promise(promise: Promise) -> Json:
    return {
        "who": promise.who and one_line(promise.who), "what": one_line(promise.what), "due": promise.due,
        "sentence": one_line(promise.sentence),
    }  # fmt: skip
