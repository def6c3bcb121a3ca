"""Letters that reached nobody: what they held counts as not sent, and comes with a later letter."""

from __future__ import annotations

from typing import Literal

from core.store import Store


def give_up(letters: Store, letter: str, state: Literal["refused", "dropped"], reply: str) -> None:
    """Mark a letter as refused or dropped. Inside `writing()`.

    What it held is free for the next letter: the documents, the changes, and the searches that it set up. Its text
    goes; its number stays taken, so that no second letter gets its name.
    """
    letters.execute("DELETE FROM delivery WHERE letter = ?", (letter,))
    letters.execute("DELETE FROM notice WHERE letter = ?", (letter,))
    letters.execute("UPDATE subscription SET welcomed = '' WHERE welcomed = ?", (letter,))
    letters.execute(
        "UPDATE letter SET state = ?, reply = ?, message = x'', content = '' WHERE id = ?", (state, reply, letter)
    )
