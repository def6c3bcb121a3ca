"""The shipped tagger: its fingerprint, its size, its decoding, and what its settings may say."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.errors import ConfigError
from nlp.entities import load
from nlp.entities.components import ner_model
from nlp.entities.components.ner_model import get_tagger
from nlp.entities.tagger.decode import agree, decode, find_repeats, transitions
from nlp.entities.tagger.lexicon_features import SLOTS, encode_names
from nlp.entities.tagger.network import STRETCH
from nlp.entities.tagger.package import MODELS, load_tagger
from nlp.entities.tagger.tokens import find_tokens
from training.ner.corpora import CORPORA, HEADS, STYLES, is_held

TEXT = "Rett syndrome was studied in mesenchymal stem cells at the University of Sampleton by Marie Sample. "


def no_hits(starts: Sequence[int], ends: Sequence[int]) -> list[list[int]]:
    return [[0] * len(starts) for _ in SLOTS]


@pytest.mark.parametrize("folder", sorted(path.parent.name for path in MODELS.glob("*/card.json")))
def test_every_model_is_small_and_says_whose_texts_it_learnt_from(folder: str) -> None:
    card = json.loads((MODELS / folder / "card.json").read_text(encoding="utf-8"))
    assert card["licence"] and card["data"]
    assert sum(path.stat().st_size for path in (MODELS / folder).iterdir()) <= 30_000_000


@pytest.mark.parametrize("folder", sorted(path.parent.name for path in MODELS.glob("*/tagger.npz")))
def test_model_is_that_of_its_card(folder: str) -> None:
    tagger = load_tagger(MODELS / folder)
    card = json.loads((MODELS / folder / "card.json").read_text(encoding="utf-8"))
    assert tagger.fingerprint == card["sha256"]
    assert {one["corpus"] for one in card["data"]} <= {one.name for one in CORPORA}
    assert all(one["licence"] for one in card["data"])
    assert card["licence"].startswith("CC BY-SA")


def test_a_model_with_another_fingerprint_is_refused(tmp_path: Path) -> None:
    shutil.copytree(MODELS / "entities", tmp_path / "m")
    with (tmp_path / "m" / "tagger.npz").open("ab") as file:
        file.write(b"x")
    with pytest.raises(ConfigError, match="not the one of its card"):
        load_tagger(tmp_path / "m")
    (tmp_path / "m" / "card.json").write_text("{", encoding="utf-8")
    with pytest.raises(ConfigError, match="cannot be read"):
        load_tagger(tmp_path / "m")


@pytest.mark.full
def test_reading_with_another_model_than_the_cards_ends_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(MODELS / "entities", tmp_path / "entities")
    body = bytearray((tmp_path / "entities" / "tagger.npz").read_bytes())
    body[len(body) // 2] ^= 1
    (tmp_path / "entities" / "tagger.npz").write_bytes(body)
    monkeypatch.setattr(ner_model, "MODELS", tmp_path)
    ner_model.get_tagger.cache_clear()
    try:
        with pytest.raises(ConfigError) as caught:
            load({})
    finally:
        ner_model.get_tagger.cache_clear()
    said = "nlp/models/entities: the model is not the one of its card (restore tagger.npz and card.json)"
    assert str(caught.value) == said


def test_corpora_without_a_clear_licence_are_not_trained_on() -> None:
    assert not {"bioid", "re3d"} & {one.name for one in CORPORA}


def test_tags_plain_text() -> None:
    found = get_tagger("entities").tag(TEXT, [("disease", "bc"), ("news", "cn")], no_hits)
    assert [TEXT[one.start : one.end] for one in found[0]] == ["Rett syndrome"]
    assert "University of Sampleton" in [TEXT[one.start : one.end] for one in found[1]]
    assert all(0 < one.score <= 1 for one in found[0] + found[1])


@pytest.mark.parametrize("text", ["", " ", "\n\n", "🙂", "\u202eabc", "中文", "." * 3000])
def test_odd_text_is_borne(text: str) -> None:
    assert get_tagger("entities").tag(text, [("disease", "bc")], no_hits)


def test_stretches_do_not_show() -> None:
    """A text longer than a stretch is scored as if it went through at once."""
    network = get_tagger("entities").network
    words, starts, _, before = find_tokens(TEXT * 90)
    assert len(words) > 2 * STRETCH
    hits = no_hits(starts, starts)
    (whole,) = network.score(words, before, hits, [("disease", "bc")])
    at = STRETCH
    reach = sum(network.dilations) + 1
    around = slice(at - 3 * reach, at + 3 * reach)
    (part,) = network.score(words[around], before[around], [row[around] for row in hits], [("disease", "bc")])
    assert np.allclose(whole[at - reach : at + reach], part[2 * reach : 4 * reach], atol=1e-4)


def test_decoding_is_that_of_viterbi_over_all_paths() -> None:
    rng = np.random.default_rng(3)
    paths = np.array(list(product(range(5), repeat=6)))
    steps = np.pad(paths, ((0, 0), (1, 1)), constant_values=5)
    moves = transitions(5)[steps[:, :-1], steps[:, 1:]].sum(axis=1)
    for _ in range(50):
        scores = np.log(rng.dirichlet(np.ones(5) * 0.4, size=6)).astype(np.float32)
        path = paths[np.argmax(scores[np.arange(6), paths].sum(axis=1) + moves)]
        spans, first = [], 0
        for at, tag in enumerate(path):
            first = at if tag in (1, 4) else first
            if tag in (3, 4):
                spans.append((first, at + 1, 0))
        assert decode(scores) == spans or scores[:, 0].max() > np.log(0.97)


def test_occurrences_of_an_abbreviation_agree() -> None:
    words = ["PAH", "is", "Known", "PAH", "a", "CD34", "CD34", "I", "I"]
    assert find_repeats(words) == [[0, 3], [5, 6]]
    scores = np.log(np.array([[0.9, 0.1], [0.5, 0.5], [0.5, 0.5], [0.4, 0.6]], dtype=np.float32))
    agree(scores, [[0, 3]])
    assert scores[3].argmax() == 0 and scores[0].argmax() == 0
    assert np.allclose(scores[1:3], np.log(0.5))


def test_hits_are_marked_by_place_in_the_name() -> None:
    _, starts, ends, _ = find_tokens("the Rett syndrome, lupus")
    codes = encode_names({"DISEASE": [(4, 17), (19, 24)], "SPECIES": [(5, 9)]}, starts, ends)
    assert codes[SLOTS.index("DISEASE")] == [0, 1, 3, 0, 4]
    assert codes[SLOTS.index("SPECIES")] == [0, 0, 0, 0, 0]


def test_held_out_documents_are_fixed() -> None:
    assert [one for one in map(str, range(12)) if is_held("bc5cdr", "dev", one, has_dev=True)] == [
        one for one in map(str, range(12)) if is_held("craft_cl", "val", one, has_dev=True)
    ]
    assert not any(is_held("bc5cdr", "train", str(one), has_dev=True) for one in range(100))


def test_card_and_recipes_speak_of_the_same_heads() -> None:
    network = get_tagger("entities").network
    assert network.styles == STYLES
    assert all(head.labels == HEADS[name] for name, head in network.heads.items())


@pytest.mark.parametrize(
    ("section", "message"),
    [
        ({"styles": {"disease": "zz"}}, "no style 'zz'"),
        ({"styles": {"anatomy": "bc"}}, "does not read for 'anatomy'"),
    ],
)
def test_dialects_of_the_config_are_checked(section: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        load(section)


@pytest.mark.full
def test_an_abbreviated_enzyme_is_not_the_disease_of_lacking_it() -> None:
    text = "Canavan disease is caused by deficiency of aspartoacylase (ASPA). The ASPA gene was cloned."
    found = {(one.type, one.surface) for one in load({}).read(document="a", title="", text=text).mentions}
    assert ("DISEASE", "Canavan disease") in found
    assert ("DISEASE", "ASPA") not in found


@pytest.mark.full
def test_a_cell_line_is_no_organisation() -> None:
    text = "Interleukin was measured in Jurkat T cells. Jurkat T cells were then stimulated with phorbol ester."
    found = load({"styles": {"cell_line": "jn", "cell_type": "jn"}}).read(document="a", title="", text=text).mentions
    assert {(one.type, one.surface) for one in found if "Jurkat" in one.surface} == {("CELL_LINE", "Jurkat T cells")}


def test_a_dialect_may_lean_to_finding_more() -> None:
    network = get_tagger("entities").network
    words, starts, _, before = find_tokens(TEXT)
    hits = no_hits(starts, starts)
    (leaning,) = network.score(words, before, hits, [("disease", "nc")])
    lean = network.heads["disease"].lean[network.styles.index("nc")]
    network.heads["disease"].lean[network.styles.index("nc")] = 0
    try:
        (plain,) = network.score(words, before, hits, [("disease", "nc")])
    finally:
        network.heads["disease"].lean[network.styles.index("nc")] = lean
    assert lean > 0 and (leaning[:, 0] <= plain[:, 0]).all() and (leaning[:, 0] < plain[:, 0]).any()
