"""What changed between two texts: pairs of sentences, and inside a pair the words that differ.

1. Sentences that both texts have are left out, wherever they are: a moved sentence is a `Change` of its own kind.
2. Between them, a sentence that went and one that came are a pair if they share enough of their words (`LIKE`), the
   most alike first. What has no partner was taken out, or put in.
3. Inside a pair, the runs of words that differ are its hunks.
All of it is bounded: `MOST` sentences of a text, `PAIRED` unmatched ones, `WORDS` words of a sentence are compared.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from relations.sentences import split_sentences

LIKE = 0.45  # of the words of two sentences
MOST, PAIRED, WORDS = 2000, 120, 400

_WORD = re.compile(
    r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]|\d+(?:[.,]\d+)*|[^\W\d_\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]"
    r"(?:[^\W_\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]|[-'’](?=\w))*|[^\w\s]"
)
_GREEK = """alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma sigma tau
upsilon phi chi psi omega"""
_LETTERS = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe"}
    | {chr(0x3B1 + number): name for number, name in enumerate(_GREEK.split())}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hunk:
    """A run of words that differ inside a pair of sentences; `at_start`: it begins the sentence."""

    before: str
    after: str
    at_start: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A sentence before and after; an empty one: put in, taken out. `moved`: it was moved."""

    part: str  # title | text
    before: str
    after: str
    hunks: tuple[Hunk, ...] = ()
    moved: bool = False


def squash(text: str) -> str:
    """Letters (Greek ones by name, no accents, lower case) and digits: equal where texts differ in looks alone."""
    folded = unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS))
    return "".join(char for char in folded if char.isalnum())


def find_changes(title: str, text: str, new_title: str, new_text: str) -> list[Change]:
    """The changes from one text to the next, those of the title first, then in the order of the new text."""
    found = []
    if title != new_title:
        found.append(Change(part="title", before=title, after=new_title, hunks=find_hunks(title, new_title)))
    return found + _find_in_text(split_sentences(text)[:MOST], split_sentences(new_text)[:MOST])


def _find_in_text(before: Sequence[str], after: Sequence[str]) -> list[Change]:
    gone, come, moved = _leave_out_shared(before, after)
    pairs = _pair(before, after, gone[:PAIRED], come[:PAIRED])
    partner = {new: old for old, new in pairs}
    placed: list[tuple[float, Change]] = [
        (new, Change(part="text", before=after[new], after=after[new], moved=True)) for new in moved
    ]
    for new in come:
        old = partner.get(new)
        words = before[old] if old is not None else ""
        hunks = find_hunks(words, after[new]) if old is not None else ()
        placed.append((new, Change(part="text", before=words, after=after[new], hunks=hunks)))
    paired = {old for old, _ in pairs}
    place = _Places(before, after)
    placed += [
        (place.find(old), Change(part="text", before=before[old], after="")) for old in gone if old not in paired
    ]
    return [change for _, change in sorted(placed, key=lambda one: one[0])]


class _Places:
    """Where in the new text a sentence would be that was taken out: after the last shared one before it."""

    def __init__(self, before: Sequence[str], after: Sequence[str]) -> None:
        where = {sentence: number for number, sentence in enumerate(after)}
        self._after: list[float] = []
        last = -1.0
        for sentence in before:
            last = float(where.get(sentence, last))
            self._after.append(last)

    def find(self, old: int) -> float:
        return self._after[old] + 0.5


def _leave_out_shared(before: Sequence[str], after: Sequence[str]) -> tuple[list[int], list[int], list[int]]:
    """Places of sentences that went, that came, and (in the new text) that were moved."""
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    gone: list[int] = []
    come: list[int] = []
    for tag, i, j, k, m in matcher.get_opcodes():
        if tag != "equal":
            gone += range(i, j)
            come += range(k, m)
    spare = Counter(before[old] for old in gone)
    moved = []
    for new in list(come):
        if spare[after[new]]:
            spare[after[new]] -= 1
            moved.append(new)
            come.remove(new)
            gone.remove(next(old for old in gone if before[old] == after[new]))
    return gone, come, moved


def _pair(
    before: Sequence[str], after: Sequence[str], gone: Sequence[int], come: Sequence[int]
) -> list[tuple[int, int]]:
    """(old, new) places of sentences that are alike, the most alike first."""
    bags = {old: Counter(_plain(before[old])) for old in gone}
    new_bags = {new: Counter(_plain(after[new])) for new in come}
    alike = [
        (find_likeness(bag, other), -abs(old - new), old, new)
        for old, bag in bags.items()
        for new, other in new_bags.items()
    ]
    pairs: list[tuple[int, int]] = []
    used: tuple[set[int], set[int]] = (set(), set())
    for likeness, _, old, new in sorted(alike, reverse=True):
        if likeness < LIKE:
            break
        if old not in used[0] and new not in used[1]:
            used[0].add(old)
            used[1].add(new)
            pairs.append((old, new))
    return pairs


def find_likeness(one: Counter[str], other: Counter[str]) -> float:
    """The share of the words of two sentences that both have, 0 .. 1."""
    total = sum(one.values()) + sum(other.values())
    return 2 * sum((one & other).values()) / total if total else 0.0


def find_hunks(before: str, after: str) -> tuple[Hunk, ...]:
    """The runs of words that differ."""
    one, other = _words(before), _words(after)
    matcher = SequenceMatcher(None, [word for word, *_ in one], [word for word, *_ in other], autojunk=False)
    hunks = []
    for tag, i, j, k, m in matcher.get_opcodes():
        if tag != "equal":
            was = before[one[i][1] : one[j - 1][2]] if j > i else ""
            now = after[other[k][1] : other[m - 1][2]] if m > k else ""
            hunks.append(Hunk(before=was, after=now, at_start=i == 0 or k == 0))
    return tuple(hunks)


def _words(text: str) -> list[tuple[str, int, int]]:
    return [(match[0], match.start(), match.end()) for match in _WORD.finditer(text)][:WORDS]


def _plain(text: str) -> list[str]:
    return [word.casefold() for word, *_ in _words(text) if word[0].isalnum()]
