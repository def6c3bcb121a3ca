"""What an edit changed, and of what kind it is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.config import Config, Crawl
from core.records import Document, Edit, Version
from core.stage import run_stage
from core.store import Store, new_run, open_store
from relations import edits
from relations.edits import Text, is_part, make_edits

CONFIG = Config(crawl=Crawl(contact="mailto:desk@stemwire.example"))
BEFORE = Text(
    title="Bank sends out more cells",
    text="The National Bank sent out 133 lines in 2024. Doctor Han Su-jin of Saebyeok University tried them in mice.",
    capture="1", replaced="2026-11-28T00:00:00Z",
)  # fmt: skip


def edit(old: str, new: str, more: str = "") -> list[Edit]:
    assert old in BEFORE.text
    after = Text(title=BEFORE.title, text=BEFORE.text.replace(old, new) + more, capture="2", replaced="")
    return list(make_edits("d", BEFORE, after))


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        ("133", "153", "number"),
        ("133 lines", "one hundred and thirty-three lines", "cosmetic"),
        ("in mice", "in patients", "stage"),
        ("Han Su-jin", "Han Soo-jin", "name"),
        ("sent out", "shipped", "wording"),
        ("lines in", "linnes in", "cosmetic"),
    ],
)
def test_a_change_has_its_kind(old: str, new: str, kind: str) -> None:
    (found,) = edit(old, new)
    assert found.kind == kind
    assert found.silent == (kind != "cosmetic")


def test_an_edit_with_a_note_is_not_silent() -> None:
    found = edit("133", "153", " Correction: an earlier version of this article gave another number.")
    assert [(one.kind, one.silent) for one in found] == [("number", 0), ("correction note", 0)]


def test_a_teaser_is_a_part_of_its_page() -> None:
    teaser = "The National Bank sent out 133 lines in 2024."
    assert is_part(teaser, BEFORE.text)
    assert not is_part(BEFORE.text.replace("133", "153"), BEFORE.text)


def rows(store: Store) -> list[tuple[str, str, int]]:
    run_stage(edits.stage(CONFIG), store, new_run(store, "test"))
    return [(one.kind, one.why, one.silent) for one in store.load(Edit)]


def version(text: str, replaced: str, capture: str = "1") -> Version:
    return Version(document="d", hash=f"{text}{capture}", title="Title", text=text, published=None, capture=capture,
                   replaced=replaced)  # fmt: skip


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "work.db", "work") as work:
        with work.writing():
            work.save(
                Document(
                    id="d", entry="e", source="s", kind="news", url="u", title="Title", text="It sent out 3 lines.",
                    summary="", authors=(), lang="en", published=None, published_from=None, dates=(), identifiers={},
                    links=(), extra={}, licence="full", translated=None, state="current", capture="3", first_seen="f",
                    hash="h3",
                )
            )  # fmt: skip
        yield work


def test_each_text_is_compared_with_the_next(store: Store) -> None:
    with store.writing():
        store.save(version("It sent out 1 lines.", "2026-11-01T00:00:00Z"))
        store.save(version("It sent out 2 lines.", "2026-11-02T00:00:00Z", "2"))
    assert rows(store) == [("number", "1 became 2", 1), ("number", "2 became 3", 1)]


def test_what_we_read_anew_is_no_edit(store: Store) -> None:
    with store.writing():
        store.save(version("It sent out 1 lines.", "2026-11-01T00:00:00Z", "3"))
    assert rows(store) == []


@pytest.mark.parametrize("kind", ["paper", "preprint", "trial"])
def test_a_record_has_no_edits(store: Store, kind: str) -> None:
    with store.writing():
        store.save(version("It sent out 1 lines.", "2026-11-01T00:00:00Z"))
        store.execute("UPDATE document SET kind = ?", (kind,))
    assert rows(store) == []


def test_a_long_sentence_is_cut_around_the_change() -> None:
    long = " ".join(["The garden is closed in winter and the ferry stays at its pier,"] * 8)
    before = Text(title="T", text=f"{long} and 133 lines left, {long}.", capture="1", replaced="r")
    after = Text(title="T", text=f"{long} and 153 lines left, {long}.", capture="2", replaced="")
    (found,) = make_edits("d", before, after)
    assert len(found.after) <= 301
    assert "153 lines" in found.after


def test_the_names_of_other_documents_are_not_read(store: Store) -> None:
    plan = [str(row["detail"]) for row in store.rows(f"EXPLAIN QUERY PLAN {edits.WORK}")]
    assert [line for line in plan if "mention" in line or " m " in line]
    assert not [line for line in plan if line.startswith(("SCAN mention", "SCAN m "))]
