"""Whether a sentence of a text says clearly more than its paper: gives a link as a cause, a possibility as a fact.

The label `claim_gap` compares strengths of claims, which is too unsure for a warning: most differences of wording are
harmless. `find_gap` asks for more. It reads the title of the paper and the end of its abstract, and gives the sentence
of the paper that says less. In order:

1. the text's sentence has a verb of change (`warning_words.tsv`, change) that somebody does: no "to treat", no "for
   treating". It has no word that weakens it: no denial (denial), no doubt (doubt), no word of a mere link (link);
2. a sentence of the paper shares at least `SHARED` words of content with it. If that sentence has a word of a link and
   no verb of change, a link is given as a cause; if its verb of change follows a word of possibility (possible: "may
   shorten"), a possibility is given as a fact;
3. no sentence read of the paper makes the claim itself: none that shares as many words has a verb of change without
   doubt and link.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

SHARED = 2  # words of content
LATE = 0.5  # share of an abstract after which its end begins
BRIEF = 4  # sentences of an abstract from which on only its end is read
WORD = 4  # characters of a word of content
_WORDS = re.compile(r"[^\W\d_]+")
_NOT_DONE = re.compile(
    r"(?i)\b(?:to|for|of|in|by|at|the|an?|as|this|its|their)\s+(?:\w+ly\s+)?$|\b(?:how|why|whether|if)\b"
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

Find = Callable[[str, str], re.Match[str] | None]  # (kind of word, text)


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
    if any(_claims(one, find) for one in near):
        return None
    for one in near:
        if find("change", one) is None and find("link", one):
            return Gap(what="gives as a cause what the paper calls a link", sentence=one)
        if find("possible", one) and not find("denial", one):
            return Gap(what="gives as a fact what the paper calls possible", sentence=one)
    return None


def _states_a_change(sentence: str, find: Find) -> bool:
    """Whether it says without reserve that something changes something."""
    change = find("change", sentence)
    if change is None or sentence.rstrip("\"'”’ ").endswith("?"):
        return False
    done = not _NOT_DONE.search(sentence[: change.start()])
    return done and not any(find(kind, sentence) for kind in ("denial", "doubt", "link"))


def _claims(sentence: str, find: Find) -> bool:
    """Whether a sentence of a paper makes a claim of change itself."""
    return find("change", sentence) is not None and not find("doubt", sentence) and not find("link", sentence)


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
