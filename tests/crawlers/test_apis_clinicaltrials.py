"""ClinicalTrials.gov in its four shapes, from recordings that we made: one trial in each."""

from __future__ import annotations

from pathlib import Path

import pytest

from crawlers.lists.apis import ApiError, clinicaltrials
from crawlers.lists.apis.answers import parse_partial_day
from crawlers.lists.apis.trial import mesh_ui, normal_countries, normal_phases, normal_word
from crawlers.lists.model import ListEntry, ListResult

NOW = "2026-11-22T03:00:00Z"
ANSWERS = Path(__file__).parent / "api_answers" / "clinicaltrials"
URL = "https://clinicaltrials.gov/api/v2/studies?query.term=cells"


def read(name: str) -> ListResult:
    return clinicaltrials.parse((ANSWERS / name).read_bytes(), url=URL, fetched=NOW)


def one(name: str) -> ListEntry:
    return read(name).entries[0]


def test_version_2_says_all_that_the_project_asks() -> None:
    entry = one("v2.json")
    assert (entry.native, entry.title) == ("NCT09000001", "Cells for Knees")
    assert (entry.published, entry.updated) == ("2025-02-03", "2026-11-20")
    assert entry.summary == "Forty people.\n\nTwo groups."
    assert entry.content == "Forty people.\n\nTwo groups.\n\nCells are given once."
    assert entry.identifiers["nct"] == ["NCT09000001", "NCT00000009"]
    assert entry.identifiers["eudract"] == ["2026-001234-12"]
    extra = entry.extra
    assert (extra["status"], extra["phase"], extra["study_type"]) == (
        "ACTIVE_NOT_RECRUITING", ["PHASE1", "PHASE2"], "INTERVENTIONAL",
    )  # fmt: skip
    assert extra["conditions"] == ["Osteoarthritis, Knee"]
    assert extra["interventions"] == [
        {"kind": "BIOLOGICAL", "name": "Autologous adipose MSC"},
        {"kind": "DIETARY_SUPPLEMENT", "name": "Chondroitin"},
    ]
    assert (extra["sponsor"], extra["countries"], extra["enrolment"]) == (
        "Konkuk Institute", ["Japan", "South Korea"], 40,
    )  # fmt: skip
    assert (extra["started"], extra["completed"], extra["has_results"]) == ("2025-03-01", "2027-01", False)
    assert extra["design"]["model"] == "PARALLEL" and "withdrawn" not in extra
    assert extra["mesh"] == [{"of": "condition", "ui": "D010003", "name": "Osteoarthritis", "major": None}]
    assert extra["references"] == [{"pmid": "99000001", "type": "RESULT"}]


@pytest.mark.parametrize("name", ["v1.json", "study.xml"])
def test_the_same_trial_reads_the_same(name: str) -> None:
    new, old = one("v2.json"), one(name)
    for field in ListEntry.__slots__:
        if field not in ("extra", "published_raw"):
            assert getattr(new, field) == getattr(old, field), field
    assert new.extra.keys() == old.extra.keys()
    for key in new.extra:
        if key == "mesh" and name.endswith(".xml"):  # the classic record has no numbers of headings
            assert [each["name"] for each in new.extra[key]] == [each["name"] for each in old.extra[key]]
        else:
            assert new.extra[key] == old.extra[key], key


def test_study_fields_tell_what_was_asked_for() -> None:
    new, old = one("v2.json"), one("fields.json")
    assert (new.native, new.title, new.published, new.updated) == (old.native, old.title, old.published, old.updated)
    for key in ("status", "phase", "conditions", "interventions", "sponsor", "countries", "enrolment", "started",
                "completed", "has_results"):  # fmt: skip
        assert new.extra[key] == old.extra[key], key
    assert "study_type" not in old.extra and "official_title" not in old.extra


def test_the_feed_of_a_search() -> None:
    entry = one("search.xml")
    assert (entry.native, entry.title, entry.updated) == ("NCT09000001", "Cells for Knees", "2026-11-20")
    assert read("search.xml").problems == ()


def test_a_withdrawn_trial_a_day_of_1900_and_a_study_without_number() -> None:
    index = read("v2.json")
    assert [entry.native for entry in index.entries] == ["NCT09000001", "NCT09000002"]
    gone = index.entries[1].extra
    assert (gone["status"], gone["withdrawn"], gone["why_stopped"]) == ("WITHDRAWN", True, "No money")
    assert "started" not in gone
    assert index.problems == (
        "record 3: a study without NCT number",
        "NCT09000002: started '1900-01-01' is no day",
    )
    assert index.follow == (f"{URL}&pageToken=NF0g5JGBlPMg",)


def test_a_downloaded_list_is_a_page() -> None:
    whole = (ANSWERS / "v2.json").read_bytes()
    start, end = whole.index(b'"studies": ') + 11, whole.index(b',\n "nextPageToken"')
    index = clinicaltrials.parse(whole[start:end], url=URL, fetched=NOW)
    assert len(index.entries) == 2 and not index.follow


def test_half_a_page_of_version_1_is_named() -> None:
    body = (ANSWERS / "v1.json").read_bytes().replace(b'"NStudiesReturned": 1', b'"NStudiesReturned": 3')
    index = clinicaltrials.parse(body, url=URL, fetched=NOW)
    assert len(index.entries) == 1
    assert index.problems == ("1 studies where the answer promises 3: the rest is missing",)
    empty = b'{"FullStudiesResponse": {"NStudiesFound": 0, "NStudiesReturned": 0}}'
    assert clinicaltrials.parse(empty, url=URL, fetched=NOW).entries == ()


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "empty"),
        (b"<html><title>Busy</title></html>", "a page of HTML in place of JSON: Busy"),
        (b"NCT number NCT99999999 not found", "NCT99999999 not found"),
        (b'{"studies": [{}]}', "none of 1 records can be read"),
        (b"[{}]", "a study without NCT number"),
        (b'{"studies": null}', "without studies"),
        (b'{"resultsSection": {}}', "without studies"),
        (b'{"protocolSection": {"identificationModule": {"nctId": "NCT000001"}}}', "NCT000001"),
        (b'{"FullStudiesResponse": {"NStudiesReturned": 5}}', "0 studies where the answer promises 5"),
        (b'{"FullStudiesResponse": {}}', "without their number"),
        (b"<?xml version='1.0'?><clinical_study><id_info/></clinical_study>", "without NCT number"),
        (b"<?xml version='1.0'?><clinical_study><id_info>", "breaks off"),
        (b"<?xml version='1.0'?><opml/>", "a <opml>, no study"),
        ((ANSWERS / "v2.json").read_bytes()[:700], "breaks off"),
    ],
)
def test_what_is_malformed_is_named_and_never_empty(body: bytes, said: str) -> None:
    with pytest.raises(ApiError, match=said):
        clinicaltrials.parse(body, url=URL, fetched=NOW)


@pytest.mark.parametrize(
    ("said", "now"),
    [
        ("Active, not recruiting", "ACTIVE_NOT_RECRUITING"), ("No longer recruiting", "ACTIVE_NOT_RECRUITING"),
        ("Unknown status", "UNKNOWN"), ("Enrolling by invitation", "ENROLLING_BY_INVITATION"),
        ("Observational [Patient Registry]", "OBSERVATIONAL"), ("None (Open Label)", "NONE"),
        ("Single Group Assignment", "SINGLE_GROUP"), ("Quadruple (Participant, Investigator)", "QUADRUPLE"),
        ("Double Blind", "DOUBLE"), ("Early Phase 1", "EARLY_PHASE1"), ("Phase 4", "PHASE4"), ("", ""),
    ],
)  # fmt: skip
def test_old_words_are_the_new_ones(said: str, now: str) -> None:
    assert normal_word(said) == now


def test_phases_countries_headings_and_days() -> None:
    assert normal_phases(("Phase 1/Phase 2",), "Interventional") == ["PHASE1", "PHASE2"]
    assert normal_phases(("N/A",), "Observational") == [] and normal_phases(("N/A",), "Interventional") == ["NA"]
    assert normal_countries(("Korea, Republic of", "South Korea", "Türkiye", "")) == ["South Korea", "Turkey (Türkiye)"]
    assert (mesh_ui("D000008175"), mesh_ui("D000067128"), mesh_ui("D013234")) == ("D008175", "D000067128", "D013234")
    written = ("May 3, 2012", "May 2012", "2012-5", "2012", "2012-05-03T10:00:00Z")
    assert [parse_partial_day(raw) for raw in written] == ["2012-05-03", "2012-05", "2012-05", "2012", "2012-05-03"]
    invalid = ("1900-01-01", "January 1900", "Smarch 3, 2012", "2012-02-30", "", "soon")
    assert [parse_partial_day(raw) for raw in invalid] == [None] * 6
