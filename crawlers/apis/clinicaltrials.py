"""ClinicalTrials.gov, API v2: studies that match a search and were updated since a day, as JSON, page by page.

A study becomes an entry: brief title, brief summary, the day it was first posted, its NCT number and other
registry numbers, and in `extra` what a reader asks first: status, phase, conditions, interventions, sponsor,
countries, enrolment. JSON without `studies` (an error, a page of HTML) is an ApiError, not an empty result.
"""

from __future__ import annotations

import json
from datetime import date
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from core.ids import normalise
from core.text import one_line, tidy
from crawlers.apis import ApiError, opening, without
from crawlers.feeds.dates import parse_date
from crawlers.feeds.model import FeedEntry
from crawlers.messages import Index

BASE = "https://clinicaltrials.gov/api/v2/studies"
AT_ONCE = 100
WINDOW = frozenset({"filter.advanced"})
# registries' own types of a secondary number, as the API names them
NUMBERS = {"EUDRACT_NUMBER": "eudract", "CTIS": "ctis", "REGISTRY": "isrctn"}


def requests(query: str, since: date, most: int) -> list[str]:
    """The first page of studies updated since that day, newest update first."""
    asked = {
        "query.term": query, "pageSize": str(min(most, AT_ONCE)), "countTotal": "true", "format": "json",
        "sort": "LastUpdatePostDate:desc", "filter.advanced": f"AREA[LastUpdatePostDate]RANGE[{since:%Y-%m-%d},MAX]",
    }  # fmt: skip
    return [f"{BASE}?{urlencode(asked)}"]


def stable(url: str) -> str:
    return without(url, WINDOW)


def parse(body: bytes, *, url: str, fetched: str) -> Index:
    """Raises ApiError."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise ApiError(f"not JSON: {opening(body)}", where=url) from error
    if not isinstance(said, dict) or not isinstance(said.get("studies"), list):
        raise ApiError(f"JSON without studies: {opening(body)}", where=url)
    follow: tuple[str, ...] = ()
    if token := said.get("nextPageToken"):
        parts = urlsplit(without(url, frozenset({"pageToken"})))
        query = urlencode([*parse_qsl(parts.query, keep_blank_values=True), ("pageToken", str(token))])
        follow = (urlunsplit(parts._replace(query=query)),)
    return Index(entries=tuple(_entry(study, url, fetched) for study in said["studies"]), follow=follow)


def _entry(study: Any, url: str, fetched: str) -> FeedEntry:
    part = _Part(study).part("protocolSection")
    who, status = part.part("identificationModule"), part.part("statusModule")
    number = normalise("nct", who.text("nctId"))
    if number is None:
        raise ApiError("a study without NCT number", where=url, mend="the answer was cut off?")
    raw = status.part("studyFirstPostDateStruct").text("date") or status.text("studyFirstSubmitDate") or None
    design, people = part.part("designModule"), part.part("sponsorCollaboratorsModule")
    places = [_Part(place).text("country") for place in part.part("contactsLocationsModule").items("locations")]
    enrolled = design.part("enrollmentInfo").text("count")
    extra = {
        "status": status.text("overallStatus"),
        "phases": "; ".join(map(str, design.items("phases"))),
        "study_type": design.text("studyType"),
        "conditions": "; ".join(map(str, part.part("conditionsModule").items("conditions"))),
        "interventions": "; ".join(
            _Part(each).text("name") for each in part.part("armsInterventionsModule").items("interventions")
        ),
        "sponsor": people.part("leadSponsor").text("name"),
        "countries": "; ".join(dict.fromkeys(place for place in places if place)),
        "enrolment": enrolled,
        "start": status.part("startDateStruct").text("date"),
        "has_results": "yes" if _Part(study).value("hasResults") is True else "",
        "official_title": one_line(who.text("officialTitle")),
    }
    return FeedEntry(
        native=number,
        url=f"https://clinicaltrials.gov/study/{number}",
        title=one_line(who.text("briefTitle") or who.text("officialTitle")),
        summary=tidy(part.part("descriptionModule").text("briefSummary")),
        published=parse_date(raw, fetched),
        published_raw=raw,
        updated=parse_date(status.part("lastUpdatePostDateStruct").text("date"), fetched),
        identifiers=_identifiers(number, who),
        lang="en",
        extra={key: value for key, value in extra.items() if value},
    )


def _identifiers(number: str, who: _Part) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {"nct": [number]}
    for other in who.items("secondaryIdInfos"):
        scheme = NUMBERS.get(_Part(other).text("type"))
        value = normalise(scheme, _Part(other).text("id")) if scheme else None
        if scheme and value and value not in found.setdefault(scheme, []):
            found[scheme].append(value)
    return {scheme: values for scheme, values in found.items() if values}


class _Part:
    """A part of the JSON that may be missing or of another shape than documented: then it is empty."""

    def __init__(self, value: Any) -> None:
        self.held = value if isinstance(value, dict) else {}

    def value(self, name: str) -> Any:
        return self.held.get(name)

    def part(self, name: str) -> _Part:
        return _Part(self.held.get(name))

    def text(self, name: str) -> str:
        value = self.held.get(name)
        return str(value) if isinstance(value, str | int | float) else ""

    def items(self, name: str) -> list[Any]:
        value = self.held.get(name)
        return value if isinstance(value, list) else []
