"""A label or link below the threshold of its facet: in work.db, on no list; only the document's page tells of it."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from core.config import ROOT, Config
from core.facets import facets
from core.records import Label
from core.store import Store
from nlp.classify import make_label_json, make_unsure_json
from publish.stage import publish
from tests.present import present
from tests.publish.reader import Reader

PAGE = "/document/vesicles-from-neural-crest-cells-help-crushed-nerves-of-4b0363b3cc86"


@pytest.fixture
def careful(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The table of facets with other thresholds: evidence 0.95 (animal 0.95), species 0.5, links to papers 0.95."""
    for place in ("nlp/entities", "nlp/classify"):
        for path in (ROOT / place).glob("*.toml"):
            copy = tmp_path / "declared" / place / path.name
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, copy)
    core = tmp_path / "declared" / "core" / "facets.toml"
    core.parent.mkdir()
    core.write_text((ROOT / "core" / "facets.toml").read_text("utf-8"), "utf-8")
    _set(core, "link.paper", "threshold = 0.95")
    evidence = tmp_path / "declared" / "nlp" / "classify" / "evidence.toml"
    _set(evidence, "facet.evidence", "threshold = 0.5", "thresholds = { animal = 0.95 }")
    _set(evidence, "facet.species", "threshold = 0.5")
    monkeypatch.setattr("core.facets.ROOT", tmp_path / "declared")
    facets.cache_clear()
    yield
    facets.cache_clear()


def _set(path: Path, table: str, *lines: str) -> None:
    """The table with these lines instead of its own thresholds."""
    before, head, rest = path.read_text("utf-8").partition(f"[{table}]\n")
    own, sign, after = rest.partition("\n[")
    kept = [line for line in own.splitlines() if not line.startswith("threshold")]
    path.write_text(f"{before}{head}" + "\n".join([*lines, *kept]) + f"\n{sign}{after}", "utf-8")


def test_what_is_below_is_shown_by_its_sentence_only(
    config: Config, work: Store, careful: None, at_night: None
) -> None:
    edition = present(publish(config, work).edition)
    with closing(sqlite3.connect(config.editions / f"{edition.name}.db")) as db:
        values = {row[0] for row in db.execute("SELECT value FROM label WHERE facet IN ('evidence', 'species')")}
        assert "mouse" in values and "animal" not in values
        assert "animal" in {row[0] for row in db.execute("SELECT value FROM unsure WHERE facet = 'evidence'")}
        assert not db.execute("SELECT 1 FROM facet WHERE facet = 'evidence' AND value = 'animal'").fetchall()
        assert ("doi:10.5555/cfr.2026.008",) in db.execute("SELECT value FROM unsure WHERE facet = 'paper'").fetchall()
        assert not db.execute("SELECT 1 FROM link WHERE ident = 'doi:10.5555/cfr.2026.008'").fetchall()
    site = Reader(config)
    try:
        page = site.get(PAGE).text
        assert "stage not said" in page and "The text says: <q" in page
        assert "evidence=animal" not in page
        assert PAGE not in site.get("/search?evidence=animal").text
    finally:
        site.close()


def test_read_gives_what_is_shown_and_the_rest_apart(careful: None) -> None:
    labels = [_label("animal", 0.9), _label("phase 1", 0.9), _label("organoid", 0.3)]
    assert make_label_json(labels)["evidence_stage"] == ["phase 1"]
    assert make_unsure_json(labels) == {
        "evidence_stage": [
            {"value": "animal", "score": 0.9, "sentence": "It was so."},
            {"value": "organoid", "score": 0.3, "sentence": "It was so."},
        ]
    }


def _label(value: str, score: float) -> Label:
    return Label(
        document="d", facet="evidence", value=value, score=score, sentence="It was so.", start=0, end=10, component="t"
    )  # fmt: skip
