"""Gold 2: how the halves are made, and what is counted as right. The texts are made up."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from bench import gold2
from bench.gold2 import Sums, half_of, measure_gold2, measure_text, publisher_of, show_sums
from bench.measure import INPUTS
from core.reading import Read
from core.records import Concept, Mention, Topic

TITLE = "Cells mend a heart"


def mention(kind: str, surface: str, role: str | None = None) -> Mention:
    return Mention(
        document="d", part="text", start=0, end=len(surface), type=kind, surface=surface, concept=None, score=1.0,
        why="", component="test/1", role=role,
    )  # fmt: skip


def topic(concept: str, weight: float, about: int = 1) -> Topic:
    return Topic(document="d", concept=concept, about=about, weight=weight, role=None, why="")


def a_read(*mentions: Mention, topics: tuple[Topic, ...] = (), **labels: object) -> Read:
    named = [
        ("MONDO:1", "DISEASE", "heart failure"),
        ("MONDO:2", "DISEASE", "cancer"),
        ("UBERON:1", "ANATOMY", "heart"),
    ]
    concepts = [Concept(id=i, type=t, name=n, country=None, url=None, origin="") for i, t, n in named]
    return Read(
        doc="d", title=TITLE, text="", mentions=mentions, concepts=tuple(concepts), labels=dict(labels), figures=(),
        lang="en", note="",
        topics=topics,
    )  # fmt: skip


def a_row(**more: object) -> dict[str, Any]:
    return {"doc": "33-dev-news-1", "agreed": {}, "optional": {}, "roles": {}, "labels": {}} | more


def figures(row: Mapping[str, Any], read: Read, about: list[str] | None = None) -> dict[str, tuple[float | None, int]]:
    sums = Sums()
    measure_text(row, read, about, [sums])
    return {one.measure: (one.value, one.n) for one in show_sums("x", sums, ["treated", "background"])}


@pytest.mark.parametrize(
    ("address", "publisher"),
    [
        ("http://www.Probe.example/1", "probe.example"),
        ("https://web.archive.org/web/20100101/http://probe.example:80/1", "probe.example"),
        ("https://web.archive.org/web/2010/www.probe.example/1", "probe.example"),
    ],
)
def test_one_publisher_has_one_name(tmp_path: Path, address: str, publisher: str) -> None:
    folder = tmp_path / "33_releases" / "HealthRelease"
    folder.mkdir(parents=True)
    (folder / "news_reviews_00001.json.gz").write_bytes(gzip.compress(json.dumps({"url": address}).encode()))
    assert publisher_of("33-dev-news-00001", tmp_path) == publisher
    assert publisher_of("02-dev-de-WAZ-25_11_06", tmp_path) == "WAZ"
    assert publisher_of("33-dev-story-00009", tmp_path) == "33-dev-story-00009", "without its page it stands alone"


def test_halves_are_of_fair_size() -> None:
    if not (gold2.GOLD2 / "dev.jsonl").is_file() or not (INPUTS / "33_health_news_releases").is_dir():
        pytest.skip(f"no gold 2 beside {INPUTS}")
    docs = [json.loads(line)["doc"] for line in (gold2.GOLD2 / "dev.jsonl").read_text("utf-8").splitlines()]
    halves = [half_of(publisher_of(doc, INPUTS)) for doc in docs]
    assert 0.4 * len(docs) <= halves.count("tune") <= 0.6 * len(docs)


def test_stages_that_the_guides_draw_apart_are_not_asked() -> None:
    row = a_row(labels={"evidence_stage": ["animal", "planned trial"]})
    rows = figures(
        row, a_read(evidence_stage=["animal", "phase 1", "none"], below_threshold={"evidence_stage": ["review"]})
    )
    assert rows["evidence_f1"] == (2 / 3, 1)
    assert rows["stage_precision"] == (0.5, 2) and rows["stage_recall"] == (1.0, 1)
    assert rows["stage_exact"] == (0.0, 1) and rows["stage_coverage"] == (1.0, 1)
    assert figures(a_row(labels={"evidence_stage": None}), a_read(evidence_stage=["animal"]))["stage_exact"] == (
        None,
        0,
    )


def test_the_commonest_role_of_a_surface_counts_and_either_reader_is_right() -> None:
    row = a_row(roles={"DISEASE": {"heart failure": "treated", "cancer": ["background", "risk"], "stroke": "treated"}})
    read = a_read(
        mention("DISEASE", "Heart failure", role="background"), mention("DISEASE", "heart failure", role="treated"),
        mention("DISEASE", "heart failure", role="treated"), mention("DISEASE", "cancer", role="background"),
    )  # fmt: skip
    rows = figures(row, read)
    assert rows["role_background"] == (1.0, 1)
    assert rows["role_treated"] == (2 / 3, 2), "a disease that was not found is missed"
    assert rows["roles_macro_f1"] == ((1 + 2 / 3) / 2, 3)
    assert figures(row, a_read(mention("DISEASE", "cancer")))["roles_macro_f1"][0] == 0.0, "no role is no answer"


def test_first_concepts_are_held_against_what_the_text_is_about() -> None:
    topics = (topic("MONDO:2", 1.0), topic("UBERON:1", 9.0), topic("MONDO:1", 2.0))
    rows = figures(a_row(), a_read(topics=topics), ["MONDO:1"])
    assert rows["top3_right"] == (0.5, 2), "anatomy is not on cards"
    assert rows["top3_coverage"] == (1.0, 1)
    assert figures(a_row(), a_read(topics=topics), ["heart failure", "MONDO:2 tumour"])["top3_right"] == (1.0, 2)
    only_named = a_read(topics=(topic("MONDO:1", 2.0, about=0),))
    assert figures(a_row(), only_named, ["MONDO:1"])["top3_coverage"] == (0.0, 1)
    assert figures(a_row(), only_named, [])["top3_coverage"] == (None, 0)
    assert figures(a_row(), a_read(topics=topics))["top3_right"] == (None, 0)


def test_errors_are_told_of_the_half_to_tune_on_only(tmp_path: Path) -> None:
    (tmp_path / "texts").mkdir()
    names = {half: next(f"Paper{n}" for n in range(99) if half_of(f"Paper{n}") == half) for half in ("tune", "held")}
    docs = {half: f"02-dev-us-{name}-25_01_01" for half, name in names.items()}
    rows = [a_row(doc=doc, agreed={"DISEASE": ["heart failure"]}, labels={"lang": "de"}) for doc in docs.values()]
    (tmp_path / "dev.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    for doc in docs.values():
        (tmp_path / "texts" / f"{doc}.txt").write_text(f"{TITLE}\n\nNothing is said.", "utf-8")
    said: list[str] = []
    read = a_read(mention("SPECIES", "Maus"))
    found = list(measure_gold2(tmp_path, tmp_path, lambda **_: read, said.append, "ALL"))
    assert said == [f"DISEASE - {docs['tune']} heart failure", f"SPECIES + {docs['tune']} maus"]
    figures = {(row.set, row.measure): (row.value, row.n) for row in found}
    assert figures["gold2.other", "false_species"] == (2.0, 2)
    assert figures["gold2.held.other", "false_species"] == (1.0, 1)
    assert figures["gold2", "disease_f1"] == (0.0, 2)
