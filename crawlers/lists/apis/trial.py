"""A trial of ClinicalTrials.gov, from every generation of its records: one `Trial`, one `ListEntry`.

The registry has changed its vocabulary with its interfaces: `Active, not recruiting` became `ACTIVE_NOT_RECRUITING`,
`Phase 1/Phase 2` became `["PHASE1", "PHASE2"]`, `Parallel Assignment` became `PARALLEL`. Here all records get the words
of version 2, so that the same trial reads the same. Countries have the names of version 2, each once, sorted
alphabetically (as older records sort them). Days are `YYYY-MM-DD`, `YYYY-MM` or `YYYY`. A day of 1900 means "not known"
and is left out with a problem, like any other day that does not exist.

Other registries' numbers are recognised by their form, not by the type that the sponsor chose.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from core.ids import normalise
from core.text import one_line, tidy
from crawlers.lists.apis import ApiError
from crawlers.lists.apis.answers import drop_empty, drop_repeats, parse_partial_day
from crawlers.lists.feeds.dates import parse_date
from crawlers.lists.model import ListEntry

PAGE = "https://clinicaltrials.gov/study/"
ELSEWHERE = ("eudract", "ctis", "isrctn")  # schemes of core.ids that a secondary number may have

_NINE_DIGITS = 66400  # the first descriptors with nine digits came after D066298

_WORDS = {
    "UNKNOWN_STATUS": "UNKNOWN",
    "NO_LONGER_RECRUITING": "ACTIVE_NOT_RECRUITING",
    "N_A": "NA",
    "NOT_APPLICABLE": "NA",
    "PHASE_0": "EARLY_PHASE1",
    "EARLY_PHASE_1": "EARLY_PHASE1",
    "OBSERVATIONAL_PATIENT_REGISTRY": "OBSERVATIONAL",
    "OPEN_LABEL": "NONE",
    "ANTICIPATED": "ESTIMATED",
    "EDUCATIONAL_COUNSELING_TRAINING": "ECT",
}
_COUNTRIES = {
    "korea, republic of": "South Korea", "korea, democratic people's republic of": "North Korea",
    "iran, islamic republic of": "Iran", "russian federation": "Russia", "viet nam": "Vietnam",
    "turkey": "Turkey (Türkiye)", "türkiye": "Turkey (Türkiye)", "turkiye": "Turkey (Türkiye)",
    "czech republic": "Czechia", "moldova, republic of": "Moldova", "republic of moldova": "Moldova",
    "macedonia, the former yugoslav republic of": "North Macedonia", "syrian arab republic": "Syria",
    "lao people's democratic republic": "Laos", "libyan arab jamahiriya": "Libya", "swaziland": "Eswatini",
    "palestinian territories, occupied": "Palestinian Territories", "bolivia, plurinational state of": "Bolivia",
    "palestinian territory, occupied": "Palestinian Territories", "tanzania, united republic of": "Tanzania",
    "venezuela, bolivarian republic of": "Venezuela", "brunei darussalam": "Brunei", "côte d'ivoire": "Côte d’Ivoire",
    "congo, the democratic republic of the": "Democratic Republic of the Congo", "the gambia": "The Gambia",
    "gambia": "The Gambia", "congo": "Republic of the Congo", "holy see (vatican city state)": "Vatican City",
    "taiwan, province of china": "Taiwan", "former yugoslavia": "Former Yugoslavia", "macau": "Macao",
    "micronesia, federated states of": "Micronesia", "virgin islands (u.s.)": "U.S. Virgin Islands",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What a record says, in its own words; `make_entry` turns them into ours. Empty: it does not say.

    `days` has the names started, completed, primary_completed, registered, posted, updated, results_posted.
    `has_results` is None where the record does not say. `interventions` are (kind, name), `mesh` and `ancestors` (what
    it describes: condition or intervention; UI; name), `references` (PMID, kind), `people` (name, affiliation).
    """

    number: str
    aliases: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    brief_title: str = ""
    official_title: str = ""
    acronym: str = ""
    summary: str = ""
    details: str = ""
    status: str = ""
    why_stopped: str = ""
    phases: tuple[str, ...] = ()
    study_type: str = ""
    design: dict[str, str] = field(default_factory=dict)
    conditions: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    interventions: tuple[tuple[str, str], ...] = ()
    arms: tuple[str, ...] = ()
    sponsor: str = ""
    collaborators: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    enrolment: str = ""
    enrolment_type: str = ""
    days: dict[str, str] = field(default_factory=dict)
    has_results: bool | None = None
    mesh: tuple[tuple[str, str, str], ...] = ()
    ancestors: tuple[tuple[str, str, str], ...] = ()
    references: tuple[tuple[str, str], ...] = ()
    people: tuple[tuple[str, str], ...] = ()


def make_entry(trial: Trial, fetched: str) -> ListEntry:
    """Raises ApiError for a record without number."""
    number = normalise("nct", trial.number)
    if number is None:
        raise ApiError(
            f"a study without NCT number{f': {trial.number[:40]!r}' if trial.number else ''}",
            hint="the answer was cut off?",
        )
    posted = trial.days.get("posted") or trial.days.get("registered") or ""
    status, days = normal_word(trial.status), {name: parse_partial_day(raw) or "" for name, raw in trial.days.items()}
    summary, details = tidy(trial.summary), tidy(trial.details)
    people = [
        {"name": one_line(name), "affiliations": drop_repeats([one_line(place)])}
        for name, place in trial.people
        if name
    ]
    extra: dict[str, Any] = {
        "status": status,
        "phase": normal_phases(trial.phases, trial.study_type),
        "study_type": normal_word(trial.study_type),
        "conditions": drop_repeats(map(one_line, trial.conditions)),
        "keywords": drop_repeats(map(one_line, trial.keywords)),
        "interventions": [{"kind": normal_word(kind), "name": one_line(name)}
                          for kind, name in trial.interventions if name],
        "arms": drop_repeats(map(one_line, trial.arms)),
        "sponsor": one_line(trial.sponsor),
        "collaborators": drop_repeats(map(one_line, trial.collaborators)),
        "countries": normal_countries(trial.countries),
        "enrolment": int(trial.enrolment) if trial.enrolment.isascii() and trial.enrolment.isdigit() else None,
        "enrolment_type": normal_word(trial.enrolment_type),
        "started": days.get("started"),
        "completed": days.get("completed") or days.get("primary_completed"),
        "dates": drop_empty(days),
        "has_results": trial.has_results,
        "design": drop_empty({name: normal_word(value) for name, value in trial.design.items()}),
        "withdrawn": True if status == "WITHDRAWN" else None,
        "why_stopped": one_line(trial.why_stopped),
        "official_title": one_line(trial.official_title),
        "acronym": one_line(trial.acronym),
        "mesh": [{"of": of, "ui": mesh_ui(ui), "name": one_line(name), "major": None}
                 for of, ui, name in trial.mesh if name],
        "mesh_ancestors": [{"of": of, "ui": mesh_ui(ui), "name": one_line(name)}
                           for of, ui, name in trial.ancestors if name],
        "references": [{"pmid": pmid, "type": normal_word(kind)} for raw, kind in trial.references
                       if (pmid := normalise("pmid", raw))],
        "people": people,
        "affiliations": drop_repeats(place for person in people for place in person["affiliations"]),
    }  # fmt: skip
    return ListEntry(
        native=number,
        url=PAGE + number,
        title=one_line(trial.brief_title or trial.official_title),
        summary=summary,
        content=f"{summary}\n\n{details}" if summary and details else details or summary,
        published=parse_date(parse_partial_day(posted), fetched),
        published_raw=posted or None,
        updated=parse_date(parse_partial_day(trial.days.get("updated", "")), fetched),
        identifiers=find_identifiers(number, trial),
        lang="en",
        extra=drop_empty(extra),
    )


def find_invalid_days(trial: Trial) -> list[str]:
    """A line for each day of the record that is not a date."""
    return [
        f"{trial.number}: {name} {raw!r} is no day"
        for name, raw in trial.days.items()
        if raw and not parse_partial_day(raw)
    ]


def normal_word(said: str) -> str:
    """A word of the registry's vocabularies as version 2 of its interface writes it.

    >>> [normal_word(each) for each in ("Active, not recruiting", "Phase 2", "Parallel Assignment")]
    ['ACTIVE_NOT_RECRUITING', 'PHASE2', 'PARALLEL']
    """
    plain = re.sub(r"\s*\((?!patient)[^()]*\)", "", one_line(said), flags=re.I)  # who is masked is in brackets
    key = re.sub(r"[^A-Z0-9]+", "_", plain.upper()).strip("_")
    key = _WORDS.get(key, key).removesuffix("_ASSIGNMENT").removesuffix("_BLIND")
    return re.sub(r"^PHASE_(\d)$", r"PHASE\1", key)


def normal_phases(said: tuple[str, ...], study_type: str) -> list[str]:
    """Classic records write `N/A` for studies that can have no phase: version 2 leaves it out there."""
    found = drop_repeats(normal_word(part) for phase in said for part in _PHASES.split(phase))
    return found if found != ["NA"] or normal_word(study_type) in ("", "INTERVENTIONAL") else []


_PHASES = re.compile(r"/(?!A\b)|\|")  # not in N/A


def mesh_ui(said: str) -> str:
    """The registry writes every number with nine digits (D000008175); MeSH has six in the older ones (D008175)."""
    found = re.fullmatch(r"D(\d{9})", said)
    return f"D{int(found[1]):06}" if found and int(found[1]) < _NINE_DIGITS else said


def normal_countries(said: tuple[str, ...]) -> list[str]:
    return sorted(set(drop_repeats(_COUNTRIES.get(one_line(name).lower(), one_line(name)) for name in said)))


def find_identifiers(number: str, trial: Trial) -> dict[str, list[str]]:
    found = {"nct": drop_repeats([number, *(normalise("nct", alias) for alias in trial.aliases)])}
    for scheme in ELSEWHERE:
        if values := drop_repeats(normalise(scheme, raw) for raw in trial.numbers):
            found[scheme] = values
    return found
