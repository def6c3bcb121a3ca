"""Whether a sentence of a text says clearly more than its paper: gives a link as a cause, a possibility as a fact.

The label `claim_gap` compares strengths of claims, which is too unsure for a warning: most differences of wording are
harmless. `find_gap` asks for more. It reads the title of the paper and the end of its abstract, and gives the sentence
of the paper that says less. In order:

1. the text's sentence has a strong verb (`warning_words.tsv`, strong: heals, prevents) that something does: no "to
   heal". It has no word that weakens it: no denial (denial), no doubt (doubt), no word of a mere link (link) or
   of a chance (chance);
2. a sentence of the paper shares at least `SHARED` words of content with it. If that sentence has a word of a link and
   no verb of change (change), a link is given as a cause; if its verb of change follows a word of possibility
   (possible: "may shorten"), a possibility is given as a fact;
3. no sentence read of the paper makes the claim itself: none that shares as many words has a verb of change without
   doubt and link.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

SHARED = 3  # words of content
LATE = 0.5  # share of an abstract after which its end begins
BRIEF = 4  # sentences of an abstract from which on only its end is read
WORD = 4  # characters of a word of content
_WORDS = re.compile(r"[^\W\d_]+")
_NOT_DONE = re.compile(
    r"(?i)\b(?:to|for|of|in|by|at|with|from|the|an?|as|this|that|its|their|less|more|greater|lower|higher|fewer)\s+"
    r"(?:\w+ly\s+)?$|\b(?:how|why|whether|if)\b"
)
_END = re.compile(r"(?<=[.!?])[\"”’)]*\s+(?=[^\sa-z])|\n+|;\s+")
_COMMON = frozenset(
    """
    study studies research researchers scientists results result findings finding found show shows showed shown report
    reports according suggest suggests patients people with that this these those from into than have been were which
    their there after between among using used more most also could would should will university journal published
    team group data effect effects cell cells treatment disease risk years year days associated association
    """.split()  # noqa: SIM905  read as a text, not as a column
)

Find = Callable[[str, str], Iterator[re.Match[str]]]  # of (kind of word, text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """What the text does with its paper, in words, and the sentence of the paper that says less."""

    what: str
    sentence: str


def find_gap(sentence: str, title: str, abstract: str, find: Find) -> Gap | None:
    """What a sentence of a text says more than its paper; None where that is not clear."""
    if not _states_a_change(sentence, find):
        return None
    own = find_content(sentence)
    near = [one for one in read_end(title, abstract) if len(own & find_content(one)) >= SHARED]
    if any(_changes(one, find) and not _has(("doubt", "link"), one, find) for one in near):
        return None
    for one in near:
        if _has(("link",), one, find) and not _changes(one, find):
            return Gap(what="gives as a cause what the paper calls a link", sentence=one)
        if _has(("possible",), one, find) and not _has(("denial",), one, find):
            return Gap(what="gives as a fact what the paper calls possible", sentence=one)
    return None


def _states_a_change(sentence: str, find: Find) -> bool:
    """Whether it says without reserve that something changes something."""
    asks = sentence.rstrip("\"'”’ ").endswith(("?", "？"))
    return (
        not asks
        and _changes(sentence, find, "strong")
        and not _has(("denial", "doubt", "link", "chance"), sentence, find)
    )


def _changes(sentence: str, find: Find, kind: str = "change") -> bool:
    """Whether a verb of a kind is used as one: no noun ("less damage"), nothing to come of it ("to treat")."""
    return any(not _NOT_DONE.search(sentence[: match.start()]) for match in find(kind, sentence))


def _has(kinds: Sequence[str], sentence: str, find: Find) -> bool:
    return any(next(find(kind, sentence), None) for kind in kinds)


def read_end(title: str, abstract: str) -> Iterator[str]:
    """The title, and the sentences at the end of an abstract, also cut at semicolons; a short one is read whole."""
    if title:
        yield title
    sentences = [part.strip() for part in _END.split(abstract) if part.strip()]
    if len(sentences) >= BRIEF:
        sentences = sentences[int(len(sentences) * LATE) :]
    yield from sentences


def find_content(text: str) -> set[str]:
    """The words of content of a text, by their first five letters."""
    return {
        word[:5]
        for word in map(str.lower, _WORDS.findall(text))
        if len(word) >= WORD and word not in _COMMON
    }  # fmt: skip
