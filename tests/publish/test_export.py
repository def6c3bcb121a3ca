"""The data package of an edition: read back by the rules of Frictionless, and equal to the edition. And the notebook.

The rules are those of Data Package 1 and Table Schema 1: names, paths, profiles, sizes and hashes of resources; types
of cells, missing values, required columns, primary and foreign keys.
"""

from __future__ import annotations

import contextlib
import csv
import hashlib
import io
import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from core.config import ROOT
from core.errors import PublishError, UsageError
from publish.edition.export import TABLES, export
from tests.publish.reader import Newsroom

NOTEBOOK = ROOT / "docs" / "notebooks" / "news-on-retracted-work.ipynb"
READ: dict[str, Any] = {"integer": int, "number": float, "string": str, "array": json.loads}


@pytest.fixture(scope="module")
def package(newsroom: Newsroom, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("export") / "package"
    export(newsroom[1], folder, title="Stemwire", home="https://desk.example")
    return folder


def read_rows(folder: Path, resource: dict[str, Any]) -> list[dict[str, str]]:
    text = (folder / resource["path"]).read_text(resource["encoding"])
    return list(csv.DictReader(io.StringIO(text, newline="")))


def faults(folder: Path) -> list[str]:
    """What is against the rules."""
    package = json.loads((folder / "datapackage.json").read_text("utf-8"))
    found = [] if re.fullmatch(r"[a-z0-9._-]+", package["name"]) else [f"name {package['name']}"]
    found += [] if package["profile"] == "tabular-data-package" and package["resources"] else ["profile"]
    resources = {one["name"]: one for one in package["resources"]}
    found += [] if len(resources) == len(package["resources"]) else ["two resources of one name"]
    rows = {name: read_rows(folder, one) for name, one in resources.items()}
    for name, one in resources.items():
        raw = (folder / one["path"]).read_bytes()
        if ".." in one["path"] or one["path"].startswith("/") or one["profile"] != "tabular-data-resource":
            found.append(f"{name}: path or profile")
        if (one["bytes"], one["hash"]) != (len(raw), f"sha256:{hashlib.sha256(raw).hexdigest()}"):
            found.append(f"{name}: size or hash")
        found += [f"{name}: {fault}" for fault in faults_of_rows(one["schema"], rows[name], rows)]
    return found


def faults_of_rows(schema: dict[str, Any], rows: list[dict[str, str]], others: dict[str, Any]) -> list[str]:
    found = []
    names = [field["name"] for field in schema["fields"]]
    if rows and list(rows[0]) != names:
        found.append("columns")
    for field in schema["fields"]:
        cells = [row[field["name"]] for row in rows]
        given = [cell for cell in cells if cell not in schema["missingValues"]]
        if field.get("constraints", {}).get("required") and len(given) < len(cells):
            found.append(f"{field['name']}: empty though required")
        for cell in given:
            try:
                READ[field["type"]](cell)
            except ValueError:
                found.append(f"{field['name']}: {cell!r} is no {field['type']}")
    if key := schema.get("primaryKey"):
        keys = [tuple(row[name] for name in key) for row in rows]
        if len(set(keys)) < len(keys) or any("" in one for one in keys):
            found.append("primary key")
    for link in schema.get("foreignKeys", []):
        [column], [other] = link["fields"], link["reference"]["fields"]
        known = {row[other] for row in others[link["reference"]["resource"]]}
        if not {row[column] for row in rows} - {""} <= known:
            found.append(f"foreign key {column}")
    return found


def test_the_package_is_valid(package: Path) -> None:
    assert faults(package) == []


def test_the_package_is_the_edition(package: Path, newsroom: Newsroom) -> None:
    described = json.loads((package / "datapackage.json").read_text("utf-8"))
    resources = {one["name"]: one for one in described["resources"]}
    with closing(sqlite3.connect(newsroom[1])) as edition:
        names = [name for (name,) in edition.execute(TABLES)]
        assert list(resources) == names and "document" in names and not [one for one in names if "search" in one]
        for name in names:
            kept = edition.execute(f'SELECT * FROM "{name}"').fetchall()
            rows = read_rows(package, resources[name])
            assert resources[name]["rowcount"] == len(rows) == len(kept), name
            expected = sorted(["" if cell is None else str(cell) for cell in row] for row in kept)
            assert sorted([*row.values()] for row in rows) == expected, name
            for field in resources[name]["schema"]["fields"]:
                assert field["description"], f"{name}.{field['name']}"
        meta = dict(edition.execute("SELECT name, value FROM meta"))
    assert (described["id"], described["name"]) == (meta["content"], meta["name"].lower())
    assert meta["name"] in (package / "README.md").read_text("utf-8")


def test_what_may_not_be_shown_is_not_in_it(package: Path) -> None:
    whole = "\n".join(path.read_text("utf-8") for path in package.rglob("*") if path.is_file())
    assert "Stiffness of the bed" in whole
    for word in ("marigold", "poppy"):  # sentences of texts whose publishers keep the rights
        assert word not in whole.lower()


def test_faults_are_found(package: Path, tmp_path: Path) -> None:
    schema = {
        "fields": [{"name": "a", "type": "integer", "constraints": {"required": True}}],
        "missingValues": [""], "primaryKey": ["a"],
        "foreignKeys": [{"fields": ["a"], "reference": {"resource": "b", "fields": ["x"]}}],
    }  # fmt: skip
    assert faults_of_rows(schema, [{"a": "1"}, {"a": "2"}], {"b": [{"x": "1"}, {"x": "2"}]}) == []
    wrong = faults_of_rows(schema, [{"a": "1"}, {"a": "1"}, {"a": ""}, {"a": "x"}], {"b": [{"x": "1"}]})
    assert len(wrong) == 4


def test_a_folder_in_use_and_a_damaged_edition_are_refused(newsroom: Newsroom, tmp_path: Path) -> None:
    (tmp_path / "used").mkdir()
    (tmp_path / "used" / "file").touch()
    with pytest.raises(UsageError, match="not empty"):
        export(newsroom[1], tmp_path / "used", title="x", home="y")
    broken = tmp_path / newsroom[1].name
    broken.write_bytes(newsroom[1].read_bytes()[:-100])
    broken.with_suffix(".json").write_bytes(newsroom[1].with_suffix(".json").read_bytes())
    with pytest.raises(PublishError, match="damaged"):
        export(broken, tmp_path / "new", title="x", home="y")
    assert not (tmp_path / "new").exists()


def test_the_notebook_has_no_outputs_and_answers(
    package: Path, newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    book = json.loads(NOTEBOOK.read_text("utf-8"))
    assert (book["nbformat"], book["metadata"]["kernelspec"]["name"]) == (4, "python3")
    assert len({cell["id"] for cell in book["cells"]}) == len(book["cells"])
    code = [cell for cell in book["cells"] if cell["cell_type"] == "code"]
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in code)
    monkeypatch.setenv("EXPORT", str(package))
    names: dict[str, Any] = {}
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        for cell in code:
            exec(compile("".join(cell["source"]), f"{NOTEBOOK.name}:{cell['id']}", "exec"), names)
    with closing(sqlite3.connect(newsroom[1])) as edition:
        expected = edition.execute(
            "SELECT d.\"key\" FROM banner b JOIN document d ON d.id = b.document WHERE b.status = 'retracted'"
            " AND b.own = 0 AND d.kind IN ('news', 'release') ORDER BY d.day, d.\"key\""
        ).fetchall()
    assert [(document["key"],) for document, _ in names["found"]] == expected != []
    assert f"of {len(expected)} came out before the notice" in said.getvalue()
