"""The subject of a quantity, by rules: the noun that it counts, or what it measures.

`find_subject` takes the counted noun. In Korean, Japanese and Chinese it then takes the noun after a counter, else the
noun before the number. In other languages the first of `RULES` that answers decides:

1. `read_multiple`: of a multiple, the subject of its clause, else what follows ("1.8 times the average");
2. `read_time`: of a time, what lasts so long ("were followed for three years"); nothing where it says when ("after
   twelve months", "two years ago");
3. `read_range`: of a range without "of" after it, the noun before its preposition ("the rate from 20% to 30%");
4. `read_following`: what follows: after "of"; of a percentage or a number with a hyphen at once ("24-hour exposure");
5. `read_preceding`: of a measure, the noun before its preposition, else what precedes the verb of the clause.

The subject is empty where nothing of these is there.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from nlp.quantities.nouns import (
    find_after_cjk,
    find_before,
    find_before_han,
    find_before_korean,
    find_before_preposition,
    find_of,
    find_phrase,
    is_plural,
)
from nlp.quantities.quantity import Quantity
from nlp.quantities.units import TIME
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
_ARTICLES = re.compile(
    r"(?:(?:the|a|an|its|their|his|her|our|this|that|these|those|each|every|some|all|such|des|der|die|das|les|la|le|von|de|du)\s+)+",
    re.I,
)
_DATE = re.compile(r"(?:\d{4}\s?[년年]|\d{1,2}\s?[월月日일])(?:에는|에서|에|には|に|は|、)?\s?")
_FOLLOWS = re.compile(r"\s(?:as \w+ )?(?:as )?(?=(?:the|its|their|that)\b)(?P<noun>[a-z][^,.;:()]{2,60})")
_HYPHENATED = re.compile(r"\d-[A-Za-z]|[a-z]-[a-z]")
_TIME_HYPHENATED = re.compile(r"[\w]-(?:year|month|week|day|hour|minute|second)s?$", re.I)
_NOT_LASTING = re.compile(r"\b(?:average|mean|anniversary|period|history|outcomes?|results?|data|report)\b")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


Rule = Callable[[str, Quantity, str], str | None]  # sentence, quantity, clause before it -> subject; None: next rule


def find_subject(words: str, q: Quantity, lang: str | None = None) -> str:
    """What is counted or measured, in the sentence's words; empty where it does not say so."""
    if q.noun:
        return clean_subject(q.noun)
    if _CJK.search(words):
        return clean_subject(_find_cjk(words, q))
    before = words[: q.start]
    clause = before[max((m.end() for m in _CLAUSE.finditer(before)), default=0) :]
    found = next((subject for rule in RULES if (subject := rule(words, q, clause)) is not None), "")
    return clean_subject(found)


def is_loose(subject: str) -> bool:
    """Whether it only structures the text: "three questions", "two kinds". "Two kinds of cells" is a subject."""
    head = re.split(r" of | for ", subject)[0].split()[-1].lower()
    if head in ("kinds", "types", "groups", "boxes") and re.search(
        r" of .*(?:cells?|lines?|patients|people)\b", subject
    ):
        return False
    return head in PARTS


def clean_subject(subject: str) -> str:
    """Without the articles that it begins with, and cut after a word to `LONGEST` characters."""
    subject = _ARTICLES.sub("", subject, count=1) if _ARTICLES.match(subject) else subject
    subject = subject.strip(" ,;:.\"“”'‘’()")
    return subject if len(subject) <= LONGEST else subject[:LONGEST].rsplit(" ", 1)[0]


def read_multiple(words: str, q: Quantity, clause: str) -> str | None:
    """Of a multiple: the subject of its clause, else what follows it."""
    if q.modifier != "multiple":
        return None
    follows = _FOLLOWS.match(words[q.end :])
    return _read_clause(clause) or (_cut_phrase(follows["noun"]) if follows else "")


def read_time(words: str, q: Quantity, clause: str) -> str | None:
    """Of a time: what lasts so long."""
    if q.unit not in TIME:
        return None
    written, after = words[q.start : q.end], words[q.end :]
    if _WHEN.match(after) or _MEAN.search(words[max(0, q.start - 24) : q.start]) or _MEAN.search(written):
        return ""
    if _TIME_HYPHENATED.search(written):
        noun = _get_text(words, find_phrase(words, q.end))
        return "" if _NOT_LASTING.search(noun) else noun
    if before := find_before_preposition(clause, of=True):
        return before
    return find_before(clause) if _LASTS.search(clause) else _get_text(words, find_of(words, q.end))


def read_range(words: str, q: Quantity, clause: str) -> str | None:
    """Of a range without "of" after it: the noun before its preposition."""
    if q.high is None or find_of(words, q.end):
        return None
    return find_before_preposition(clause) or None


def read_following(words: str, q: Quantity, _clause: str) -> str | None:
    """What follows: after "of"; of a percentage or a number with a hyphen at once."""
    phrase = find_of(words, q.end)
    if phrase is None and (q.unit == "%" or _HYPHENATED.search(words[q.start : q.end])):
        phrase = find_phrase(words, q.end)
    return _get_text(words, phrase) or None


def read_preceding(_words: str, q: Quantity, clause: str) -> str | None:
    """Of a measure: the noun before its preposition, else the subject of the clause."""
    if not q.unit or q.unit.startswith("of "):
        return None
    return find_before_preposition(clause) or _read_clause(clause)


RULES: tuple[Rule, ...] = (read_multiple, read_time, read_range, read_following, read_preceding)


def _read_clause(clause: str) -> str:
    """The subject of a clause that the quantity ends; its verb may be left out."""
    return find_before(clause.strip() + " is")


def _find_cjk(words: str, q: Quantity) -> str:
    """The noun after the counter, else the one before the number."""
    after = find_after_cjk(words, q.end) if q.unit in COUNTERS else ""
    before = _DATE.sub("", words[: q.start])
    return after or find_before_korean(before) or find_before_han(before)


def _cut_phrase(words: str) -> str:
    """A phrase up to the first plural after "of", at most six words."""
    kept: list[str] = []
    for word in words.split()[:6]:
        kept.append(word)
        if is_plural(word) and "of" in kept:
            break
    return " ".join(kept)


def _get_text(words: str, phrase: tuple[int, int] | None) -> str:
    return words[phrase[0] : phrase[1]] if phrase else ""
