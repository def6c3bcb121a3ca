"""Cases of the field's own questions: what a text promises, which series a bank's figures make, what a search finds.

`what` of a row is its kind, and decides which part of the project answers:

- series: the figures of a text, read for its country, give exactly these points (year -> value) of this series.
- promise: a promise made on `day` falls due in this year; null: the text promises nothing.
- ids: the identifiers in a text, by registry.
- abbreviation: the long form that a text gives for a short one. No mention of the short form may be read as `not`.
- same indication: the condition strings are linked, and to so many concepts together.
- registry check: no figure of the text can get the verdict "differs", however many trials, conditions and so on a
  registry has.
- search: on the demo's edition the query finds at least what `must_find_all_of` finds.

Every other kind is prose, and so are the rows of `groups.tsv` (facts of the founding documents).
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from bench.case_sets import Case, CaseError, Verdict, attempt, fingerprint, ours, prose, rows_of
from bench.case_sets.nights import Answer, Edition, edition_of
from bench.case_sets.reading import Reading, fold, read_texts
from bench.measure import ROOT

FACTS = "fact of a founding document"
SAYS = {"id", "what", "text", "not"}  # the fields of an abbreviation's row that are not the abbreviation


@dataclass(slots=True)
class Asked:
    """What the checks of one run ask: readings that were made before, and the demo's edition, built when needed."""

    readings: dict[str, Reading | str] = field(default_factory=dict)
    open: ExitStack = field(default_factory=ExitStack)
    demo: Edition | None = None

    def reading(self, row: Mapping[str, Any]) -> Reading:
        """What `read` says of the row's text. Raises CaseError where it said nothing."""
        reading = self.readings[row["text"]]
        if isinstance(reading, str):
            raise CaseError(reading)
        return reading

    def search(self, row: Mapping[str, Any], query: str) -> set[str]:
        """Every address that the demo's search finds. Raises CaseError for another edition than the demo's."""
        if row["on"] != "demo":
            raise CaseError(f"there is no edition {row['on']!r}")
        if self.demo is None:
            self.demo = self.open.enter_context(edition_of(ROOT / "demo"))
        return addresses(self.demo.search(query, all_pages=True))


def addresses(answer: Answer) -> set[str]:
    """All addresses of an answer."""
    return set().union(*answer.hits)


def is_mine(folder: Path) -> bool:
    """Whether the folder's cases say what they are about."""
    return any("what" in row for row in rows_of(folder / "cases.jsonl"))


def read(folder: Path) -> list[Case]:
    """The cases of the folder; those of a kind that can be run are numbered by kind."""
    cases: list[Case] = []
    seen: Counter[str] = Counter()
    for row in rows_of(folder / "cases.jsonl"):
        kind = row["what"]
        if kind not in CHECKS:
            cases.append(prose.prose_case(row, kind=kind))
            continue
        seen[kind] += 1
        cases.append(Case(id=row.get("id") or f"{kind.replace(' ', '-')}-{seen[kind]}", kind=kind, row=row))
    return [*cases, *_facts(folder / "groups.tsv")]


def _facts(path: Path) -> Iterator[Case]:
    if not path.is_file():
        return
    lines = [line for line in path.read_text("utf-8").splitlines() if line and not line.startswith("#")]
    for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
        asked = {"text": f"{row['document']}: {row['fact']}", "note": row["note"]}
        yield Case(id=f"fact-{fingerprint(asked['text'])}", kind=FACTS, row=asked, prose=True)


def judge(_folder: Path, cases: Sequence[Case]) -> Iterator[Verdict]:
    """Read the texts of all cases that need it (once a country), then check case by case."""
    asked = Asked()
    read_first = [case.row for case in cases if case.kind in ("series", "abbreviation", "registry check")]
    for country in sorted({row.get("country") or "" for row in read_first}):
        texts = [row["text"] for row in read_first if (row.get("country") or "") == country]
        asked.readings |= zip(texts, read_texts(texts, country=country or None), strict=True)
    with asked.open:
        for case in cases:
            yield Verdict(case=case, wrong=attempt(CHECKS[case.kind], asked, case.row))


def _series(asked: Asked, row: Mapping[str, Any]) -> Iterator[str]:
    points = sorted(
        (figure["period"], figure["value"])
        for figure in asked.reading(row)["figures"]
        if figure["series"] == row["series"] and figure["period"] and figure["modifier"] == "exact"
    )
    wanted = sorted((year, float(value)) for year, value in row["points"].items())
    if sorted(set(points)) != wanted:
        yield f"points {points}, wanted {wanted}"


def _promise(_asked: Asked, row: Mapping[str, Any]) -> Iterator[str]:
    page = ours("promise page")(doc="case", title="", text=row["text"], lang="en")
    found = list(ours("promise")(page, row["day"]))
    due = [promise.due[:4] if promise.due else None for promise in found]
    if row["due"] is None and due:
        yield f"promises due {due}, wanted none"
    if row["due"] is not None and row["due"] not in due:
        yield f"promises due {due}, wanted {row['due']}"


def _ids(_asked: Asked, row: Mapping[str, Any]) -> Iterator[str]:
    found = {(one.scheme, one.value.casefold()) for one in ours("ids in text")(row["text"])}
    for scheme, value in row["ids"].items():
        if (scheme, value.casefold()) not in found:
            yield f"no {scheme} {value}; there are {sorted(found)}"


def _abbreviation(asked: Asked, row: Mapping[str, Any]) -> Iterator[str]:
    long_forms = {name: row["text"][start:end] for name, start, end in ours("abbreviation")(row["text"])}
    for name, wanted in row.items():
        if name in SAYS:
            continue
        got = long_forms.get(name)
        if got is None or fold(got) != fold(wanted):
            yield f"{name} is short for {got!r}, wanted {wanted!r}"
        for mention in asked.reading(row)["mentions"]:
            if mention["surface"] == name and is_read_as(mention, row.get("not")):
                yield f"{name} is read as {row['not']!r}: {mention['why']}"


def is_read_as(mention: Mapping[str, Any], name: str | None) -> bool:
    """Whether a mention's concept goes by a name, or its reason gives the name as what is meant."""
    if name is None:
        return False
    return fold(mention["name"] or "") == fold(name) or f"'{name}'".lower() in mention["why"].lower()


def _same_indication(_asked: Asked, row: Mapping[str, Any]) -> Iterator[str]:
    concepts = {term: concept_of(term) for term in row["terms"]}
    if None in concepts.values() or len(set(concepts.values())) != row["concepts"]:
        yield f"{concepts}, wanted {row['concepts']} concept"


def concept_of(term: str) -> str | None:
    """The concept that a condition string of a trial is linked to."""
    found = _disease_linker().find(term)
    return str(found.concept) if found else None


@cache
def _disease_linker() -> Any:
    types = ours("indication types")(ours("indication type files"))
    return ours("indication")(types, ours("indication lexicons"), ours("indication cache"))["DISEASE"]


def _registry_check(asked: Asked, row: Mapping[str, Any]) -> Iterator[str]:
    for figure in asked.reading(row)["figures"]:
        said = {"place": None, "high": None, "start": 0, "end": 0, **figure}
        claim = ours("registry claim")(said)
        if claim is None:
            continue
        verdict = ours("registry verdict")(said, 1e9, claim.type, trials=10**9, unlike=claim.unlike)
        if verdict.verdict == "differs":
            yield f"{figure['value']:g} ({figure['subject']}) differs: {verdict.why}"


def _search(asked: Asked, row: Mapping[str, Any]) -> Iterator[str]:
    wanted = asked.search(row, row["must_find_all_of"])
    if not wanted:
        yield f"{row['must_find_all_of']!r} finds nothing, so nothing is compared"
    missed = wanted - asked.search(row, row["query"])
    if missed:
        yield f"{len(missed)} of {len(wanted)} are not found, such as {min(missed)}"


CHECKS: dict[str, Callable[[Asked, Mapping[str, Any]], Iterator[str]]] = {
    "series": _series, "promise": _promise, "ids": _ids, "abbreviation": _abbreviation,
    "same indication": _same_indication, "registry check": _registry_check, "search": _search,
}  # fmt: skip
