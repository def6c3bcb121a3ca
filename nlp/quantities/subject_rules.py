"""What a quantity is a quantity of, by rules: the noun that it counts, or what its measure is of.

In order: the counted noun; of a multiple, what follows it ("1.8 times the average"), else what the clause speaks
of; of a percentage, what follows "of" or at once; of a measure with a hyphen, what follows ("24-hour exposure"); of
volumes, lengths and masses, what follows "of"; else what stands before the verb of the clause. A time is of
something only where it says how long it lasted ("were followed for three years"), not where it says when ("after
twelve months", "two years ago"). Empty where none of these is there.
"""

from __future__ import annotations

import re

from nlp.quantities.nouns import (
    find_after_cjk,
    find_before,
    find_before_han,
    find_before_korean,
    find_beside,
    find_of,
    find_phrase,
    is_plural,
)
from nlp.quantities.rules import TIME, Quantity
from nlp.quantities.words import get_words

LONGEST = 80  # characters of a subject
PARTS = get_words("part")
COUNTERS = frozenset({"cases", "people", "animals", "places", "kinds", "lines", "items", "times"})

_CLAUSE = re.compile(r"[;:()]|,(?!\d)|\b(?:while|whereas|but|that|which|who|when|where|because|if|and)\b|[–—]", re.I)
_LASTS = re.compile(
    r"\b(?:for|lasts?|lasted|lasting|takes?|took|is|was|are|were|than|keeps?|lived?)"
    r"(?: up to| at least| about| more than| over"
    r"| around| some| nearly| only)*\s*$",
    re.I,
)
_WHEN = re.compile(
    r"^\s?(?:ago|later|on\b|earlier|before|after|old|away|apart|of age|into|and counting|from now|in the)", re.I
)
_MEAN = re.compile(r"\b(?:average|mean|median|past|last|next|first|every|per|anniversary)\b[^.]{0,14}$", re.I)
_ADJECTIVE = re.compile(r"^ (?:wide|long|thick|deep|high|tall|heavy|across|in diameter)\b", re.I)
_LOOSE = re.compile(
    r"(?:(?:the|a|an|its|their|his|her|our|this|that|these|those|each|every|some|all|such|des|der|die|das|les|la|le|von|de|du)\s+)+",
    re.I,
)
_DATE = re.compile(r"(?:\d{4}\s?[년年]|\d{1,2}\s?[월月日일])(?:에는|에서|에|には|に|は|、)?\s?")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


def find_subject(words: str, q: Quantity, lang: str | None = None) -> str:
    """What is counted or measured, as the sentence words it; empty where it does not say."""
    return clean(_find(words, q, lang))


def is_loose(subject: str) -> bool:
    """Whether it only parts the text: "three questions", "two kinds"; kinds of cells are something."""
    head = re.split(r" of | for ", subject)[0].split()[-1].lower()
    if head in ("kinds", "types", "groups", "boxes") and re.search(
        r" of .*(?:cells?|lines?|patients|people)\b", subject
    ):
        return False
    return head in PARTS


def clean(subject: str) -> str:
    """Without articles before it, cut between words."""
    subject = _LOOSE.sub("", subject, count=1) if _LOOSE.match(subject) else subject
    subject = subject.strip(" ,;:.\"“”'‘’()")
    return subject if len(subject) <= LONGEST else subject[:LONGEST].rsplit(" ", 1)[0]


def _find(words: str, q: Quantity, lang: str | None) -> str:
    if q.noun:
        return q.noun
    if _CJK.search(words):
        return _find_cjk(words, q)
    before = words[: q.start]
    clause = before[max((m.end() for m in _CLAUSE.finditer(before)), default=0) :]
    if q.modifier == "multiple":
        follows = re.match(
            r"\s(?:as \w+ )?(?:as )?(?=(?:the|its|their|that)\b)(?P<noun>[a-z][^,.;:()]{2,60})", words[q.end :]
        )
        return find_before(clause.strip() + " is") or (_trim(follows["noun"]) if follows else "")
    if q.unit in TIME:
        return _lasting(words, q, clause)
    phrase = find_of(words, q.end)
    if phrase is None and q.high is not None and (beside := find_beside(clause)):
        return beside
    if q.unit == "%":
        phrase = phrase or find_phrase(words, q.end)
    if (
        phrase is None
        and words[q.start : q.end].count("-")
        and re.search(r"\d-[A-Za-z]|[a-z]-[a-z]", words[q.start : q.end])
    ):
        phrase = find_phrase(words, q.end)
    if phrase:
        return words[phrase[0] : phrase[1]]
    if not q.unit or q.unit.startswith("of "):
        return ""
    return find_beside(clause) or find_before(clause.strip() + " is")


def _lasting(words: str, q: Quantity, clause: str) -> str:
    """Of a time, what lasted for it."""
    written, after = words[q.start : q.end], words[q.end :]
    if _WHEN.match(after) or _MEAN.search(words[max(0, q.start - 24) : q.start]) or _MEAN.search(written):
        return ""
    if re.search(r"[\w]-(?:year|month|week|day|hour|minute|second)s?$", written, re.I):
        phrase = find_phrase(words, q.end)
        noun = words[phrase[0] : phrase[1]] if phrase else ""
        return (
            ""
            if re.search(r"\b(?:average|mean|anniversary|period|history|outcomes?|results?|data|report)\b", noun)
            else noun
        )
    if beside := find_beside(clause, of=True):
        return beside
    if not _LASTS.search(clause):
        phrase = find_of(words, q.end)
        return words[phrase[0] : phrase[1]] if phrase else ""
    return find_before(clause)


def _find_cjk(words: str, q: Quantity) -> str:
    after = find_after_cjk(words, q.end) if q.unit in COUNTERS else ""
    before = _DATE.sub("", words[: q.start])
    return after or find_before_korean(before) or find_before_han(before)


def _trim(words: str) -> str:
    """A phrase up to the first plural or the fifth word."""
    kept: list[str] = []
    for word in words.split()[:6]:
        kept.append(word)
        if is_plural(word) and "of" in kept:
            break
    return " ".join(kept)
