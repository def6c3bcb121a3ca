"""Labels as a whole: the golden texts of tests/labels, the seams with the tables, and odd input."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.facets import facets
from core.records import Concept, Json, Label, Mention
from nlp.classify import label_text, make_label_json
from nlp.classify.claims import find_strength
from nlp.classify.page import LONGEST, Page, Paper, make_text_page, sentences
from nlp.classify.stage import load_families, version

GOLDEN = Path(__file__).parents[1] / "labels"


def rows() -> Iterator[Any]:
    """Every text of tests/labels that says which labels it must have."""
    for path in sorted(GOLDEN.glob("*.jsonl")):
        for row in map(json.loads, path.read_text("utf-8").splitlines()):
            if "want" in row or "has" in row:
                yield pytest.param(row, id=f"{path.stem}: {row['title'][:40] or row['text'][:30]}")


def page(**given: object) -> Page:
    usual: Json = {
        "id": "d", "kind": "", "source_kind": "", "source_scope": "mixed", "country": None, "lang": "en", "title": "",
        "text": "",
    }  # fmt: skip
    return Page(**(usual | given))


def page_of_golden(row: dict[str, Any]) -> Page:
    known = ("title", "text", "kind", "source_kind", "lang", "extra", "translated")
    return page(**{name: row[name] for name in known if name in row})


def values(labels: list[Label], facet: str) -> list[str]:
    """The values that are shown."""
    shows = facets().by_name["label", facet].shows
    return [label.value for label in labels if label.facet == facet and shows(label.value, label.score)]


@pytest.mark.parametrize("row", list(rows()))
def test_golden(row: dict[str, Any]) -> None:
    labels = label_text(page_of_golden(row))
    for facet, wanted in row.get("want", {}).items():
        assert sorted(values(labels, facet)) == sorted(wanted), facet
    for facet, some in row.get("has", {}).items():
        assert set(some) <= set(values(labels, facet)), facet
    for facet, sentence in row.get("sentence", {}).items():
        assert sentence in [label.sentence for label in labels if label.facet == facet]
    for label in labels:
        if label.start is not None:
            assert label.sentence == row["text"][label.start : label.end], label


@pytest.mark.parametrize(
    ("sentence", "step"),
    [pair for row in map(json.loads, (GOLDEN / "claims.jsonl").read_text("utf-8").splitlines())
     for pair in row["sentences"].items()],
)  # fmt: skip
def test_how_strong_a_claim_is(sentence: str, step: str) -> None:
    assert find_strength(sentence) == step


def test_a_linked_record_speaks_before_the_text() -> None:
    paper = Paper(
        id="pmid:99000001", kind="paper", title="Marrow cells", text="",
        extra={"types": ["Randomized Controlled Trial"], "affiliations": ["Some University, Seoul, Korea."]},
    )  # fmt: skip
    labels = label_text(
        page(kind="news", title="Cells help knees", text="Earlier, mice walked better.", papers=(paper,))
    )
    (evidence,) = (label for label in labels if label.facet == "evidence")
    assert (evidence.value, evidence.component.endswith(":pmid:99000001")) == ("clinical trial", True)
    assert values(labels, "country") == ["KR"]


def test_news_that_says_more_than_its_paper() -> None:
    text = "In this cohort the cells were associated with less pain."
    paper = Paper(id="doi:10.5555/x", kind="paper", title="Cells and pain: a cohort", text=text, extra={})
    labels = label_text(page(kind="news", title="Cells reduce pain", text="A study found it.", papers=(paper,)))
    assert values(labels, "claim_gap") == ["says more than the paper"]
    same = label_text(
        page(kind="news", title="Cells are linked to less pain", text="A study says so.", papers=(paper,))
    )
    assert values(same, "claim_gap") == []
    alone = label_text(page(kind="news", title="Cells reduce pain", text="A study found it."))
    assert values(alone, "claim_gap") == []


def mention(text: str, surface: str, kind: str, concept: str) -> Mention:
    at = text.index(surface)
    return Mention(
        document="d", part="text", start=at, end=at + len(surface), type=kind, surface=surface, concept=concept,
        score=1.0, why="", component="",
    )  # fmt: skip


def test_the_country_is_where_the_work_was_done() -> None:
    text = (
        "Researchers at Kyoto University treated seven patients. The journal is published in Germany. "
        "A doctor in Seoul who had no part in the work called it early."
    )
    found = make_text_page(
        doc="d", title="A graft for the brain", text=text, lang="en",
        mentions=(mention(text, "Kyoto University", "INSTITUTION", "ROR:1"), mention(text, "Germany", "PLACE", "DE"),
                  mention(text, "Seoul", "PLACE", "city:KR-seoul")),
        concepts=tuple(
            Concept(id=i, type="PLACE", name=i, country=c, url=None, origin="")
            for i, c in (("ROR:1", "JP"), ("DE", "DE"), ("city:KR-seoul", "KR"))
        ),
    )  # fmt: skip
    assert make_label_json(label_text(found))["countries_of_work"] == ["JP"]


def test_one_object_for_machines() -> None:
    shown = make_label_json(label_text(page(title="Stem cells mend nerves", text="They were injected into rats.")))
    wanted = {
        "source_kind": "news", "evidence_stage": ["animal"], "species": ["rat"], "relevant_to_stem_cells": True,
        "countries_of_work": [], "therapy": [], "only_in_animals": True, "translated": False, "marketing": False,
    }  # fmt: skip
    assert {key: shown[key] for key in wanted} == wanted
    assert shown.keys() == {facet.as_json.key for facet in facets().of_kind("label")}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n\n \n",
        "a" * 50_000,
        "word " * 12_000,
        "1 2 3\t4 5 6\n" * 400,
        "“" * 3000 + "mice",
        "Zellen wurden Mäusen gegeben. Es half ihnen.",
        "in " * 3000 + "mice?",
    ],
)
def test_odd_text_gives_labels_with_their_sentences(text: str) -> None:
    labels = label_text(page(title="", text=text))
    assert {"scope", "evidence", "source_kind"} <= {label.facet for label in labels}
    for label in labels:
        assert len(label.sentence) <= LONGEST
        if label.start is not None:
            assert label.sentence == text[label.start : label.end]


def test_sentences_end_where_sentences_end() -> None:
    text = "Dr. Mori of the U.S. group gave 1.8 ml. It helped! 細胞を移植した。結果は良い。\nA heading\n\nMore."
    assert [text[start:end] for start, end in sentences(text)] == [
        "Dr. Mori of the U.S. group gave 1.8 ml.", "It helped!", "細胞を移植した。", "結果は良い。", "A heading",
        "More.",
    ]  # fmt: skip


def test_every_family_has_a_component_and_facets() -> None:
    declared = {facet.file for facet in facets().of_kind("label")}
    assert declared == {f"{family.__name__.replace('.', '/')}.toml" for family in load_families()}
    assert all(family.COMPONENT.startswith(f"{family.__name__.rpartition(chr(46))[2]}/") for family in load_families())
    assert version() == version()
