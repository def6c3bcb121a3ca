"""`explain` by whatever name a person has at hand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from rich.console import Console

from core.errors import UsageError
from core.records import Document, Identity, Label, Member, Story
from core.status import show_life
from core.store import Store, open_store
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
def work(tmp_path: Path):
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
    work: Store, capsys: pytest.CaptureFixture[str], ident, document
) -> None:
    show_life(work, ident, Console(), as_json=True)
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["document"]["id"] for row in rows if "document" in row] == [document]


@pytest.mark.parametrize("ident", ["story:1", f"/story/vesicles-{fingerprint('story:1')[1:13]}"])
def test_a_story_shows_who_tells_it(work: Store, capsys: pytest.CaptureFixture[str], ident) -> None:
    show_life(work, ident, Console(), as_json=True)
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [next(iter(row)) for row in rows] == ["story", "member"]


def test_a_label_is_shown_with_the_title_of_its_facet(work: Store, capsys: pytest.CaptureFixture[str]) -> None:
    with work.writing():
        work.save(Label(document=PAPER, facet="species", value="mouse", score=1.0, sentence="", start=None, end=None,
                        component="evidence/1"))  # fmt: skip
    show_life(work, PAPER, Console(), as_json=False)
    assert "label, Species studied\n" in capsys.readouterr().out


def test_a_stranger_is_said_to_be_one(work: Store) -> None:
    with pytest.raises(UsageError, match="no document"):
        show_life(work, "vesicles", Console(), as_json=True)
