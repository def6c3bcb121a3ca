"""Whether two items tell the same story, by their titles and texts. Used before two of them become one document.

Titles agree when they have the same words in the same order, when one contains the other, or when long ones differ in
a word or two; but never when their numbers differ ("Story 1", "Story 2"). Texts that both are long and share little
tell two stories, whatever their titles are ("Digest of the week"). What is not known says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

LIKE = 0.8  # share of common words of two long titles
LONG_TITLE = 6  # words
LONG_TEXT = 40  # words
SHARED = 0.3  # of the shorter text's word triples
READ = 2000  # characters of a text that are compared


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What an item says: the title in its list, the title and the text of its page. Empty: not known."""

    listed: str
    title: str
    text: str


def is_same_story(one: Told, other: Told) -> bool:
    """The titles of the lists count before those of pages, which may be a template's."""
    share = _share(one.text, other.text)
    if share is not None and share < SHARED:
        return False
    if one.listed and other.listed:
        return titles_agree(one.listed, other.listed)
    first, second = one.title or one.listed, other.title or other.listed
    return titles_agree(first, second) if first and second else share is None or share > 1 - SHARED


def titles_agree(one: str, other: str) -> bool:
    """Whether two titles can be of one story."""
    first, second = _words(one), _words(other)
    if first == second:
        return True
    if _numbers(first) != _numbers(second):
        return False
    short, long = sorted((first, second), key=len)
    if len(short) >= 3 and f" {' '.join(short)} " in f" {' '.join(long)} ":
        return True
    common = len(set(short) & set(long))
    return len(short) >= LONG_TITLE and common / len(set(short) | set(long)) >= LIKE


def _words(title: str) -> list[str]:
    return re.findall(r"\w+", title.casefold())


def _numbers(words: Sequence[str]) -> list[str]:
    return sorted(word for word in words if any(sign.isdigit() for sign in word))


def _share(one: str, other: str) -> float | None:
    """The share of the shorter text that is also in the other; None where one is too short to say."""
    first, second = _words(one[:READ]), _words(other[:READ])
    if min(len(first), len(second)) < LONG_TEXT:
        return None
    sets = [set(zip(words, words[1:], words[2:], strict=False)) for words in (first, second)]
    return len(sets[0] & sets[1]) / min(len(sets[0]), len(sets[1]))
