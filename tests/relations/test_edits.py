"""What an edit changed, and of what kind it is."""

from __future__ import annotations

import pytest

from core.records import Edit
from relations.edits import Text, is_part, make_edits

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
