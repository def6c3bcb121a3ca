"""What the docs say is so: commands, links, columns, settings."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import click
import pytest

import pipeline
from core.dictionary import EDITION, parse_schema, parse_views, render_dictionary
from core.facets import facets
from core.migrations import SCHEMAS

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def test_the_dictionary_is_the_one_that_the_schemas_make() -> None:
    kept = (ROOT / "docs" / "data-dictionary.md").read_text("utf-8")
    assert kept == render_dictionary(), "run: .venv/bin/python -m core.dictionary > docs/data-dictionary.md"


@pytest.mark.parametrize("path", [*sorted(SCHEMAS.glob("*.sql")), EDITION], ids=lambda path: path.stem)
def test_every_table_and_column_of_a_schema_is_seen_by_the_dictionary(path: Path) -> None:
    text = path.read_text("utf-8")
    tables = parse_schema(text)
    assert len(tables) == len(re.findall(r"^CREATE (?:VIRTUAL )?TABLE", text, re.M))
    for table in tables:
        assert table.about and (table.columns or table.name == "search"), table.name
        assert all(column.about for column in table.columns), table


def test_every_table_column_and_view_of_an_edition_is_described() -> None:
    text, kept = EDITION.read_text("utf-8"), (ROOT / "docs" / "data-dictionary.md").read_text("utf-8")
    with closing(sqlite3.connect(":memory:")) as edition:
        edition.executescript(text)
        made = edition.execute(
            "SELECT m.type, m.name, c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c"
            " WHERE m.type IN ('table', 'view') AND m.name NOT LIKE 'sqlite_%' AND m.name NOT LIKE 'search%'"
        ).fetchall()
    described = {(table.name, column.name): column.about for table in parse_schema(text) for column in table.columns}
    assert {(table, column) for kind, table, column in made if kind == "table"} == described.keys()
    assert not [name for name, about in described.items() if not about]
    assert {table for kind, table, _ in made if kind == "view"} == {
        view.name for view in parse_views(text) if view.about
    }
    for (table, column), about in described.items():
        assert f"### {table}\n" in kept and f"| {column} | " in kept and about.replace("|", "\\|") in kept
    assert "### search\n" in kept


def test_every_facet_and_type_is_described() -> None:
    kept = (ROOT / "docs" / "data-dictionary.md").read_text("utf-8")
    for facet in facets().all:
        assert facet.about or facet.kind == "scheme", facet.name
        assert f"| {facet.title} |" in kept and (not facet.filter or f"`{facet.filter}:`" in kept)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_inside_the_project_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)\)", page.read_text("utf-8")):
        if not target.startswith(("http://", "https://", "mailto:")):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_that_docs_name_exist(page: Path) -> None:
    known = set(pipeline.main.commands) | {"test", "lock", "bench", "help"}
    for name in re.findall(r"(?:\./run\.sh|pipeline\.py) ([a-z][a-z-]+)", page.read_text("utf-8")):
        assert name in known, f"{page.name} names the command {name}"


def test_every_command_says_what_it_does() -> None:
    for name, command in pipeline.main.commands.items():
        assert isinstance(command, click.Command) and command.help, name


def test_the_readme_is_one_screen_and_names_the_exit_codes() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    assert len(text.splitlines()) <= 64
    for code in ("0 good", "1 finished with failed sources", "2 usage or config", "75 already running"):
        assert code in " ".join(text.split())
