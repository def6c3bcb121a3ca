"""The check itself, as it runs in a process that may be killed: from what was given to plain values.

`publish` knows neither the readers of pages nor the models. `pipeline.py`, which imports every package, names them by
their addresses (`Parts`), and they are imported here, in the worker. There are two tasks:

1. `first_look` reads what was given: an address is fetched, a file becomes text. If that is a list of references, it is
   answered at once;
2. `full_look` reads the text with the model and compares it with the edition.

Nothing is stored: the values go back to the one who asked. What is not known is said to be not known.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

from core.facets import facets
from core.records import Json
from core.stage import Address
from publish.check.records import LITERATURE, Records, open_records
from publish.check.tellers import find_tellers
from publish.edition.controlled import find_controls
from publish.edition.series import compare_one, normalise_unit
from publish.edition.steps import STEPS, SURE, Said, find_step
from publish.references import Reference, read_references

VERDICTS = {"same": "agrees", "near": "fits", "another": "differs"}  # what a figure says of a series -> verdict
LEAST_WORDS = 8  # words from which on a text is compared with the papers here


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Addresses of functions of the other packages. Their settings are plain values."""

    read_given: Address  # (url=, body=) -> title, text, lang, published, address, links, identifiers
    load_reader: Address  # () -> an object with read(title=, text=, lang=, published=, find_papers=)
    build_index: Address  # (papers, versions) -> an object with find(title=, text=, published=)
    find_stated: Address  # (title=, text=, links=, identifiers=) -> identifiers of papers and trials
    measure: Address  # (text, other) -> kept, copy, why
    warn: Address  # what is known of a text -> warnings: kind, other, sentence, why
    trim: Address  # text -> text without boilerplate


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The edition that a text is compared with, and the address of the site."""

    edition: str
    site: str


@dataclass(slots=True)
class _Tools:
    """What a worker has loaded, for all of its tasks."""

    reader: Any = None
    edition: str = ""
    index: Any = None
    papers: int = 0
    functions: dict[str, Callable[..., Any]] = field(default_factory=dict)


_tools = _Tools()


def prepare(parts: Parts, place: Place) -> None:
    """Load the model once, and the index of papers once for each edition."""
    _forget_secrets()
    if _tools.reader is None:
        _tools.reader = find_function(parts.load_reader)()
    if _tools.edition != place.edition:
        with open_records(Path(place.edition), place.site) as records:
            papers, versions = records.papers()
        _tools.index, _tools.edition = find_function(parts.build_index)(papers, versions), place.edition
        _tools.papers = len(papers)


def first_look(parts: Parts, place: Place, given: Json) -> Json:
    """What was given, read: `list` with the answer, or `text` with what `full_look` needs."""
    _forget_secrets()
    read: Json = find_function(parts.read_given)(**given)
    references = () if read["title"] else read_references(read["text"])
    if not references:
        return {"kind": "text", "given": read}
    with open_records(Path(place.edition), place.site) as records:
        return {"kind": "list", "edition": records.describe(), "references": check_references(records, references)}


def full_look(parts: Parts, place: Place, given: Json) -> Json:
    """The check of a text."""
    prepare(parts, place)
    with open_records(Path(place.edition), place.site) as records:
        return _Look(parts, records, given).look()


def _forget_secrets() -> None:
    """A worker reads what anybody sends and needs no secret: what the environment holds goes."""
    for name in [name for name in os.environ if name.startswith("STEMWIRE_") and name != "STEMWIRE_NOW"]:
        del os.environ[name]


def find_function(address: Address) -> Callable[..., Any]:
    """The function that an address names, with its settings."""
    function: Callable[..., Any] = getattr(import_module(address.module), address.function)
    return partial(function, **address.settings) if address.settings else function


def check_references(records: Records, references: Sequence[Reference]) -> list[Json]:
    """What the edition knows of each reference, by its identifiers, then by its title."""
    found = []
    for one in references:
        record: Json | None = None
        for identifier in one.identifiers:
            known = records.find(identifier)
            if known["here"] or known["status"] or record is None:
                record = known
            if known["here"]:
                break
        by_title = False
        if one.title and not (record and (record["here"] or record["status"])):
            same = records.find_title(one.title)
            record, by_title = same or record, same is not None
        found.append({"name": one.name, "title": one.title, "record": record, "by_title": by_title})
    return found


def find_animals(labels: Sequence[Json], rests: Sequence[Json]) -> list[str]:
    """The species in which the work was done, people left out: as the text says, else as its papers do."""
    own = [one["value"] for one in labels if one["facet"] == "species" and one["sure"]]
    found = own or [one["value"] for record in rests for one in record.get("species", ())]
    return [name for name in dict.fromkeys(found) if name != "human"]


class _Look:
    """One text, one edition."""

    def __init__(self, parts: Parts, records: Records, given: Json) -> None:
        self._parts, self._records, self._given = parts, records, given
        self._rests: list[Json] = []
        self._compared: list[Json] = []
        self._not_found = ""

    def look(self) -> Json:
        given = self._given
        reading = _tools.reader.read(
            title=given["title"], text=given["text"], lang=given["lang"], published=given["published"],
            find_papers=self._find_papers,
        )  # fmt: skip
        own = [one["number"] for one in self._rests if one["here"]]
        others = find_tellers(
            self._records, title=reading["title"], text=reading["text"], own=own,
            measure=find_function(self._parts.measure), trim=find_function(self._parts.trim),
        )  # fmt: skip
        warnings = find_function(self._parts.warn)(self._make_subject(reading))
        step = self._find_step(reading)
        text = reading.pop("text")
        words = self._records.find_rare_words(f"{reading['title']} {text}")
        for name in ("speeches", "people"):
            del reading[name]
        return {
            "kind": "text", "edition": self._records.describe(), "papers": _tools.papers,
            "address": given["address"], "published": given["published"], **reading,
            "characters": len(text), "rests_on": self._rests, "not_identified": self._not_found,
            "step": step, "warnings": warnings, "this_document": self._records.find_address(given["address"]),
            "others": others, "words": words, "search": self._records.search_page(words) if words else "",
            "figures": self._compare_figures(reading["figures"]),
        }  # fmt: skip

    def _find_step(self, reading: Json) -> Json:
        """How far the work has come, by the rules of stories; `number` is None where it is not known."""
        labels = [one for one in reading["labels"] if one["facet"] == "evidence" and one["score"] >= SURE]
        labels.sort(key=lambda one: -one["score"])
        said = Said(
            document=0, values=tuple(one["value"] for one in labels), sentence=labels[0]["sentence"] if labels else "",
            controlled=find_controls("news", {}, reading["title"], reading["text"]),
            uncontrolled=any(one["value"] == "no comparison group" and one["sure"] for one in reading["labels"]),
        )  # fmt: skip
        statuses = [one["status"]["status"] for one in self._rests if one["relation"] == "paper" and one["status"]]
        step = find_step([said], statuses[0] if statuses else "")
        name = STEPS[step.number - 1] if step.number else ""
        return {"number": step.number, "name": name, "value": step.value, "sentence": step.sentence}

    def _make_subject(self, reading: Json) -> Json:
        """The text as the rules for warnings ask for it."""
        sure = [one for one in reading["labels"] if one["sure"]]
        release = any(one["facet"] == "source_kind" and one["value"] == "press release" for one in sure)
        species = facets().find("label", "species")
        plurals = species.plurals if species else {}
        papers = [one for one in self._rests if one["relation"] != "trial"]
        bad = [one for one in papers if one["status"] and one["status"]["status"] in ("retracted", "withdrawn")]
        return {
            "kind": "release" if release else "news", "title": reading["title"], "text": reading["text"],
            "labels": sure,
            "papers": [
                {
                    "id": one.get("ident") or one["identifier"], "kind": one["kind"], "title": one["title"],
                    "score": one["score"], "why": one["why"],
                    "published": (one.get("published_as") or {}).get("identifier", ""),
                }
                for one in papers
            ],
            "abstracts": {paper["id"]: paper["text"] for paper in self._compared},
            "statuses": [{"about": one["identifier"], "text": one["status"]["text"]} for one in bad],
            "species": [plurals.get(name, name) for name in find_animals(reading["labels"], self._rests)],
            "speeches": reading["speeches"], "people": reading["people"],
            "authors": [
                {
                    "id": paper["id"], "names": [one["name"] for one in paper["extra"]["people"]],
                    "affiliations": paper["extra"]["affiliations"],
                }
                for paper in self._compared
                if paper["kind"] in LITERATURE
            ],
        }  # fmt: skip

    def _find_papers(self, title: str, text: str) -> list[Json]:
        """The papers and trials that the text rests on, as the reader compares them with it."""
        given = self._given
        stated = find_function(self._parts.find_stated)(
            title=title, text=text, links=given["links"], identifiers=given["identifiers"]
        )
        for one in stated:
            self._add(self._records.find(one["identifier"]), one)
        if not any(one["relation"] == "paper" for one in stated):
            self._find_by_evidence(title, text)
        self._compared = [self._records.paper_for_reading(one["number"]) for one in self._rests if one["here"]]
        return self._compared

    def _find_by_evidence(self, title: str, text: str) -> None:
        if len(f"{title} {text}".split()) < LEAST_WORDS:
            record = self._records.find_title(title or text)
            if record:
                self._add(record, {"relation": "paper", "how": "title", "why": "has the same title", "score": 1.0})
            return
        found = _tools.index.find(title=title, text=text, published=self._given["published"])
        if found["work"] is None:
            self._not_found = found["why"]
        else:
            self._add(self._records.find_number(int(found["work"])), {**found, "relation": "paper", "how": "evidence"})

    def _add(self, record: Json, link: Json) -> None:
        """A paper or trial once, by whichever of its identifiers."""
        name = record.get("number") or record["identifier"]
        if all((known.get("number") or known["identifier"]) != name for known in self._rests):
            relation = record["kind"] if record["kind"] in (*LITERATURE, "trial") else link["relation"]
            self._rests.append(
                {**record, "relation": relation, "how": link["how"], "why": link["why"], "score": link["score"]}
            )

    def _compare_figures(self, figures: list[Json]) -> list[Json]:
        """Each figure that is a point of a series here, compared with what it has as the series itself compares."""
        found = []
        for one in figures:
            series = self._records.find_series(one["series"], one["period"]) if one["series"] else None
            if series is None or one["modifier"] == "multiple":
                found.append({**one, "series": None, "verdict": ""})
                continue
            here = series["here"]
            if here is None:
                found.append({**one, "series": series, "verdict": "no value"})
            elif normalise_unit(one["unit"]) != here["unit"]:
                found.append({**one, "series": None, "verdict": ""})  # of another thing
            else:
                verdict = VERDICTS[compare_one(here["value"], one["modifier"], one["value"], one["high"])]
                if verdict == "differs" and one["value"] in here["others"]:
                    verdict = "agrees with some"
                found.append({**one, "series": series, "verdict": verdict})
        return found
