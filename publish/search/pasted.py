"""What is rare in a pasted paragraph: the words that tell it from others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

MOST = 12  # words that are searched for
COMMON = 0.25  # a word in a larger share of the documents tells nothing


def choose(words: Sequence[str], documents: Mapping[str, int], total: int) -> tuple[str, ...]:
    """The rarest words that the edition has, in their order. `documents`: how many have each."""
    known = [word for word in words if 0 < documents.get(word, 0) <= max(1, COMMON * total)]
    rare = set(sorted(known, key=lambda word: (documents[word], -len(word)))[:MOST])
    return tuple(word for word in words if word in rare) or tuple(words[:MOST])
