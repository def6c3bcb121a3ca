"""ClinicalTrials.gov, API v2: studies that match a search and were updated since a day, as JSON, page by page.

`parse` also reads what archives hold of the registry's earlier interfaces: a downloaded list of version 2, version 1's
full studies and study fields (`crawlers.lists.apis.clinicaltrials_v1`), and the classic XML of one study
(`crawlers.lists.apis.clinicaltrials_xml`). They all become the same `Trial` and entry (`crawlers.lists.apis.trial`).

JSON without studies (an error, a page of HTML) is an ApiError, not an empty result; a search that finds nothing says so
with an empty list. A study that cannot be read is one line among the problems and takes no other with it.
"""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import urlencode

from crawlers.lists.apis import ApiError, describe_start, load_json, with_parameters, without_parameters
from crawlers.lists.apis.answers import read_each
from crawlers.lists.apis.clinicaltrials_v1 import parse_field_studies, parse_full_studies
from crawlers.lists.apis.clinicaltrials_xml import parse_xml_studies
from crawlers.lists.apis.json_object import JsonObject
from crawlers.lists.apis.trial import Trial, find_invalid_days, make_entry
from crawlers.lists.model import ListEntry, ListResult

BASE = "https://clinicaltrials.gov/api/v2/studies"
AT_ONCE = 100
WINDOW = frozenset({"filter.advanced"})
NEWEST_FIRST = True


def requests(query: str, since: date, most: int) -> list[str]:
    """The first page of studies updated since that day, newest update first."""
    asked = {
        "query.term": query, "pageSize": str(min(most, AT_ONCE)), "countTotal": "true", "format": "json",
        "sort": "LastUpdatePostDate:desc", "filter.advanced": f"AREA[LastUpdatePostDate]RANGE[{since:%Y-%m-%d},MAX]",
    }  # fmt: skip
    return [f"{BASE}?{urlencode(asked)}"]


def stable(url: str) -> str:
    return without_parameters(url, WINDOW)


def parse(body: bytes, *, url: str, fetched: str) -> ListResult:
    """Raises ApiError."""
    follow: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()
    begun = body.removeprefix(b"\xef\xbb\xbf").lstrip()
    if begun.startswith((b"<?xml", b"<clinical_study", b"<rss")):
        trials = parse_xml_studies(body, url)
    else:
        said = load_json(b'{"studies": %b}' % begun if begun.startswith(b"[") else body, url)  # a list as downloaded
        trials, wrong = _trials(said, body, url)
        if token := JsonObject(said).line("nextPageToken"):
            follow = (with_parameters(url, pageToken=token),)
    held: list[Trial] = []

    def read(trial: Trial) -> ListEntry:
        entry = make_entry(trial, fetched)
        held.append(trial)
        return entry

    entries, problems = read_each(trials, read, url)
    return ListResult(
        entries=entries,
        follow=follow,
        problems=(*wrong, *problems, *(line for trial in held for line in find_invalid_days(trial))),
    )


def _trials(said: dict[str, Any], body: bytes, url: str) -> tuple[list[Trial], tuple[str, ...]]:
    if "protocolSection" in said:
        return [parse_v2_trial(said)], ()
    if isinstance(said.get("studies"), list):
        return [parse_v2_trial(study) for study in said["studies"]], ()
    if isinstance(said.get("FullStudiesResponse"), dict):
        return parse_full_studies(JsonObject(said["FullStudiesResponse"]), url)
    if isinstance(said.get("StudyFieldsResponse"), dict):
        return parse_field_studies(JsonObject(said["StudyFieldsResponse"]), url)
    raise ApiError(f"JSON without studies: {describe_start(body)}", where=url)


def parse_v2_trial(study: object) -> Trial:
    """Parse a v2 study. Returns a Trial without number if it is not one."""
    protocol = JsonObject(study).part("protocolSection")
    derived = JsonObject(study).part("derivedSection")
    who, status = protocol.part("identificationModule"), protocol.part("statusModule")
    design, sponsors = protocol.part("designModule"), protocol.part("sponsorCollaboratorsModule")
    info, places = design.part("designInfo"), protocol.part("contactsLocationsModule")
    arms, topics = protocol.part("armsInterventionsModule"), protocol.part("conditionsModule")
    has_results = JsonObject(study).value("hasResults")
    browsed = [(of, derived.part(f"{of}BrowseModule")) for of in ("condition", "intervention")]
    return Trial(
        number=who.text("nctId"),
        aliases=tuple(who.lines("nctIdAliases")),
        numbers=tuple(other.text("id") for other in who.parts("secondaryIdInfos")),
        brief_title=who.text("briefTitle"),
        official_title=who.text("officialTitle"),
        acronym=who.text("acronym"),
        summary=protocol.part("descriptionModule").text("briefSummary"),
        details=protocol.part("descriptionModule").text("detailedDescription"),
        status=status.text("overallStatus"),
        why_stopped=status.text("whyStopped"),
        phases=tuple(design.lines("phases")),
        study_type=design.text("studyType"),
        design={
            "allocation": info.text("allocation"),
            "model": info.text("interventionModel") or info.text("observationalModel"),
            "purpose": info.text("primaryPurpose"),
            "masking": info.part("maskingInfo").text("masking"),
        },
        conditions=tuple(topics.lines("conditions")),
        keywords=tuple(topics.lines("keywords")),
        interventions=tuple((each.text("type"), each.text("name")) for each in arms.parts("interventions")),
        arms=tuple(each.text("label") for each in arms.parts("armGroups")),
        sponsor=sponsors.part("leadSponsor").text("name"),
        collaborators=tuple(each.text("name") for each in sponsors.parts("collaborators")),
        countries=tuple(place.text("country") for place in places.parts("locations")),
        enrolment=design.part("enrollmentInfo").text("count"),
        enrolment_type=design.part("enrollmentInfo").text("type"),
        days={
            "started": status.part("startDateStruct").text("date"),
            "primary_completed": status.part("primaryCompletionDateStruct").text("date"),
            "completed": status.part("completionDateStruct").text("date"),
            "registered": status.text("studyFirstSubmitDate"),
            "posted": status.part("studyFirstPostDateStruct").text("date"),
            "updated": status.part("lastUpdatePostDateStruct").text("date"),
            "results_posted": status.part("resultsFirstPostDateStruct").text("date"),
        },
        has_results=has_results if isinstance(has_results, bool) else None,
        mesh=tuple((of, each.text("id"), each.text("term")) for of, part in browsed for each in part.parts("meshes")),
        ancestors=tuple(
            (of, each.text("id"), each.text("term")) for of, part in browsed for each in part.parts("ancestors")
        ),
        references=tuple(
            (each.text("pmid"), each.text("type")) for each in protocol.part("referencesModule").parts("references")
        ),
        people=tuple((each.text("name"), each.text("affiliation")) for each in places.parts("overallOfficials")),
    )
