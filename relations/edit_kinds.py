"""Of what kind a change of a text is, and why: the first of these that applies to a sentence and its partner.

1. **correction note**: a sentence that was put in says that the text was corrected (`note` in `edit_cues.tsv`), or an
   old note was changed;
2. **cosmetic**: the sentence only moved, or is of the frame of the page (`frame`), or all that differs is looks: signs,
   capitals, spaces, a number written in words, British and American spelling, one letter of a long word;
3. **number**: the numbers of the two sentences differ;
4. **stage**: what the changed words say of how far a treatment is differs (`stage`): what it was tested in, phase,
   with a control group or without, licensed or not;
5. **name**: the changed words are a proper name, one that the document is known to hold or one by its capitals;
6. **wording**: anything else, also a sentence that was put in or taken out. One with a caveat of a stage ("not tested
   in people") is of the kind stage.

A pair of sentences can have changes of several kinds: one of each at most, and wording only where there is no other.
Numbers and stages are compared by value: "fifteen" is 15, "patients" and "people" are one.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from relations.number_words import find_numbers
from relations.text_changes import Change, Hunk, squash

CUES = Path(__file__).with_name("edit_cues.tsv")
FRAME_WORDS = 25  # words: a longer sentence is not of the frame
PLAIN = frozenset({"a", "an", "the", "that"})
CAVEATS = frozenset({"not in people", "not licensed", "preprint", "uncontrolled"})
ALONE = frozenset({"people"})  # says nothing of a stage where the other side has none

_SPELLINGS = (("ou(?=r)", "o"), ("ae|oe", "e"), ("is(?=e|ing|ation)", "iz"), ("ys(?=e)", "yz"), ("re\\b", "er"),
              ("per ?cent", "%"), ("ogramme", "ogram"), ("ll(?=ed|ing)", "l"))  # fmt: skip
_NEGATION = re.compile(r"^(?:un|in|im|ir|il|non|dis|a|anti|mis)[-]?(?=.{3})")
_NAME_WORD = re.compile(r"[^\W\d_][\w'’-]*|[A-Za-z]+[\d-]+\w*")
_IDENTIFIER = re.compile(r"(?=\S*[A-Za-z])(?=\S*\d)[A-Za-z\d./-]{3,}")
_HANGUL_NAME = re.compile(r"[\uac00-\ud7af]{2,4}")
_TITLE = (
    r"(?:WORDS[\uac00-\ud7af]{0,2}\s?(?:교수|박사|원장|소장|대표|연구원|팀장|장관|기자|씨)|WORDS\w{0,4}(?:氏|教授|博士|さん|先生)"
    r"|(?:Dr\.?|Professor|Professorin|Prof\.?|Herr|Frau|Leiter|Leiterin|Direktor|Direktorin) (?:[A-Z][\w-]+ )?WORDS)"
)
_TIME = re.compile(
    r"^(?:(?:mon|tues|wednes|thurs|fri|satur|sun)days?|january|february|march|april|may|june|july|august|september"
    r"|october|november|december)$",
    re.I,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of change, with the reason and the words that it rests on."""

    kind: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """What a change is judged with: both whole texts, and the names that the document is known to hold."""

    before: str
    after: str
    names: frozenset[str]
    lang: str | None

    def has_small(self, word: str) -> bool:
        """Whether a text has the word without its capital."""
        pattern = rf"(?<![\w-]){re.escape(word.lower())}(?![\w-])"
        return bool(re.search(pattern, self.before) or re.search(pattern, self.after))


def classify(change: Change, texts: Texts) -> list[Kind]:
    """The kinds of a change, at least one."""
    if change.moved:
        return [Kind(kind="cosmetic", why="the sentence was moved")]
    if not change.before or not change.after:
        return [_classify_alone(change)]
    if is_note(change.after) and squash(change.before) != squash(change.after):
        return [Kind(kind="correction note", why="the note of a correction was changed")]
    looks = find_looks(change)
    if looks:
        return [Kind(kind="cosmetic", why=looks)]
    found = [*_find_numbers(change), *_find_stages(change), *_find_names(change, texts)]
    return found or [Kind(kind="wording", why="other words")]


def is_note(sentence: str) -> bool:
    """Whether a sentence says that its text was corrected."""
    return bool(_load("note").search(sentence))


def _classify_alone(change: Change) -> Kind:
    """A sentence that was put in or taken out."""
    sentence, done = (change.after, "put in") if change.after else (change.before, "taken out")
    if is_note(sentence):
        return Kind(kind="correction note", why=f"the note of a correction was {done}")
    if is_frame(sentence):
        return Kind(kind="cosmetic", why=f"a line of the page's frame was {done}")
    said = find_stages(sentence) & CAVEATS
    if said:
        return Kind(kind="stage", why=f"a sentence was {done} that says: {_join(said)}")
    return Kind(kind="wording", why=f"a sentence was {done}")


def is_frame(sentence: str) -> bool:
    """Whether a short sentence is of the frame of a page: a button, a credit, a time of update."""
    return len(sentence.split()) <= FRAME_WORDS and bool(_load("frame").search(sentence))


def find_looks(change: Change) -> str:
    """Why two sentences differ in looks alone; empty where they do not."""
    if is_frame(change.before) and is_frame(change.after):
        return "a line of the page's frame was changed"
    if _count(change.before) != _count(change.after):
        return ""
    if squash(change.before) == squash(change.after):
        return "only signs, capitals or spaces differ"
    if _even(change.before) == _even(change.after):
        return "only the way of writing differs"
    why = {_find_small(hunk) for hunk in change.hunks}
    return "" if "" in why or not why else _join(why)


def _find_small(hunk: Hunk) -> str:
    """Why the words of a hunk differ in looks alone; empty where they do not."""
    before, after = hunk.before.casefold(), hunk.after.casefold()
    if squash(before) == squash(after) or _even(before) == _even(after):
        return "only signs, capitals or the way of writing differ"
    words = {*re.findall(r"\w+", before), *re.findall(r"\w+", after)}
    if words <= PLAIN:
        return "only an article differs"
    if hunk.before.islower() and hunk.after.islower() and is_slip(before, after):
        return "a slip of spelling"
    return ""


def is_slip(one: str, other: str) -> bool:
    """Whether two words differ by one letter, or by two that changed places, and none is the other denied."""
    if min(len(one), len(other)) < 4 or not (one + other).isalpha() or find_stages(one) != find_stages(other):
        return False
    if _NEGATION.sub("", one, count=1) == other or _NEGATION.sub("", other, count=1) == one:
        return False
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    left, right = one[start:], other[start:]
    return left[1:] == right[1:] or left[1:] == right or left == right[1:] or (
        len(left) > 1 and len(right) > 1 and left[:2] == right[1::-1] and left[2:] == right[2:]
    )  # fmt: skip


def _even(text: str) -> str:
    """The text with one spelling for what is spelled in two ways, and its number words as digits."""
    made, last = [], 0
    for number in find_numbers(text):
        made += [text[last : number.start], f"{number.value:g}"]
        last = number.end
    line = "".join([*made, text[last:]]).casefold()
    for spelling, one in _SPELLINGS:
        line = re.sub(spelling, one, line)
    return squash(line.replace("%", "percent"))


def _find_numbers(change: Change) -> Iterator[Kind]:
    """Numbers that only one of the sentences has."""
    before, after = _count(change.before), _count(change.after)
    gone, come = sorted((before - after).elements()), sorted((after - before).elements())
    if gone and come:
        yield Kind(kind="number", why=f"{_numbers(gone)} became {_numbers(come)}")
    elif gone:
        yield Kind(kind="number", why=f"{_numbers(gone)} was taken out")
    elif come:
        yield Kind(kind="number", why=f"{_numbers(come)} was put in")


def _count(sentence: str) -> Counter[float]:
    return Counter(number.value for number in find_numbers(sentence))


def _numbers(values: Sequence[float]) -> str:
    return ", ".join(f"{value:,.10g}" for value in values[:4])


def find_stages(text: str) -> frozenset[str]:
    """What a text says of how far a treatment is: values of the rows `stage`."""
    return frozenset(value for value, cue in _load_stages() if cue.search(text))


def _find_stages(change: Change) -> Iterator[Kind]:
    """Stages that only one of the sentences has, where the changed words say them."""
    before, after = find_stages(change.before), find_stages(change.after)
    gone, come = before - after, after - before
    if (not gone and not come) or (gone | come) <= ALONE:
        return
    if gone and come:
        yield Kind(kind="stage", why=f"{_join(gone)} became {_join(come)}")
    else:
        yield Kind(kind="stage", why=f"{_join(gone or come)} was {'taken out' if gone else 'put in'}")


def _find_names(change: Change, texts: Texts) -> Iterator[Kind]:
    """Changed words that are a name: surely on one side, and with a capital on the other; or alone, put in or out."""
    for hunk in change.hunks:
        if squash(hunk.before) == squash(hunk.after):
            continue
        sides = [_find_name(words, hunk, change, texts) for words in (hunk.before, hunk.after)]
        loose = [_find_capitals(words) for words in (hunk.before, hunk.after)]
        both = [side or other for side, other in zip(sides, loose, strict=True)]
        if hunk.before and hunk.after and any(sides) and all(both):
            yield Kind(kind="name", why=f"{both[0]} became {both[1]}")
            return
        words = hunk.before or hunk.after
        if not (hunk.before and hunk.after) and any(sides) and _is_all_names(words, texts):
            yield Kind(kind="name", why=f"{words.strip(' ,.;')} was {'taken out' if hunk.before else 'put in'}")
            return


def _find_name(words: str, hunk: Hunk, change: Change, texts: Texts) -> str:
    """The name in the words of a hunk; empty for none."""
    if any(words in name or name in words for name in texts.names if len(words.strip()) > 1):
        return words
    found = _IDENTIFIER.search(words) or _HANGUL_NAME.fullmatch(words)
    if found and (words[0].isascii() or _is_titled(words, change)):
        return found[0]
    if texts.lang == "de" and not _is_titled(words, change):
        return ""  # every noun has a capital
    capitals = [word for word in _NAME_WORD.findall(words) if _is_name(word, texts)]
    if hunk.at_start and len(capitals) == 1 and words.startswith(capitals[0]) and not _goes_on(words, change):
        return ""
    return " ".join(capitals)


def _find_capitals(words: str) -> str:
    """The words with a capital, whether they are names or not."""
    return " ".join(word for word in _NAME_WORD.findall(words) if word[0].isupper() and not _TIME.match(word))


def _is_name(word: str, texts: Texts) -> bool:
    """Whether a word has a capital because it is a name: an initial, or one that neither text writes small."""
    if not word[0].isupper() or _TIME.match(word):
        return False
    return (len(word) <= 3 and word.isupper()) or not texts.has_small(word)


def _is_all_names(words: str, texts: Texts) -> bool:
    """Whether words that were put in or taken out are nothing but names and initials."""
    found = _NAME_WORD.findall(words)
    return bool(found) and all(_is_name(word, texts) for word in found)


def _is_titled(words: str, change: Change) -> bool:
    """Whether the words are part of a person's name, by the title next to it."""
    pattern = _TITLE.replace("WORDS", re.escape(words))
    return any(re.search(pattern, sentence) is not None for sentence in (change.before, change.after))


def _goes_on(words: str, change: Change) -> bool:
    """Whether a word with a capital follows the words: "Marion" of "Marion Ashdown-Price"."""
    return any(
        re.search(rf"{re.escape(words)}\s+[A-Z]", sentence) is not None for sentence in (change.before, change.after)
    )


def _join(values: Iterator[str] | frozenset[str] | set[str]) -> str:
    return ", ".join(sorted(values))


@cache
def _load(kind: str) -> re.Pattern[str]:
    """The cues of a kind, as one pattern."""
    return re.compile("|".join(rf"(?:{row['cue']})" for row in _rows() if row["kind"] == kind), re.I)


@cache
def _load_stages() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((row["value"], re.compile(row["cue"], re.I)) for row in _rows() if row["kind"] == "stage")


@cache
def _rows() -> tuple[dict[str, str], ...]:
    with CUES.open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
