"""What cards show is held against verdicts: read from a real edition, judged by two readers' words, counted."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from bench import judged, shown
from bench.judged import Judged, merge
from bench.shown_cards import ShownCard, Statement, read_cards, short
from core.records import Mention, Topic
from core.store import open_store
from publish.stage import publish
from tests.publish.conftest import NIGHT, fill, make_config

NERVE = "https://hanbit.example/2026/ev-nerve"
STAGE = Statement(kind="stage", value="animal")
MS = Statement(kind="chip", value="MONDO:0005301", name="multiple sclerosis", type="disease")


def truth(*readers: dict[str, Any], ident: str = "a", part: str = "rest") -> Judged:
    return Judged(id=ident, address="", sha256="", part=part, readers=readers)


def a_card(*statements: Statement, ident: str = "a") -> ShownCard:
    return ShownCard(
        id=ident, address="-", ident=ident, url="https://probe.example/1", title="Cells", text="Text.", source="Probe",
        source_kind="news", lang="en", day="2026-11-22", kind="news", statements=statements,
    )  # fmt: skip


def topic(concept: str) -> Topic:
    return Topic(document=NERVE, concept=concept, about=1, weight=1.0, role=None, why="")


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a night with an edition."""
    folder = tmp_path_factory.mktemp("night")
    config = make_config(folder)
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv("STEMWIRE_NOW", NIGHT)
        with open_store(config.data("work.db"), "work") as work:
            fill(work)
            mentions = [one for one in work.load(Mention, "document = ?", (NERVE,)) if one.concept]
            with work.writing():
                work.save(*(topic(str(concept)) for concept in {one.concept for one in mentions}))
            publish(config, work)
    return folder


def test_statements_are_those_of_card_and_page(night: Path) -> None:
    cards = {card.ident: card for card in read_cards(night)}
    card = cards[NERVE]
    said = {(one.kind, one.value) for one in card.statements}
    assert {("stage", "animal"), ("species", "mouse"), ("country", "KR")} <= said
    assert not {kind for kind, _ in said} & {"claim_headline", "claim_gap"}, "nobody judges those"
    assert [one.value for one in card.statements if one.type == "badge"] == ["mouse", "animal", "retracted"]
    chips = [one for one in card.statements if one.kind == "chip"]
    assert chips and all(one.name and one.type for one in chips)
    assert card.text and card.id == short(NERVE) and len(card.digest) == 64
    assert ("marketing", "highly safe or without risk") in {
        (one.kind, one.value) for one in cards["https://bluebay.example/qna/7"].statements
    }


@pytest.mark.parametrize(
    ("readers", "statement", "word"),
    [
        ([{"stages": ["animal"]}, {"stages": ["animal", "in vitro"]}], STAGE, "right"),
        ([{"stages": ["animal"]}, {"stages": []}], STAGE, "arguable"),
        ([{"stages": ["phase 1"]}, {"stages": []}], STAGE, "false"),
        ([{"stages": ["animal"]}, {}], STAGE, "unjudged"),
        ([{"stages": ["animal"], "verdicts": {"stage:animal": "arguable"}}, {"stages": ["animal"]}], STAGE, "arguable"),
        ([{"headline": True}] * 2, Statement(kind="headline", value="only in animals"), "right"),
        ([{"headline": False}] * 2, Statement(kind="headline", value="only in animals"), "false"),
        ([{"kind": "news"}] * 2, Statement(kind="source_kind", value="news"), "right"),
        ([{"about": ["MONDO:0005301 MS"]}, {"about": ["Multiple sclerosis"]}], MS, "right"),
        ([{"about": ["MONDO:0005301 MS"]}, {"named": ["multiple sclerosis"]}], MS, "arguable"),
        ([{"named": ["MONDO:0005301 MS"]}, {"named": ["multiple sclerosis"]}], MS, "named"),
        ([{"named": ["MONDO:0005301 MS"]}, {"wrong": ["MONDO:0005301"]}], MS, "named"),
        ([{"wrong": ["MONDO:0005301 MS"]}, {"wrong": ["MONDO:0005301"]}], MS, "false"),
        ([{"about": ["cancer"]}, {"about": ["multiple sclerosis"]}], MS, "unjudged"),
        ([], STAGE, "unjudged"),
    ],
)
def test_a_statement_is_right_if_both_readers_say_so(
    readers: list[dict[str, Any]], statement: Statement, word: str
) -> None:
    assert truth(*readers).judge(statement) == word


def figures(cards: Sequence[ShownCard], truths: Sequence[Judged]) -> dict[tuple[str, str], tuple[float | None, int]]:
    verdicts, _ = shown.judge(cards, truths)
    return {(row.set, row.measure): (row.value, row.n) for row in shown.measure("x", verdicts)}


def test_precision_stands_beside_coverage() -> None:
    cards = [a_card(STAGE, MS), a_card(Statement(kind="stage", value="phase 1"), ident="b"), a_card(ident="c")]
    truths = [
        truth(
            {"stages": ["animal"], "about": ["multiple sclerosis"]}, {"stages": ["animal"], "named": ["MONDO:0005301"]}
        ),
        truth(*[{"stages": []}] * 2, ident="b"),
        truth(*[{"stages": ["review"]}] * 2, ident="c"),
    ]  # fmt: skip
    rows = figures(cards, truths)
    assert rows["x.stage", "shown_right"] == (0.5, 2)
    assert rows["x.stage", "shown_coverage"] == (0.5, 2)
    assert rows["x.chip", "shown_right"] == (0.0, 1)
    assert rows["x", "cards_without_untruth"] == (2 / 3, 3), "what is merely named is no untruth"
    assert rows["x", "cards_with_stage"] == (2 / 3, 3)
    assert rows["x", "stage_exact"] == (1 / 3, 3)
    assert rows["x", "text_changed"] == (3.0, 3)


def test_what_no_verdict_covers_is_counted_and_listed() -> None:
    cards = [a_card(STAGE, MS), a_card(STAGE, ident="b")]
    verdicts, unknown = shown.judge(cards, [truth({"stages": ["animal"]}, {"stages": ["animal"]})])
    rows = {(row.set, row.measure): row.value for row in shown.measure("x", verdicts)}
    assert rows["x.chip", "unjudged"] == 1 and rows["x.chip", "shown_right"] is None
    missing = list(shown.unjudged(verdicts, unknown))
    assert [(row["id"], [one["key"] for one in row["shown"]]) for row in missing] == [
        ("a", ["chip:MONDO:0005301"]), ("b", ["stage:animal"]),
    ]  # fmt: skip


def test_the_bench_reads_a_night_and_prints_it(night: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cards = read_cards(night)
    folder, file = tmp_path / "readers", tmp_path / "judged.jsonl"
    asked = ["--night", str(night), "--judged", str(file), "--json"]
    assert shown.main([*asked, "--write", str(folder)]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[0])["value"] == len(cards)
    written = [json.loads(line) for line in (folder / "shown.jsonl").read_text("utf-8").splitlines()]
    assert [row["id"] for row in written] == [card.id for card in cards]
    assert len(list((folder / "texts").iterdir())) == len(cards)
    reader = tmp_path / "reader.jsonl"
    reader.write_text("".join(json.dumps({"id": card.id, "stages": ["animal"]}) + "\n" for card in cards), "utf-8")
    (tmp_path / "dev.txt").write_text(f"{short(NERVE)}\tnerve\n", "utf-8")
    made = ["--cards", str(folder / "shown.jsonl"), "--dev", str(tmp_path / "dev.txt"), str(file)]
    assert judged.main([str(reader), str(reader), *made]) == 0
    capsys.readouterr()
    assert shown.main([*asked, "--unjudged", str(tmp_path / "more.jsonl")]) == 0
    rows = {(row["set"], row["measure"]): row for row in map(json.loads, capsys.readouterr().out.splitlines())}
    assert rows["real_night", "unknown"]["value"] == 0
    assert rows["real_night.dev27.stage", "shown_right"]["value"] == 1.0
    assert rows["real_night", "text_changed"]["value"] == 0
    assert set(rows["real_night", "unknown"]) == {"set", "measure", "value", "anchor", "n"}
    assert (tmp_path / "more.jsonl").read_text("utf-8")


def test_a_document_that_a_reader_left_out_is_an_error() -> None:
    card = {"id": "a", "address": "b", "sha256": "c"}
    with pytest.raises(KeyError):
        merge([card], [[{"id": "a"}], []], set())


@pytest.mark.parametrize("path", sorted(judged.FOLDER.glob("*.jsonl")), ids=lambda path: path.stem)
def test_what_is_kept_of_judged_texts_holds_no_sentence(path: Path) -> None:
    """Ids, digests, names of concepts, our searches and verdicts: nothing as long as a sentence, and no address."""

    def check(said: object) -> None:
        if isinstance(said, str):
            assert len(said.split()) <= 12 and "://" not in said and not said.endswith(". "), said
        elif isinstance(said, dict):
            for key, value in said.items():
                check(key)
                if key != "q":  # a search as somebody may type it, which we wrote
                    check(value)
        elif isinstance(said, list):
            for one in said:
                check(one)

    for line in path.read_text("utf-8").splitlines():
        check(json.loads(line))
