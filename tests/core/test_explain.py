"""`explain`: a record by any of its names, all tables that the schema has, and why a stage would read it again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console

from core.errors import UsageError
from core.explain import find_ledger, find_names, find_references, find_rows, show_explanation
from core.records import Document, Identity, Label, Member, Outcome, Story
from core.stage import Done, Stage, Writes
from core.store import Store, new_run, open_store
from core.text import fingerprint

PAPER = "doi:10.5555/an.2026.0117"
TRIAL = "nct:NCT09100417"


def document(ident: str, kind: str) -> Document:
    return Document(
        id=ident, entry=f"source:{ident}", source="source", kind=kind, url=f"https://source.example/{kind}",
        title="Vesicles help nerves", text="Text.", summary="", authors=(), lang="en", published="2026-11-20",
        published_from=None, dates=(), identifiers={}, links=(), extra={}, licence="full", translated=None,
        state="current", capture="c", first_seen="2026-11-22T04:51:00Z", hash="h",
    )  # fmt: skip


@pytest.fixture
def work(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "raw.db", "raw"):
        pass
    with open_store(tmp_path / "work.db", "work", attach={"raw": tmp_path / "raw.db"}) as store:
        with store.writing():
            store.save(
                document(PAPER, "paper"),
                document(TRIAL, "trial"),
                Identity(identifier="pmid:99000112", work=PAPER, entry="source:1"),
                Story(id="story:1", title="Vesicles", first="2026-11-20", last="2026-11-20", origin=PAPER, documents=1,
                      outlets=0, why="the only document"),
                Member(story="story:1", document=PAPER, role="origin", score=1.0, kept=None, added="", dropped="",
                       why="it came first"),
            )  # fmt: skip
        yield store


STAGE = Stage(
    name="stories",
    version="2",
    step=lambda row: Done(),
    writes=(Writes(record=Story, owner="id"), Writes(record=Member, owner="story")),
    work='SELECT id AS "key", hash AS input FROM document',
)


@pytest.mark.parametrize(
    ("ident", "document"),
    [
        (PAPER, PAPER),
        ("10.5555/AN.2026.0117", PAPER),
        ("99000112", PAPER),
        ("pmid:99000112", PAPER),
        ("https://source.example/paper", PAPER),
        (f"https://desk.example/document/vesicles-help-nerves-{fingerprint(PAPER)[1:13]}", PAPER),
        (fingerprint(TRIAL)[1:13], TRIAL),
        ("nct09100417", TRIAL),
    ],
)
def test_a_document_is_known_by_each_of_its_names(
    work: Store, capsys: pytest.CaptureFixture[str], ident: str, document: str
) -> None:
    show_explanation(work, ident, [], Console(), as_json=True)
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["document"]["id"] for row in rows if "document" in row] == [document]


@pytest.mark.parametrize("ident", ["story:1", f"/story/vesicles-{fingerprint('story:1')[1:13]}"])
def test_a_story_shows_its_members(work: Store, capsys: pytest.CaptureFixture[str], ident: str) -> None:
    show_explanation(work, ident, [], Console(), as_json=True)
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [next(iter(row)) for row in rows] == ["story", "member"]


def test_a_label_is_shown_with_the_title_of_its_facet(work: Store, capsys: pytest.CaptureFixture[str]) -> None:
    with work.writing():
        work.save(Label(document=PAPER, facet="species", value="mouse", score=1.0, sentence="", start=None, end=None,
                        component="evidence/1"))  # fmt: skip
    show_explanation(work, PAPER, [], Console(), as_json=False)
    assert "label, Species studied\n" in capsys.readouterr().out


def test_an_unknown_name_is_an_error(work: Store) -> None:
    with pytest.raises(UsageError, match="no document"):
        show_explanation(work, "vesicles", [], Console(), as_json=True)


def test_the_table_of_a_new_stage_appears_by_itself(work: Store) -> None:
    with work.writing():
        work.execute("CREATE TABLE reviewed (document TEXT, verdict TEXT)")
        work.execute("CREATE TABLE checked (of_what TEXT REFERENCES document (id), verdict TEXT)")
        work.execute("CREATE TABLE apart (of_what TEXT, verdict TEXT)")
        for table in ("reviewed", "checked", "apart"):
            work.execute(f"INSERT INTO {table} VALUES (?, 'good'), ('doi:10.5555/other', 'bad')", (PAPER,))
    found = dict(find_rows(work, find_names(work, PAPER), []))
    assert found["reviewed"] == [{"document": PAPER, "verdict": "good"}]
    assert found["checked"] == [{"of_what": PAPER, "verdict": "good"}]
    assert "apart" not in found


def test_every_table_of_the_schema_that_names_a_document_is_found(work: Store) -> None:
    tables = [row["name"] for row in work.rows("SELECT name FROM sqlite_master WHERE type = 'table'")]
    silent = {table for table in tables if not find_references(work, "main", table)}
    # page_verdict tells of the facts; what is wider than what belongs to concepts, whichever documents name them
    assert silent == {"run", "report", "page_facts", "outcome", "issue", "edition", "wider"}


def test_tables_come_in_the_order_of_the_stages(work: Store) -> None:
    first = Stage(name="a", version="1", step=lambda row: Done(), writes=(Writes(record=Identity, owner="entry"),))
    names = find_names(work, PAPER)
    given = [table for table, rows in find_rows(work, names, [first, STAGE]) if rows]
    assert given == ["document", "identity", "story", "member"]
    assert [t for t, rows in find_rows(work, names, [STAGE, first]) if rows] == [
        "document",
        "story",
        "member",
        "identity",
    ]


@pytest.mark.parametrize(
    ("outcome", "why"),
    [
        (None, "new"),
        (("1", "h", "done"), "version"),
        (("2", "other", "done"), "changed"),
        (("2", "h", "failed"), "retry"),
        (("2", "h", "done"), None),
    ],
)
def test_the_ledger_says_why_a_row_is_due(work: Store, outcome: tuple[str, str, str] | None, why: str | None) -> None:
    if outcome:
        version, given, state = outcome
        with work.writing():
            work.save(
                Outcome(stage="stories", key=PAPER, version=version, input=given, state=state, reason=None, tries=1,
                        run="r")
            )  # fmt: skip
    (_, (row,)), _ = find_ledger(work, find_names(work, PAPER), [STAGE])
    assert (row["stage"], row["version_now"], row["due_now"]) == ("stories", "2", why)


def test_a_ledger_row_without_input_and_an_issue_are_shown(work: Store) -> None:
    run = new_run(work, "test")
    with work.writing():
        work.save(
            Outcome(stage="stories", key="source:" + PAPER, version="2", input="h", state="done", reason=None, tries=0,
                    run=run.id)
        )  # fmt: skip
        work.raise_issue(run, kind="stories_failed", subject=f"stories {PAPER}", text="broken")
    ledger = dict(find_ledger(work, find_names(work, PAPER), [STAGE]))
    assert [row["due_now"] for row in ledger["outcome"]] == ["new", "its input is gone"]
    assert [row["text"] for row in ledger["issue"]] == ["broken"]
