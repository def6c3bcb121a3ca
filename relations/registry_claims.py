"""Which figure of a text is a claim about trials that a query on the registry can answer.

A figure is a claim if it counts trials, conditions or countries with trials. A share, a multiple, or anything with a
unit is not a claim. The types of claims are in `registry_claims.toml`; the first that fits is taken. A type fits if
its pattern `counted` matches what the figure counts, its pattern `said` matches the sentence, and every value that it
`needs` is known: the country of the figure, or else the only one that the sentence names; the phase and the condition
that belong to the counted trials (`phase 3 trials`, `trials for patients with stroke`). A disease or a phase that is
named elsewhere in the sentence says nothing about what was counted.

A claim is `unlike` when the text counts other things than the query does. In order:

1. its type says so: body systems are no conditions, and one disease has several names in records;
2. the figure is of a period: the query counts all trials until the day of the document;
3. the sentence does not speak of stem cells at large and of a registry: what it counts is not known;
4. a word of the sentence, or something that the document names in it, makes the counted trials fewer.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypedDict

import pycountry

CLAIMS = Path(__file__).with_name("registry_claims.toml")
LONGEST = 1000  # characters of a sentence: what is longer is no sentence, and is not read
_PHASE = re.compile(r"\bphase[\s-]*(1|2|3|4|iii|ii|iv|i)\b(?!\s*(?:/|and|or|to|-)\s*(?:\d|i))", re.I)
_ROMAN = {"i": "1", "ii": "2", "iii": "3", "iv": "4"}
_MULTIPLE = frozenset({"multiple", "ratio"})
_COUNTS = re.compile(
    r"(?:trials?|studies|indications?|diseases?|conditions?|disorders?|countries|nations|cases?)?", re.I
)
_OF_TRIALS = r"(?:clinical\s+)?(?:trials?|studies)"
_NOT_TRIALS = re.compile(r"\b(?:animal|preclinical|published|mouse|laboratory) (?:studies|trials)\b", re.I)
_ALIASES = {  # as registries write them, in addition to the names that pycountry has
    "KR": ("South Korea", "Korea, Republic of", "Korea"), "US": ("United States", "USA"), "GB": ("United Kingdom",),
    "RU": ("Russia", "Russian Federation"), "TW": ("Taiwan",), "IR": ("Iran", "Iran, Islamic Republic of"),
    "VN": ("Vietnam", "Viet Nam"), "CZ": ("Czechia", "Czech Republic"), "TR": ("Turkey", "Turkey (Türkiye)", "Türkiye"),
    "NL": ("Netherlands", "The Netherlands"), "CN": ("China",), "JP": ("Japan",),
}  # fmt: skip


class FigureRow(TypedDict):
    """A row of the table `figure`, with the day of its document."""

    document: str
    part: str
    start: int
    end: int
    value: float
    high: float | None
    unit: str
    subject: str
    period: str | None
    place: str | None
    modifier: str
    series: str | None
    sentence: str
    component: str
    day: str  # published, else first seen


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimType:
    """One [[claim]] of registry_claims.toml."""

    name: str
    about: str
    counted: re.Pattern[str]
    said: re.Pattern[str]
    needs: tuple[str, ...]
    query: str
    unlike: str  # why what it counts cannot be compared with its query; empty: it can


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """The type of a claim, the values that its query takes, and why the two count unlike things; empty: they do not."""

    type: ClaimType
    values: tuple[tuple[str, str], ...]  # country | phase | condition
    unlike: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SameTrials:
    """The table [same] of registry_claims.toml."""

    general: re.Pattern[str]
    registry: re.Pattern[str]
    narrower: re.Pattern[str]


@cache
def load_claim_types() -> tuple[ClaimType, ...]:
    """The types in the order of the file. Raises KeyError or re.error when the file is malformed."""
    return tuple(
        ClaimType(
            name=one["name"], about=one["about"], counted=re.compile(one["counted"], re.I),
            said=re.compile(one["said"], re.I), needs=tuple(one.get("needs", ())), query=one["query"].strip(),
            unlike=one.get("unlike", ""),
        )
        for one in tomllib.loads(CLAIMS.read_text("utf-8"))["claim"]
    )  # fmt: skip


@cache
def load_same_trials() -> SameTrials:
    """What a sentence must and must not say so that it counts the trials that are here."""
    same = tomllib.loads(CLAIMS.read_text("utf-8"))["same"]
    return SameTrials(**{name: re.compile(pattern, re.I | re.X) for name, pattern in same.items()})


def get_claim_type(name: str) -> ClaimType:
    """The type with a name. Raises KeyError when there is none."""
    return {one.name: one for one in load_claim_types()}[name]


def find_claim(figure: FigureRow, conditions: frozenset[str] = frozenset(), named: Sequence[str] = ()) -> Claim | None:
    """The claim that a figure makes, or None.

    `conditions` are those of the trials here, in lower case; `named` is what the document names, as it is written.
    """
    unit, subject, sentence, value = figure["unit"], figure["subject"], figure["sentence"], figure["value"]
    if figure["modifier"] in _MULTIPLE or not _COUNTS.fullmatch(unit.strip()):
        return None
    if value != int(value) or value < 1 or len(sentence) > LONGEST:
        return None
    counted = f"{unit} {subject}"[:LONGEST]
    kinds = [kind for kind in load_claim_types() if kind.counted.search(counted)]
    if not kinds or _NOT_TRIALS.search(sentence):
        return None
    known = {
        "country": _find_country(figure["place"], sentence),
        "phase": _find_phase(subject, sentence),
        "condition": _find_condition(sentence, conditions),
    }
    for kind in kinds:
        if kind.said.search(sentence) and all(known[name] for name in kind.needs):
            values = tuple((name, known[name] or "") for name in kind.needs)
            return Claim(type=kind, values=values, unlike=kind.unlike or _find_unlike(figure, named))
    return None


def _find_unlike(figure: FigureRow, named: Sequence[str]) -> str:
    """Why the sentence counts other trials than those that are here; empty: it counts the same."""
    same, sentence = load_same_trials(), figure["sentence"]
    if figure["period"]:
        return f"the text counts trials of {figure['period']}"
    if not (same.general.search(sentence) and same.registry.search(sentence)):
        return "the sentence does not say that it counts all registered trials of stem cells"
    if fewer := same.narrower.search(sentence):
        return f"the text may count fewer trials than are here (“{' '.join(fewer[0].split())}”)"
    for name in named:
        if name in sentence and not (same.general.match(name) or same.registry.search(name)):
            return f"the text may count fewer trials than are here (“{name}”)"
    return ""


@cache
def list_country_names(code: str) -> Sequence[str]:
    """Names of a country in registries, by its ISO 3166-1 alpha-2 code; the code itself when it is unknown."""
    found = pycountry.countries.get(alpha_2=code)
    names = [getattr(found, name, "") for name in ("name", "common_name", "official_name")] if found else [code]
    return tuple(dict.fromkeys([*_ALIASES.get(code, ()), *(name for name in names if name)]))


def _find_phase(subject: str, sentence: str) -> str | None:
    """The phase in what is counted, or one that the sentence puts right before the trials."""
    match = _PHASE.search(subject) or re.search(rf"{_PHASE.pattern}\s+{_OF_TRIALS}\b", sentence, re.I)
    return f"PHASE{_ROMAN.get(match[1].lower(), match[1])}" if match else None


def _find_condition(sentence: str, conditions: frozenset[str]) -> str | None:
    """The longest of the conditions that the sentence gives to its trials."""
    folded = " ".join(sentence.lower().replace("’", "'").split())
    tied = [name for name in conditions if name in folded and _is_tied(name, folded)]
    return max(sorted(tied), key=len, default=None)


def _is_tied(condition: str, sentence: str) -> bool:
    """Whether trials are said to be for the condition: `stroke trials`, `trials in people with a stroke`."""
    name = rf"(?<!\w){re.escape(condition)}(?!\w)"
    of = r"(?:for|in|of|on|against|with|into|treating|targeting)"
    return bool(re.search(rf"{name}\s+{_OF_TRIALS}\b|\b{_OF_TRIALS}\s+{of}\s+(?:[\w-]+\s+){{0,4}}?{name}", sentence))


def _find_country(place: str | None, sentence: str) -> str | None:
    """JSON array of the names of the figure's country, or of the only one that the sentence names."""
    if place:
        return json.dumps(list_country_names(place.split("-")[0].upper()), ensure_ascii=False)
    named = [
        code
        for code, names in _list_all_names()
        if any(re.search(rf"(?<!\w){re.escape(one)}(?!\w)", sentence) for one in names)
    ]
    return json.dumps(list_country_names(named[0]), ensure_ascii=False) if len(named) == 1 else None


@cache
def _list_all_names() -> tuple[tuple[str, tuple[str, ...]], ...]:
    """(code, names in a sentence) of every country. "Korea" is left out: it may be either one."""
    return tuple(
        (country.alpha_2, tuple(name for name in list_country_names(country.alpha_2) if name != "Korea"))
        for country in pycountry.countries
    )
