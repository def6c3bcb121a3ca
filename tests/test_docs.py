"""What the docs say is so: commands, links, columns, settings."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

import pipeline
from core.dictionary import parse_schema, render_dictionary
from core.migrations import SCHEMAS

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def test_the_dictionary_is_the_one_that_the_schemas_make() -> None:
    kept = (ROOT / "docs" / "data-dictionary.md").read_text("utf-8")
    assert kept == render_dictionary(), "run: .venv/bin/python -m core.dictionary > docs/data-dictionary.md"


@pytest.mark.parametrize("path", sorted(SCHEMAS.glob("*.sql")), ids=lambda path: path.stem)
def test_every_table_and_column_of_a_schema_is_seen_by_the_dictionary(path) -> None:
    text = path.read_text("utf-8")
    tables = parse_schema(text)
    assert len(tables) == len(re.findall(r"^CREATE (?:VIRTUAL )?TABLE", text, re.M))
    for table in tables:
        assert table.about and table.columns, table.name


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_inside_the_project_lead_somewhere(page) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)\)", page.read_text("utf-8")):
        if not target.startswith(("http://", "https://", "mailto:")):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_that_docs_name_exist(page) -> None:
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
