"""A person's correction, through the real commands on a small store: it wins over rules, models and a rebuild."""

from __future__ import annotations

import json
import shutil
import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import pipeline
from core.config import ROOT, load_config
from tests.publish.reader import Reader

NEWSROOM = ROOT / "demo" / "newsroom"
VESICLES = "https://www.konkuk-news.example/press/2025/vesicles-nerve-repair"
WHY = "The release reports cells in a dish; the mice are another group's."


class Desk:
    """An installation with one source, and its commands."""

    def __init__(self, folder: Path) -> None:
        self.path, self.folder = folder / "config.toml", folder
        (folder / "sources").mkdir()
        for name in ("konkuk", "clinicaltrials_stem_cells"):
            shutil.copy(ROOT / "demo" / "sources" / f"{name}.toml", folder / "sources")
        self.path.write_text(
            '[crawl]\ncontact = "mailto:desk@stemwire.example"\ndelay = 0.0\n'
            f'[paths]\ndata = "{folder}/data"\nsources = "{folder}/sources"\neditions = "{folder}/editions"\n',
            "utf-8",
        )

    def run(self, *arguments: str) -> Result:
        return CliRunner().invoke(pipeline.main, ["--config", str(self.path), *arguments])

    def correct(self, *arguments: str) -> Result:
        return self.run("correct", *arguments, "--why", WHY)

    def ask(self, sql: str, *, file: str = "editions/current.db") -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self.folder / file)) as db:
            return db.execute(sql).fetchall()

    def labels(self, facet: str) -> list[tuple[str, str]]:
        """(value, rule) of a facet of the document, as the edition has them."""
        return self.ask(
            "SELECT value, rule FROM label l JOIN document d ON d.id = l.document"
            f" WHERE d.ident = '{VESICLES}' AND facet = '{facet}' ORDER BY value"
        )

    def page(self, address: str) -> str:
        reader = Reader(load_config(self.path))
        try:
            return reader.get(address).text
        finally:
            reader.close()


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    made = Desk(tmp_path_factory.mktemp("correct"))
    done = made.run("nightly", "--recorded", str(NEWSROOM))
    assert done.exit_code == 0, done.output
    return made


def test_a_correction_outlives_a_rebuild_and_another_model(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    said = [value for value, _ in desk.labels("evidence")]
    assert said and "in vitro" not in said
    done = desk.correct(VESICLES, "evidence", "in vitro")
    assert done.exit_code == 0 and "before: " in done.output, done.output
    assert desk.run("publish").exit_code == 0
    (one,) = desk.labels("evidence")
    assert one[0] == "in vitro" and one[1].startswith("person:")
    assert not desk.ask("SELECT 1 FROM facet WHERE facet = 'evidence' AND value = 'animal' AND documents > 1")

    # another model: every document is labelled anew, and the label is as wrong as before
    monkeypatch.setattr(sys.modules["nlp.classify.stage"], "version", lambda: "another")
    counts = json.loads(desk.run("classify", "--json").output.splitlines()[0])
    assert counts["done"] == counts["due_version"] > 0
    machine = desk.ask(f"SELECT value FROM label WHERE document = '{VESICLES}'", file="data/work.db")
    assert set(said) <= {row[0] for row in machine}
    desk.run("publish")
    assert desk.labels("evidence") == [one]

    before = desk.ask("SELECT value FROM meta WHERE name = 'content'")
    done = desk.run("rebuild")
    assert done.exit_code == 0, done.output
    assert desk.labels("evidence") == [one]
    assert desk.ask("SELECT value FROM meta WHERE name = 'content'") == before

    (where,) = desk.ask(f"SELECT '/document/' || slug || '-' || \"key\" FROM document WHERE ident = '{VESICLES}'")
    for address in (where[0], "/search?evidence=in+vitro"):
        assert "checked by a person" in desk.page(address)
    assert WHY.replace("'", "&#39;") in desk.page("/corrections")
    assert "Something%20wrong%3A%20Evidence%3A%20in%20vitro" in desk.page(where[0])


def test_what_people_said_can_be_taken_back(desk: Desk) -> None:
    before = desk.labels("species")
    assert desk.correct(VESICLES, "species", "none").exit_code == 0
    desk.run("publish")
    assert desk.labels("species") == []
    assert desk.correct(VESICLES, "animal", "--withdraw").exit_code == 0
    desk.run("publish")
    assert desk.labels("species") == before
    states = [json.loads(line)["state"] for line in desk.run("correct", "--list", "--json").output.splitlines()]
    assert states[-2:] == ["withdrawn", "in force"]


def test_names_links_and_kinds_can_be_corrected(desk: Desk) -> None:
    ((name,),) = desk.ask("SELECT name FROM entity WHERE type = 'disease' ORDER BY documents DESC, id LIMIT 1")
    for arguments in (
        ("disease", name), ("paper", "https://doi.org/10.5555/ABC.1"), ("kind", "news"), ("published", "2026-01-02"),
    ):  # fmt: skip
        assert desk.correct(VESICLES, *arguments).exit_code == 0, arguments
    desk.run("publish")
    one = f"(SELECT id FROM document WHERE ident = '{VESICLES}')"
    assert desk.ask(f"SELECT kind, day FROM document WHERE id = {one}") == [("news", "2026-01-02")]
    assert desk.ask(f"SELECT ident, how FROM link WHERE document = {one} AND relation = 'paper'") == [
        ("doi:10.5555/abc.1", "person")
    ]
    named = (
        "SELECT e.name FROM entity_document x JOIN entity e ON e.id = x.entity AND e.type = 'disease' AND x.about = 1"
    )
    assert desk.ask(f"{named} WHERE x.document = {one}") == [(name,)]
    assert desk.correct(VESICLES, "disease", name, "--remove").exit_code == 0
    desk.run("publish")
    assert desk.ask(f"{named} WHERE x.document = {one}") == []


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("nothing-like-it", "evidence", "animal"), "no document 'nothing-like-it'"),
        ((VESICLES, "colour", "red"), "no field 'colour' (valid: "),
        ((VESICLES, "evidence", "mouse"), "evidence: no value 'mouse' (valid: in silico, "),
        ((VESICLES, "species", "unicorn"), "--new accepts another"),
        ((VESICLES, "country", "XX"), "country: no value 'XX'"),
        ((VESICLES, "disease", "the vapours"), "disease: no value 'the vapours'"),
        ((VESICLES, "paper", "that one"), "a DOI, PubMed or PMC number, or `none`"),
        ((VESICLES, "trial", "10.5555/abc"), "a registry number"),
        ((VESICLES, "published", "2026-02-30"), "there is no day 2026-02-30"),
        ((VESICLES, "status", "retracted"), "only a notice can say"),
        ((VESICLES, "kind", "news", "paper"), "a document has only one"),
        ((VESICLES, "evidence"), "which value?"),
        ((VESICLES,), "ID and FIELD are missing"),
    ],
)
def test_what_is_unknown_is_one_line_and_exit_2(desk: Desk, arguments: tuple[str, ...], told: str) -> None:
    before = desk.run("correct", "--list").output
    done = desk.correct(*arguments)
    assert done.exit_code == 2 and told in done.output and len(done.output.splitlines()) == 1, done.output
    assert desk.run("correct", "--list").output == before


def test_a_reason_is_asked_for(desk: Desk) -> None:
    done = desk.run("correct", VESICLES, "evidence", "animal")
    assert done.exit_code == 2 and "a correction needs a reason" in done.output


def test_a_correction_follows_its_document_to_a_new_id(desk: Desk) -> None:
    file = desk.folder / "data" / "corrections.jsonl"
    kept = file.read_text("utf-8")
    former = json.loads(kept.splitlines()[0]) | {
        "record": "https://old.example/1",
        "field": "tissue",
        "values": ["fat"],
    }
    with closing(sqlite3.connect(desk.folder / "data" / "work.db")) as work, work:
        columns = [row[1] for row in work.execute("PRAGMA table_info(former_id)")]
        given = {"id": "https://old.example/1", "document": VESICLES}
        work.execute(
            f"INSERT INTO former_id VALUES ({', '.join('?' for _ in columns)})",
            [given.get(name, 0) for name in columns],
        )
    try:
        file.write_text(kept + json.dumps(former) + "\n", "utf-8")
        assert "old.example" not in desk.run("status").output
        assert desk.run("publish").exit_code == 0
        ((value, rule),) = desk.labels("tissue")
        assert value == "fat" and rule.startswith("person:")
    finally:
        file.write_text(kept, "utf-8")
        with closing(sqlite3.connect(desk.folder / "data" / "work.db")) as work, work:
            work.execute("DELETE FROM former_id WHERE id = 'https://old.example/1'")


def test_a_correction_without_its_document_waits_and_is_told(desk: Desk) -> None:
    file = desk.folder / "data" / "corrections.jsonl"
    kept = file.read_text("utf-8")
    lost = json.loads(kept.splitlines()[0]) | {"record": "https://gone.example/1", "title": "Gone"}
    try:
        file.write_text(kept + json.dumps(lost) + "\n", "utf-8")
        for command in ("status", "doctor"):
            assert "https://gone.example/1: evidence (Gone): no such document" in desk.run(command).output
        assert desk.run("publish").exit_code == 0
        assert "not in this edition" in desk.page("/corrections")
        file.write_text(kept + "{}\n", "utf-8")
        done = desk.run("publish")
        assert done.exit_code == 2 and f"corrections.jsonl, line {len(kept.splitlines()) + 1}" in done.output
    finally:
        file.write_text(kept, "utf-8")
