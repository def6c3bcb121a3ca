"""What the docs say is so: commands, links, columns, settings."""

from __future__ import annotations

import re
import sqlite3
import tomllib
from contextlib import closing
from pathlib import Path

import click
import pytest

import pipeline
from core.dictionary import EDITION, parse_schema, parse_views, render_dictionary
from core.facets import facets
from core.migrations import SCHEMAS
from tests.prose import read_prose

ROOT = Path(__file__).resolve().parent.parent
LEFT_OUT = ("decisions.md", "data-dictionary.md")
CODE = ("core", "crawlers", "nlp", "relations", "publish", "datasette", "training", "bench", "demo")
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


class PlainWords:
    """The words that prose avoids, and the files in which some of them are right (`tests/plain_words.toml`)."""

    def __init__(self) -> None:
        table = tomllib.loads((ROOT / "tests" / "plain_words.toml").read_text("utf-8"))
        self.instead: dict[str, str] = table["words"]
        self.allowed: dict[str, list[str]] = {file: rule["words"] for file, rule in table["exceptions"].items()}
        self.reasons: dict[str, str] = {file: rule["reason"] for file, rule in table["exceptions"].items()}
        self.pattern = re.compile(
            "|".join(rf"(?P<w{n}>\b(?:{word})\b)" for n, word in enumerate(self.instead)), re.IGNORECASE
        )

    def find(self, text: str) -> list[tuple[str, str]]:
        """(word as it is written, what to write instead)."""
        instead = list(self.instead.values())
        return [(hit[0], instead[int(str(hit.lastgroup)[1:])]) for hit in self.pattern.finditer(text)]

    def check(self, path: Path, name: str) -> list[str]:
        """The lines of a file with such a word that no exception allows."""
        allowed = {word.lower() for word in self.allowed.get(name, [])}
        return [
            f"{name}:{line}: {word!r}; write: {instead}"
            for line, text in sorted(set(read_prose(path)))
            for word, instead in self.find(text)
            if word.lower() not in allowed and word not in ("is None", "are None", "be None")
        ]


def list_prose() -> list[Path]:
    """Files that people read: pages, the code and data of every package, commands and settings.

    Left out are `decisions.md`, a record whose entries keep the words in which they were written, and the data
    dictionary, which is made from comments that are read here anyway.
    """
    files = [
        ROOT / name for name in ("pipeline.py", "run.sh", "config.toml", "pyproject.toml", "CHANGELOG.md", "README.md")
    ]
    files += (path for path in (ROOT / "docs").rglob("*.md") if path.name not in LEFT_OUT)
    for package in CODE:
        for suffix in ("py", "sql", "toml", "md"):
            files += (ROOT / package).rglob(f"*.{suffix}")
    return sorted(path for path in files if "tests" not in path.relative_to(ROOT).parts)


def test_prose_is_plain() -> None:
    words = PlainWords()
    wrong = [line for path in list_prose() for line in words.check(path, str(path.relative_to(ROOT)))]
    assert not wrong, "\n".join(wrong)


def test_exceptions_from_plain_words_are_used_and_have_reasons() -> None:
    words = PlainWords()
    for name, allowed in words.allowed.items():
        assert len(words.reasons[name]) > 15, name
        used = {word.lower() for _, text in read_prose(ROOT / name) for word, _ in words.find(text)}
        assert {word.lower() for word in allowed} <= used, f"{name} no longer has {set(allowed) - used}"


@pytest.mark.parametrize(
    ("suffix", "text", "found"),
    [
        ("py", '"""The only stair between the rooms."""\n', ["rooms", "stair"]),
        ("py", '# a defect of ours\nraise ValueError("a limit that is none at all")\n', ["of ours", "is none"]),
        ("py", 'PATTERN = r"\\broom (?:one|two) in the house"\nSQL = "SELECT house FROM room WHERE 1"\n', []),
        ("py", "room = house = None\nif room is None and house is None:\n    pass\n", []),
        ("sql", "CREATE TABLE room (id TEXT); -- where it stood\n", ["stood"]),
        ("toml", '# beside it\nhouse = "room"\n', ["beside"]),
        ("md", "There is none. What an abbreviation stands for. Told apart. He was told.\n", ["told"]),
    ],
)
def test_words_are_found_in_prose_only(tmp_path: Path, suffix: str, text: str, found: list[str]) -> None:
    path = tmp_path / f"seeded.{suffix}"
    path.write_text(text, "utf-8")
    lines = PlainWords().check(path, path.name)
    assert sorted(line.split("'")[1] for line in lines) == sorted(found)


def test_the_index_of_decisions_lists_every_entry() -> None:
    text = (ROOT / "docs" / "decisions.md").read_text("utf-8")
    entries = {}
    for heading in re.findall(r"^## (.+)$", text, re.MULTILINE):
        anchor = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        entries[anchor] = re.sub(r"^(\d{4}-\d\d-\d\d)(?: ·|:) ", r"\1: ", heading)
    index = re.findall(r"^- (\d{4}-\d\d-\d\d: )\[(.+)\]\(#(.+)\)$", text, re.MULTILINE)
    assert {anchor: day + title for day, title, anchor in index} == entries
    assert [day for day, _, _ in index] == sorted((day for day, _, _ in index), reverse=True)
