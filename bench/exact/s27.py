"""Set 27, ClinicalTrials.gov in four shapes: version 2, version 1 in full and by fields, classic XML.

What a study says is read here by plain paths and compared with the entry: words by their letters (`Phase 1/Phase 2` and
PHASE1, PHASE2 agree), days by strptime, countries by how many there are. A file without any NCT number (pieces of
studies) is to be refused; so is one with an invalid number (`NCT000001`). `same` compares the entries
of a trial that is given in two formats and was updated on the same day: every field that both contain.
"""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from bench.exact.recorded import Row, answer, letters, load_files
from core.ids import find_ids
from crawlers.lists.apis import ApiError, clinicaltrials
from crawlers.lists.model import ListEntry

_FORMS = (("%Y-%m-%d", "%Y-%m-%d"), ("%Y-%m", "%Y-%m"), ("%B %d, %Y", "%Y-%m-%d"), ("%B %Y", "%Y-%m"), ("%Y", "%Y"))
_SAME = ("status", "phase", "study_type", "conditions", "interventions", "sponsor", "countries", "enrolment", "started",
         "completed", "has_results", "design", "official_title", "arms", "keywords")  # fmt: skip


def rows(folder: Path) -> Iterator[Row]:
    met: dict[str, list[tuple[str, ListEntry]]] = {}
    for item, body in load_files(folder):
        where = str(item["file"])
        index = answer(clinicaltrials, body, clinicaltrials.BASE)
        if "n_nct" in item:
            found = {hit.value for hit in find_ids(body.decode("utf-8", "replace")) if hit.scheme == "nct"}
            yield "n_nct", item["n_nct"], len(found), where
            mentioned = len(re.findall(b"stem cell", body, re.I))
            yield "mentions_stem_cell", item["mentions_stem_cell"], mentioned, where
        shape, studies = _studies(body)
        numbers = [study["id"] for study in studies]
        if not any(re.fullmatch(r"NCT\d{8}", number) for number in numbers):
            empty = shape == "feed" and not numbers  # a search that found nothing, and says so
            yield "refused", not empty, isinstance(index, ApiError), where
            continue
        if isinstance(index, ApiError):
            yield "id", numbers, str(index), where
            continue
        yield "id", numbers, [entry.native for entry in index.entries], where
        for study, entry in zip(studies, index.entries, strict=False):
            met.setdefault(entry.native, []).append((shape, entry))
            for name, expected in study.items():
                yield name, expected, _GOT[name](entry), f"{where} {entry.native}"
        if "NStudiesReturned" in item:
            yield "returned", item["NStudiesReturned"], len(index.entries), where
    yield from _same(met)


def _same(met: dict[str, list[tuple[str, ListEntry]]]) -> Iterator[Row]:
    for number, held in met.items():
        (shape, first), *others = held
        for other_shape, other in others:
            if other_shape == shape or first.updated != other.updated or "fields" in (shape, other_shape):
                continue
            where = f"{number} {shape} {other_shape}"
            yield "same", (first.title, first.identifiers), (other.title, other.identifiers), where
            for name in _SAME:
                yield "same", first.extra.get(name), other.extra.get(name), f"{where} {name}"


def _day(raw: str | None) -> str | None:
    for form, out in _FORMS:
        try:
            day = datetime.strptime(raw or "", form)
        except ValueError:
            continue
        return day.strftime(out) if day.year > 1900 else None
    return None


def _phase(raw: list[str], kind: str) -> str:
    said = letters("".join(raw))
    return "" if said == "na" and letters(kind) != "interventional" else said.replace("phase0", "earlyphase1")


_GOT: dict[str, Callable[[ListEntry], Any]] = {
    "id": lambda entry: entry.native,
    "title": lambda entry: letters(entry.title),
    "status": lambda entry: letters(entry.extra.get("status")),
    "phase": lambda entry: letters("".join(entry.extra.get("phase", []))),
    "conditions": lambda entry: [letters(each) for each in entry.extra.get("conditions", [])],
    "interventions": lambda entry: [
        (letters(each["kind"]), letters(each["name"])) for each in entry.extra.get("interventions", [])
    ],
    "intervention_names": lambda entry: [letters(each["name"]) for each in entry.extra.get("interventions", [])],
    "sponsor": lambda entry: letters(entry.extra.get("sponsor")),
    "countries": lambda entry: len(entry.extra.get("countries", [])),
    "enrolment": lambda entry: entry.extra.get("enrolment"),
    "started": lambda entry: entry.extra.get("started"),
    "completed": lambda entry: entry.extra.get("completed"),
    "posted": lambda entry: entry.published,
    "has_results": lambda entry: entry.extra.get("has_results"),
}


def _studies(body: bytes) -> tuple[str, list[dict[str, Any]]]:
    try:
        return _read(body)
    except (ValueError, ET.ParseError):
        return "broken", []


def _read(body: bytes) -> tuple[str, list[dict[str, Any]]]:
    if body.lstrip()[:1] == b"<":
        root = ET.fromstring(body)
        if root.tag == "rss":
            return "feed", [{"id": item.findtext("guid") or ""} for item in root.iter("item")]
        return "xml", [_xml(root)]
    said = json.loads(body)
    if isinstance(said, list):
        return "v2", [_v2(study) for study in said]
    if "studies" in said:
        return "v2", [_v2(study) for study in said["studies"]]
    if "FullStudiesResponse" in said:
        return "v1", [_v1(each.get("Study")) for each in said["FullStudiesResponse"].get("FullStudies", [])]
    if "StudyFieldsResponse" in said:
        return "fields", [_fields(each) for each in said["StudyFieldsResponse"].get("StudyFields", [])]
    return "v2", [_v2(said)]


def _at(held: Any, *path: str) -> Any:
    for name in path:
        held = held.get(name) if isinstance(held, dict) else None
    return held


def _v2(study: Any) -> dict[str, Any]:
    said = _at(study, "protocolSection")
    kind = _at(said, "designModule", "studyType") or ""
    places = _at(said, "contactsLocationsModule", "locations") or []
    count = _at(said, "designModule", "enrollmentInfo", "count")
    ends = [_at(said, "statusModule", name, "date") for name in ("completionDateStruct", "primaryCompletionDateStruct")]
    return {
        "id": _at(said, "identificationModule", "nctId") or "",
        "title": letters(_at(said, "identificationModule", "briefTitle")
                         or _at(said, "identificationModule", "officialTitle")),
        "status": letters(_at(said, "statusModule", "overallStatus")),
        "phase": _phase(_at(said, "designModule", "phases") or [], kind),
        "conditions": [letters(each) for each in dict.fromkeys(_at(said, "conditionsModule", "conditions") or [])],
        "interventions": [(letters(each.get("type")), letters(each.get("name")))
                          for each in _at(said, "armsInterventionsModule", "interventions") or []],
        "sponsor": letters(_at(said, "sponsorCollaboratorsModule", "leadSponsor", "name")),
        "countries": len({place["country"] for place in places if place.get("country")}),
        "enrolment": int(count) if count is not None else None,
        "started": _day(_at(said, "statusModule", "startDateStruct", "date")),
        "completed": _day(ends[0]) or _day(ends[1]),
        "has_results": _at(study, "hasResults"),
    }  # fmt: skip


def _v1(study: Any) -> dict[str, Any]:
    said = _at(study, "ProtocolSection")
    kind = _at(said, "DesignModule", "StudyType") or ""
    places = _at(said, "ContactsLocationsModule", "LocationList", "Location") or []
    count = _at(said, "DesignModule", "EnrollmentInfo", "EnrollmentCount")
    conditions = _at(said, "ConditionsModule", "ConditionList", "Condition") or []
    return {
        "id": _at(said, "IdentificationModule", "NCTId") or "",
        "title": letters(_at(said, "IdentificationModule", "BriefTitle")),
        "status": letters(_at(said, "StatusModule", "OverallStatus")).replace("unknownstatus", "unknown"),
        "phase": _phase(_at(said, "DesignModule", "PhaseList", "Phase") or [], kind).replace("notapplicable", "na"),
        "conditions": [letters(each) for each in dict.fromkeys(conditions)],
        "interventions": [(letters(each.get("InterventionType")), letters(each.get("InterventionName")))
                          for each in _at(said, "ArmsInterventionsModule", "InterventionList", "Intervention") or []],
        "sponsor": letters(_at(said, "SponsorCollaboratorsModule", "LeadSponsor", "LeadSponsorName")),
        "countries": len({place["LocationCountry"] for place in places if place.get("LocationCountry")}),
        "enrolment": int(count) if count is not None else None,
        "started": _day(_at(said, "StatusModule", "StartDateStruct", "StartDate")),
        "completed": _day(_at(said, "StatusModule", "CompletionDateStruct", "CompletionDate"))
        or _day(_at(said, "StatusModule", "PrimaryCompletionDateStruct", "PrimaryCompletionDate")),
        "has_results": bool(_at(study, "ResultsSection")),
    }  # fmt: skip


def _xml(root: ET.Element) -> dict[str, Any]:
    def say(path: str) -> str:
        return " ".join((root.findtext(path) or "").split())

    kind, count = say("study_type"), say("enrollment")
    return {
        "id": say("id_info/nct_id"),
        "title": letters(say("brief_title") or say("official_title")),
        "status": letters(say("overall_status")).replace("unknownstatus", "unknown"),
        "phase": _phase([say("phase")], kind),
        "conditions": list(dict.fromkeys(letters(each.text) for each in root.iterfind("condition"))),
        "interventions": [(letters(each.findtext("intervention_type")), letters(each.findtext("intervention_name")))
                          for each in root.iterfind("intervention")],
        "sponsor": letters(say("sponsors/lead_sponsor/agency")),
        "countries": len({each.text for each in root.iterfind("location_countries/country")}),
        "enrolment": int(count) if count else None,
        "started": _day(say("start_date")),
        "completed": _day(say("completion_date")) or _day(say("primary_completion_date")),
        "has_results": root.find("clinical_results") is not None,
    }  # fmt: skip


def _fields(study: dict[str, Any]) -> dict[str, Any]:
    """Only what was asked for in this answer."""

    def one(name: str) -> str:
        return str((study.get(name) or [""])[0])

    found: dict[str, Any] = {"id": one("NCTId")}
    readers: dict[str, tuple[str, Callable[[], Any]]] = {
        "BriefTitle": ("title", lambda: letters(one("BriefTitle"))),
        "OverallStatus": ("status", lambda: letters(one("OverallStatus")).replace("unknownstatus", "unknown")),
        "Phase": ("phase", lambda: letters("".join(study["Phase"])).replace("notapplicable", "na")),
        "Condition": ("conditions", lambda: [letters(each) for each in dict.fromkeys(study["Condition"])]),
        "InterventionName": ("intervention_names", lambda: [letters(each) for each in study["InterventionName"]]),
        "LeadSponsorName": ("sponsor", lambda: letters(one("LeadSponsorName"))),
        "LocationCountry": ("countries", lambda: len(set(study["LocationCountry"]))),
        "EnrollmentCount": ("enrolment", lambda: int(one("EnrollmentCount")) if study["EnrollmentCount"] else None),
        "StartDate": ("started", lambda: _day(one("StartDate"))),
        "StudyFirstPostDate": ("posted", lambda: _day(one("StudyFirstPostDate"))),
        "ResultsFirstPostDate": ("has_results", lambda: bool(study["ResultsFirstPostDate"])),
    }
    for name, (field, read) in readers.items():
        if name in study:
            found[field] = read()
    if "CompletionDate" in study:
        found["completed"] = _day(one("CompletionDate")) or _day(one("PrimaryCompletionDate"))
    return found
