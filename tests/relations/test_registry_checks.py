"""Claims about trials, compared with a registry that the tests make."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, cast

import pytest

from core.config import Config, Crawl
from core.records import Document, Figure, Json, Mention, Report
from core.stage import run_stage
from core.store import Store, new_run, open_store
from relations import registry_checks as checks
from relations.registry_checks import fill_in_query, judge
from relations.registry_claims import FigureRow, find_claim, list_country_names, load_claim_types

CONFIG = Config(crawl=Crawl(contact="mailto:desk@stemwire.example"))


def figure(value: float, subject: str, sentence: str, **more: object) -> FigureRow:
    plain = {"document": "https://gate.example/n", "part": "text", "start": 3, "end": 9, "value": value, "high": None,
             "unit": "", "subject": subject, "period": None, "place": None, "modifier": "exact", "series": None,
             "sentence": sentence, "component": "test", "day": "2026-11-22"}  # fmt: skip
    return cast(FigureRow, plain | more)


@pytest.mark.parametrize(
    ("said", "claim", "values"),
    [
        (figure(6000, "clinical trials", "More than 6,000 clinical trials run."), "trials in the registry", {}),
        (figure(6000, "studies", "ClinicalTrials.gov returns upwards of 6,000 studies."), "trials in the registry", {}),
        (figure(60, "trials", "It lists 60 clinical trials, finished and under way."), "trials in the registry", {}),
        (figure(200, "indications", "Trials deal with over 200 indications."), "indications", {}),
        (figure(40, "countries", "Trials run in 40 countries."), "countries with trials", {}),
        (figure(10, "trials", "There were 10 clinical trials."), "trials in the registry", {}),
        (figure(10, "trials", "There were 10 trials.", place="JP"), "trials in a country", {"country": '["Japan"]'}),
        (figure(10, "trials", "There are 10 trials in Japan."), "trials in a country", {"country": '["Japan"]'}),
        (figure(12, "trials", "Of these, 12 phase III trials are known."), "trials of a phase", {"phase": "PHASE3"}),
        (figure(7, "trials", "Seven trials for knee osteoarthritis are listed."), "trials for a condition",
         {"condition": "knee osteoarthritis"}),
        (figure(9, "trials", "Nine trials are recruiting."), "trials that recruit", {}),
    ],
)  # fmt: skip
def test_the_type_of_a_claim_depends_on_what_it_counts(said: FigureRow, claim: str, values: dict[str, str]) -> None:
    found = find_claim(said, frozenset({"knee osteoarthritis", "osteoarthritis"}))
    assert found is not None and (found.type.name, dict(found.values)) == (claim, values)


@pytest.mark.parametrize(
    "said",
    [
        figure(133, "cases", "It distributed 133 cases to research institutions."),
        figure(1.8, "trials", "That is 1.8 times the trials of last year.", modifier="multiple"),
        figure(40, "trials", "40 % of the trials failed.", unit="%"),
        figure(12, "patients", "The clinical trial took in 12 patients."),
        figure(30, "mice", "Thirty mice were used in the study."),
        figure(5, "studies", "Five animal studies came before."),
        figure(2.5, "trials", "2.5 trials a year."),
        figure(10, "trials", "There were 10 clinical trials " + "in Japan and " * 10_000 + "Korea."),
    ],
)
def test_what_is_no_count_of_trials_is_no_claim(said: FigureRow) -> None:
    assert find_claim(said) is None


CLAIM = find_claim(figure(10, "trials", "There were 10 clinical trials."))


@pytest.mark.parametrize(
    ("said", "found", "verdict"),
    [
        ({"modifier": "at least"}, 10, "consistent"), ({"modifier": "at least"}, 9, "cannot tell"),
        ({}, 10, "consistent"), ({}, 11, "differs"), ({}, 9, "cannot tell"),
        ({"modifier": "approximate"}, 11, "consistent"), ({"modifier": "approximate"}, 12, "differs"),
        ({"modifier": "at most"}, 11, "differs"), ({"modifier": "at most"}, 3, "cannot tell"),
        ({"high": 20.0}, 15, "consistent"), ({"high": 20.0}, 25, "differs"), ({}, None, "cannot tell"),
    ],
)  # fmt: skip
def test_a_part_of_the_registry_can_only_show_that_there_are_more(
    said: dict[str, Any], found: float | None, verdict: str
) -> None:
    assert CLAIM is not None
    result = judge(figure(10, "trials", "", **said), found, CLAIM.type, trials=50)
    assert result.verdict == verdict
    assert found is None or "a part of the registry is here: the 50 trials" in result.why


LIKE = "ClinicalTrials.gov lists ten stem cell trials in Japan."


def test_a_sentence_about_all_registered_trials_of_stem_cells_is_compared() -> None:
    found = find_claim(figure(10, "stem cell trials", LIKE), frozenset(), ["ClinicalTrials.gov", "stem cell"])
    assert found is not None and found.unlike == ""


@pytest.mark.parametrize(
    ("said", "named", "because"),
    [
        (figure(10, "major systemic diseases", "Registered stem cell trials deal with 10 major systemic diseases."), [],
         "body systems"),
        (figure(10, "body systems", "Registered stem cell trials deal with ten body systems."), [], "body systems"),
        (figure(200, "indications", "The registry has stem cell trials for 200 indications."), [], "body systems"),
        (figure(7, "trials", "The registry lists seven stem cell trials for stroke."), [], "in several ways"),
        (figure(9, "trials", "Nine registered stem cell trials are recruiting."), [], "the status of today"),
        (figure(9, "trials", "Nine stem cell trials were registered in Japan.", period="2019"), [], "of 2019"),
        (figure(9, "trials", "Nine trials are registered in Japan."), [], "does not say"),
        (figure(9, "trials", "There are nine stem cell trials in Japan."), [], "does not say"),
        (figure(2, "trials", "Two trials with iPSC are registered in Japan; stem cell science is slow."), [], "iPSC"),
        (figure(2, "trials", "The company registered two stem cell trials in Japan."), [], "company"),
        (figure(2, "trials", "Two completed stem cell trials are in the registry."), [], "completed"),
        (figure(2, "trials", "Corcell has two stem cell trials in Japan's registry."), ["Corcell"], "Corcell"),
        (figure(6000, "trials", "The registry has 6,000 stem cell trials, of gout and much else."), ["gout"], "gout"),
    ],
)  # fmt: skip
def test_unlike_things_are_not_compared(said: FigureRow, named: list[str], because: str) -> None:
    found = find_claim(said, frozenset({"stroke"}), named)
    assert found is not None and because in found.unlike
    verdict = judge(said, 500.0, found.type, trials=900, unlike=found.unlike)
    assert verdict.verdict == "cannot tell" and because in verdict.why and "500" not in verdict.why


@pytest.mark.parametrize(
    ("sentence", "condition"),
    [
        ("There are seven stroke trials.", "stroke"),
        ("There are seven trials in patients with acute stroke.", "stroke"),
        ("There are 6,000 trials for more than 200 indications, stroke among them.", None),
        ("After a stroke she took part in one of seven trials.", None),
        ("Seven trials deal with hearts, and stroke comes next.", None),
    ],
)
def test_a_condition_belongs_to_the_trials_that_are_counted(sentence: str, condition: str | None) -> None:
    found = find_claim(figure(7, "trials", sentence), frozenset({"stroke"}))
    assert found is not None and dict(found.values).get("condition") == condition


@pytest.mark.parametrize(
    ("sentence", "phase"),
    [
        ("There are twelve phase 3 trials.", "PHASE3"),
        ("There are twelve phase II clinical trials.", "PHASE2"),
        ("Of twelve trials only one came to phase 3.", None),
        ("Phase 3 costs much, so there are only twelve trials.", None),
    ],
)
def test_a_phase_belongs_to_the_trials_that_are_counted(sentence: str, phase: str | None) -> None:
    found = find_claim(figure(12, "trials", sentence))
    assert found is not None and dict(found.values).get("phase") == phase


def test_every_query_runs_and_is_shown_whole(tmp_path: Path) -> None:
    with open_store(tmp_path / "work.db", "work") as store:
        for claim in load_claim_types():
            values = {"country": '["South Korea"]', "phase": "PHASE2", "condition": "crohn's disease"}
            query = fill_in_query(claim.query.replace(":registered", checks.REGISTERED), values | {"day": "2026-11-22"})
            assert store.value(query) == 0
            assert not re.search(r":(?:country|phase|condition|day|registered)", query)


def test_countries_have_the_names_of_registries() -> None:
    assert "South Korea" in list_country_names("KR") and "Germany" in list_country_names("DE")


def document(ident: str, kind: str, day: str, extra: Json) -> Document:
    return Document(
        id=ident, entry=ident, source="s", kind=kind, url=ident, title=ident, text="t", summary="",
        authors=(), lang="en", published=day, published_from=None, dates=(), identifiers={}, links=(), extra=extra,
        licence="full", translated=None, state="current", capture="c", first_seen=f"{day}T00:00:00Z",
        hash=json.dumps(extra),
    )  # fmt: skip


def trial(number: int, country: str = "Japan", day: str = "2025-01-01", condition: str = "Stroke") -> Document:
    extra = {"countries": [country], "conditions": [condition], "dates": {"registered": day, "updated": "2026-11-20"}}
    return document(f"nct:NCT{number:08d}", "trial", day, extra)


def night(store: Store, *records: object) -> Report:
    run = new_run(store, "test")
    with store.writing():
        store.save(*records)
    return run_stage(checks.stage(CONFIG), store, run)


def a_figure(row: FigureRow) -> Figure:
    return Figure(**{name: value for name, value in row.items() if name != "day"})  # type: ignore[arg-type]


def test_through_the_driver_with_a_dated_snapshot(tmp_path: Path) -> None:
    said = a_figure(figure(2, "trials", "The registry has two stem cell trials in Japan.", modifier="exact"))
    with open_store(tmp_path / "work.db", "work") as store:
        night(store, document("https://gate.example/n", "explainer", "2025-06-01", {}), said, trial(1), trial(2),
              trial(3, country="South Korea"), trial(4, day="2026-01-01"))  # fmt: skip
        (row,) = store.rows("SELECT * FROM registry_check")
        assert (row["claim"], row["verdict"], row["found"], row["snapshot"]) == (
            "trials in a country", "consistent", 2.0, "2026-11-20")  # fmt: skip
        assert store.value(row["query"]) == 2
        assert night(store).seen == 0
        assert night(store, trial(5)).done == 1


def test_a_claim_that_is_repeated_is_one_row_of_its_mildest_wording(tmp_path: Path) -> None:
    sentence = "The registry has {} stem cell trials in Japan."
    said = [a_figure(figure(1, "trials", sentence.format("one"), start=place, end=place + 1)) for place in range(7)]
    mild = figure(1, "trials", sentence.format("more than one"), start=20, end=21, modifier="at least")
    other = figure(2, "trials", sentence.format("two"), start=30, end=31)
    with open_store(tmp_path / "work.db", "work") as store:
        night(store, document("https://gate.example/n", "explainer", "2025-06-01", {}), *said, a_figure(mild),
              a_figure(other), trial(1), trial(2))  # fmt: skip
        rows = store.rows("SELECT start, value, verdict FROM registry_check ORDER BY start")
        assert [tuple(row.values()) for row in rows] == [(20, 1.0, "consistent"), (30, 2.0, "consistent")]


def test_what_the_document_names_in_the_sentence_is_looked_at(tmp_path: Path) -> None:
    one = figure(2, "trials", "The registry has two stem cell trials in Japan by Corcell.")
    named = Mention(document=one["document"], part="text", start=50, end=57, type="INSTITUTION", surface="Corcell",
                    concept=None, score=1.0, why="w", component="c")  # fmt: skip
    with open_store(tmp_path / "work.db", "work") as store:
        night(store, document("https://gate.example/n", "explainer", "2025-06-01", {}), a_figure(one),
              trial(1), trial(2), trial(3))  # fmt: skip
        assert [row["verdict"] for row in store.rows("SELECT verdict FROM registry_check")] == ["differs"]
        assert night(store, named).done == 1, "it is due again"
        (row,) = store.rows("SELECT * FROM registry_check")
        assert (row["verdict"], row["found"]) == ("cannot tell", None) and "Corcell" in row["why"]
