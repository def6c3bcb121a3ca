"""STAGE figures -> statements about trials held against the registry as we have it.

In order: a figure that counts trials, indications or countries with trials is a claim of one of the types in
`checks.toml` (`find_claim`; a share, a multiple and whatever has a unit is none). Its query runs over the trials
that are at hand and were registered by the day of the document. Then, with `found` the answer (`judge`):

- what is here is a part of the registry: the trials that the saved searches of our sources gave. It can show that there
  are as many as is said, or more; that there are fewer it can never show, and says `cannot tell`;
- "at least N": consistent when N or more are found;
- "N", "about N": consistent when as many are found (within 2 %, about: within 15 %), differs when more are;
- "at most N": differs when more are found;
- a range: differs above its upper end, consistent within it.

The query stands in the row with its values filled in, and `snapshot` is the day of the newest record that it could see.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pycountry

from core.config import Config
from core.records import Json, RegistryCheck
from core.stage import Address, Done, Result, Stage, Step, Writes
from core.store import Store
from core.text import fingerprint

CODE = "2"
EXACT, ABOUT = 0.02, 0.15
REGISTERED = (
    "COALESCE(json_extract(d.extra, '$.dates.registered'), json_extract(d.extra, '$.dates.posted'),"
    " json_extract(d.extra, '$.started'), d.published, '')"
)
_TOML = Path(__file__).with_name("registry_checks.toml")
_PHASE = re.compile(r"\bphase[\s-]*(1|2|3|4|iii|ii|iv|i)\b(?!\s*(?:/|and|or|to|-)\s*(?:\d|i))", re.I)
_ROMAN = {"i": "1", "ii": "2", "iii": "3", "iv": "4"}
_MULTIPLE = frozenset({"multiple", "ratio"})
_COUNTS = re.compile(
    r"(?:trials?|studies|indications?|diseases?|conditions?|disorders?|countries|nations|cases?)?", re.I
)
_NOT_TRIALS = re.compile(r"\b(?:animal|preclinical|published|mouse|laboratory) (?:studies|trials)\b", re.I)
_ALIASES = {  # as registries write them, beside the names that pycountry has
    "KR": ("South Korea", "Korea, Republic of", "Korea"), "US": ("United States", "USA"), "GB": ("United Kingdom",),
    "RU": ("Russia", "Russian Federation"), "TW": ("Taiwan",), "IR": ("Iran", "Iran, Islamic Republic of"),
    "VN": ("Vietnam", "Viet Nam"), "CZ": ("Czechia", "Czech Republic"), "TR": ("Turkey", "Turkey (Türkiye)", "Türkiye"),
    "NL": ("Netherlands", "The Netherlands"), "CN": ("China",), "JP": ("Japan",),
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimType:
    """One [[claim]] of checks.toml."""

    name: str
    about: str
    counted: re.Pattern[str]
    said: re.Pattern[str]
    needs: tuple[str, ...]
    query: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What a figure says of trials: its type, and the values that the query takes."""

    type: ClaimType
    values: tuple[tuple[str, str], ...]  # country | phase | condition


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    verdict: str  # consistent | differs | cannot tell
    why: str


@cache
def load_claims() -> tuple[ClaimType, ...]:
    """checks.toml in its order. Raises KeyError or re.error when it is not what it must be."""
    return tuple(
        ClaimType(
            name=one["name"], about=one["about"], counted=re.compile(one["counted"], re.I),
            said=re.compile(one["said"], re.I), needs=tuple(one.get("needs", ())), query=one["query"].strip(),
        )
        for one in tomllib.loads(_TOML.read_text("utf-8"))["claim"]
    )  # fmt: skip


def stage(_config: Config) -> Stage:
    return Stage(
        name="checks",
        version=f"{CODE}/{fingerprint(_TOML.read_text('utf-8'))[:12]}",
        gather=gather,
        step=Address(module="relations.registry_checks", function="build", reads=("document",)),
        writes=(Writes(record=RegistryCheck, owner="document"),),
    )


def build(*, view: Store) -> Step:
    return Checker(view).step


def gather(store: Store) -> Iterator[tuple[str, str, Json]]:
    """Documents (but for records) with a figure that is a claim; due when it, the day or the trials at hand change."""
    conditions = known_conditions(store)
    registry = fingerprint(
        *(f"{row['id']} {row['state']}" for row in store.rows(
            "SELECT id, fingerprint(hash, extra) AS state FROM document WHERE kind = 'trial' ORDER BY id"
        ))
    )  # fmt: skip
    claims: dict[str, list[Json]] = defaultdict(list)
    days: dict[str, str] = {}
    for row in store.rows(
        "SELECT f.*, COALESCE(d.published, substr(d.first_seen, 1, 10)) AS day FROM figure f"
        " JOIN document d ON d.id = f.document"
        " WHERE f.part = 'text' AND d.kind NOT IN ('paper', 'preprint', 'trial') ORDER BY f.document, f.start"
    ):
        if find_claim(row, conditions) is not None:
            claims[row["document"]].append(row)
            days[row["document"]] = row["day"]
    for document, figures in claims.items():
        state = fingerprint(registry, days[document], json.dumps(figures, ensure_ascii=False, sort_keys=True))
        yield document, state, {"figures": figures, "day": days[document]}


def known_conditions(store: Store) -> frozenset[str]:
    """Conditions of the trials at hand, in lower case."""
    rows = store.rows(
        "SELECT DISTINCT lower(c.value) AS name FROM document d, json_each(d.extra, '$.conditions') c"
        " WHERE d.kind = 'trial'"
    )
    return frozenset(row["name"] for row in rows if len(row["name"]) > 3)


class Checker:
    """The step, with the store that its queries ask."""

    def __init__(self, work: Store) -> None:
        self._work = work

    def step(self, row: Json) -> Result:
        """`row` is what `gather` gave."""
        conditions = known_conditions(self._work)
        whole = self._work.rows(
            "SELECT count(*) AS trials,"
            " COALESCE(max(substr(COALESCE(json_extract(extra, '$.dates.updated'), first_seen), 1, 10)), '') AS newest"
            " FROM document WHERE kind = 'trial'"
        )[0]
        checks = []
        for figure in row["figures"]:
            claim = find_claim(figure, conditions)
            if claim is None:
                continue
            values = dict(claim.values) | {"day": row["day"]}
            query = claim.type.query.replace(":registered", REGISTERED)
            found = float(self._work.value(query, values)) if whole["trials"] else None
            said = judge(figure, found, claim, trials=whole["trials"])
            checks.append(
                RegistryCheck(
                    document=row["key"], start=figure["start"], end=figure["end"], claim=claim.type.name,
                    value=figure["value"], verdict=said.verdict, found=found, query=filled_in(query, values),
                    snapshot=whole["newest"], why=said.why,
                )
            )  # fmt: skip
        return Done(records=tuple(checks))


def find_claim(figure: Mapping[str, object], conditions: frozenset[str] = frozenset()) -> Claim | None:
    """The claim about trials that a figure makes, or None. `figure` has the columns of the table `figure`."""
    unit, subject, sentence = (str(figure[name] or "") for name in ("unit", "subject", "sentence"))
    value = figure["value"]
    if figure["modifier"] in _MULTIPLE or not _COUNTS.fullmatch(unit.strip()) or not isinstance(value, int | float):
        return None
    if value != int(value) or value < 1 or _NOT_TRIALS.search(sentence):
        return None
    counted = f"{unit} {subject}"
    known = {"country": _country(figure, sentence), "phase": _phase(f"{subject} {sentence}")}
    known["condition"] = _condition(sentence, conditions)
    for kind in load_claims():
        if kind.counted.search(counted) and kind.said.search(sentence) and all(known[name] for name in kind.needs):
            return Claim(type=kind, values=tuple((name, known[name] or "") for name in kind.needs))
    return None


def judge(figure: Mapping[str, object], found: float | None, claim: Claim, *, trials: int) -> Verdict:
    """What the registry at hand has to say. `found` is None when there are no trials here at all."""
    part = f"the registry here is a part: {trials:,} trials that the saved searches gave"
    if found is None:
        return Verdict(verdict="cannot tell", why="there are no trials here")
    value = float(str(figure["value"]))
    high = float(str(figure["high"])) if figure.get("high") is not None else value
    modifier = str(figure["modifier"]).replace("_", " ")
    here = f"of {claim.type.about}, {found:,.0f} {'is' if found == 1 else 'are'} here"
    slack = ABOUT if modifier == "approximate" else EXACT
    if modifier == "at least":
        if found >= value:
            return Verdict(verdict="consistent", why=f"{here}, and at least {value:,.0f} are spoken of; {part}")
        return Verdict(verdict="cannot tell", why=f"{here}, fewer than the {value:,.0f} that are spoken of; {part}")
    if found > high * (1 + (0 if modifier == "at most" else slack)):
        return Verdict(verdict="differs", why=f"{here}, more than the {high:,.0f} that are spoken of; {part}")
    if modifier != "at most" and found >= value * (1 - slack):
        return Verdict(verdict="consistent", why=f"{here}, and {value:,.0f} are spoken of; {part}")
    return Verdict(verdict="cannot tell", why=f"{here}, no more than the {high:,.0f} that are spoken of; {part}")


def filled_in(query: str, values: Mapping[str, str]) -> str:
    """The query with its values written out, for readers to run."""
    for name, value in values.items():
        query = re.sub(rf":{name}\b", "'" + value.replace("'", "''").replace("\\", r"\\") + "'", query)
    return query


def _phase(text: str) -> str | None:
    match = _PHASE.search(text)
    return f"PHASE{_ROMAN.get(match[1].lower(), match[1])}" if match else None


def _condition(sentence: str, conditions: frozenset[str]) -> str | None:
    """The longest condition of a trial here that the sentence names."""
    folded = sentence.lower().replace("’", "'")
    named = [name for name in conditions if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", folded)]
    return max(sorted(named), key=len, default=None)


def _country(figure: Mapping[str, object], sentence: str) -> str | None:
    """JSON array of the names of the figure's country, or of the only one that the sentence names."""
    place = figure.get("place")
    if place:
        return json.dumps(country_names(str(place).split("-")[0].upper()), ensure_ascii=False)
    named = [
        code
        for code, names in _every_name()
        if any(re.search(rf"(?<!\w){re.escape(one)}(?!\w)", sentence) for one in names)
    ]
    return json.dumps(country_names(named[0]), ensure_ascii=False) if len(named) == 1 else None


@cache
def country_names(code: str) -> Sequence[str]:
    """Names of a country in registries, by its ISO 3166-1 code; the code itself when there is none."""
    found = pycountry.countries.get(alpha_2=code)
    names = [getattr(found, name, "") for name in ("name", "common_name", "official_name")] if found else [code]
    return tuple(dict.fromkeys([*_ALIASES.get(code, ()), *(name for name in names if name)]))


@cache
def _every_name() -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Names by which a sentence may name a country. Short forms that are also words are left out."""
    return tuple(
        (country.alpha_2, tuple(name for name in country_names(country.alpha_2) if name != "Korea"))
        for country in pycountry.countries
    )
