"""The terms of a text. A news item and an abstract about the same thing share terms even where the words differ.

In order:

1. Typographic variants become one: dashes, quotes, ligatures, `SARS - CoV-2` of texts that were split into tokens.
2. British spelling becomes American (`haemoglobin`, `tumour`, `randomised`).
3. Words lose their plural and derivational endings.
4. Phrases of `bridges.tsv` (lay and technical names of the same thing) also give the name of their group.
5. Numbers are read (`7,000`, `3·6 %`, `twelve`), so that a value is one term.

Stop words, of English and of the genre (`researchers`, `study`, `said`), give no term.

A term is a string: a stem as it is, `~group` for a bridge, `#value` for a number, `a_b` for two stems in a row.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path

_TSV = Path(__file__).with_name("bridges.tsv")
_DASHES = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-") | {"\u00b7": ".", "\u2019": "'"})
_LOOSE = re.compile(r"(?<=\w) -(?=\w)|(?<=\w)- (?=[A-Za-z]*\d)|(?<=\w) - (?=\w)")  # SARS - CoV, 45 - 49
_NUMBER = re.compile(r"\d+(?:[ ,]\d{3})*(?:\.\d+)?")
_TOKEN = re.compile(
    r"\d+(?:[ ,]\d{3})+(?:\.\d+)?(?![\d,])|\d+(?:\.\d+)?(?=$|[^\w.]|\.\D|\.$)|[^\W\d_][\w]*(?:-\w+)*|\d\w*"
)
_SPELLED = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty",
)  # fmt: skip
_NUMBERS = {word: str(value) for value, word in enumerate(_SPELLED) if value > 2}  # "one" and "two" are rarely counts
_STOP = frozenset(Path(__file__).with_name("stopwords.txt").read_text("utf-8").split())
_BRITISH = (
    (re.compile(r"aemi"), "emi"), (re.compile(r"haem"), "hem"), (re.compile(r"oedem"), "edem"),
    (re.compile(r"oestr"), "estr"), (re.compile(r"oesoph"), "esoph"), (re.compile(r"foet"), "fet"),
    (re.compile(r"paed"), "ped"), (re.compile(r"palaeo"), "paleo"), (re.compile(r"anaes"), "anes"),
    (re.compile(r"gynaec"), "gynec"), (re.compile(r"orthopaed"), "orthoped"), (re.compile(r"leuk(?=em)"), "leuk"),
    (re.compile(r"diarrhoea"), "diarrhea"), (re.compile(r"(?<=[a-z]{3})our(?=$|s$|ed$|ing$|al$)"), "or"),
    (re.compile(r"(?<=[a-z]{3})is(?=e$|es$|ed$|ing$|ation$|ations$)"), "iz"),
    (re.compile(r"(?<=[a-z]{2})ys(?=e$|ed$|ing$)"), "yz"),
    (re.compile(r"(?<=[bt])re$"), "er"), (re.compile(r"sulph"), "sulf"), (re.compile(r"grey"), "gray"),
    (re.compile(r"ageing"), "aging"), (re.compile(r"(?<=l)l(?=ed$|ing$)"), ""),
)  # fmt: skip
_ENDINGS = (
    ("ization", 4), ("izing", 4), ("ized", 4), ("ize", 4), ("ational", 4), ("ations", 4), ("ation", 4),
    ("ating", 4), ("ated", 4), ("ates", 4), ("ate", 4), ("ators", 4), ("ator", 4), ("ically", 3), ("ical", 3),
    ("ics", 3), ("ities", 4), ("ity", 4), ("nesses", 4), ("ness", 4), ("ments", 4), ("ment", 4), ("ously", 3),
    ("ous", 4), ("ively", 4), ("ives", 4), ("ive", 4), ("ions", 4), ("ion", 4), ("ings", 4), ("ing", 3),
    ("ally", 3), ("als", 4), ("al", 4), ("ies", 3), ("ied", 3), ("ers", 4), ("er", 4), ("ed", 3), ("ly", 4),
    ("ic", 4), ("ia", 5), ("es", 4), ("s", 3), ("e", 4), ("y", 4), ("a", 5),
)  # fmt: skip


def normalise_spelling(text: str) -> str:
    """One form of dashes, quotes and widths; a hyphen with spaces around it joins its words again."""
    return _LOOSE.sub("-", unicodedata.normalize("NFKC", text).translate(_DASHES))


def americanise(word: str) -> str:
    """A lower-case word in American spelling, roughly: it is enough that both sides of a comparison come out alike."""
    for pattern, other in _BRITISH:
        word = pattern.sub(other, word)
    return word


@cache
def stem(word: str) -> str:
    """A lower-case word without its endings. The result need not be a word."""
    word = americanise(word)
    if len(word) < 4 or any(char.isdigit() for char in word):
        return word
    for ending, least in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= least and not word.endswith("ss"):
            word = word[: -len(ending)]
            break
    if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "aeilosu":
        word = word[:-1]
    return word


@cache
def load_bridges(path: Path = _TSV) -> dict[tuple[str, ...], tuple[str, ...]]:
    """Stems of a phrase -> its groups. A line of the file has the group, then its wordings separated by ` | `."""
    bridges: dict[tuple[str, ...], tuple[str, ...]] = {}
    for line in path.read_text("utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        group, wordings = line.split("\t")
        for wording in wordings.split(" | "):
            stems = tuple(stem(word) for word in _split_words(wording.lower()))
            bridges[stems] = tuple(dict.fromkeys((*bridges.get(stems, ()), f"~{group}")))
    return bridges


def find_terms(text: str) -> Iterator[str]:
    """Every term of a text, as often as it occurs."""
    stems: list[str | None] = []  # None for a number: it ends a phrase
    for token in _split_tokens(normalise_spelling(text)):
        number = _read_number(token)
        if number is not None:
            stems.append(None)
            yield f"#{number}"
            continue
        word = token.lower()
        if "-" in word:
            yield word.replace("-", "")
        for part in filter(None, word.split("-")):
            stems.append(stem(part))
            if part not in _STOP and part.removesuffix("s") not in _STOP and len(part) > 1:
                yield stem(part)
    yield from _find_groups(stems)
    for one, two in pairwise(stems):
        if one and two and not (one in _STOP_STEMS or two in _STOP_STEMS):
            yield f"{one}_{two}"


def _find_groups(stems: Sequence[str | None]) -> Iterator[str]:
    """Groups of the phrases in a row of stems; the longest phrase at each place counts."""
    bridges, longest = load_bridges(), _find_longest()
    at = 0
    while at < len(stems):
        for size in range(min(longest.get(stems[at] or "", 0), len(stems) - at), 0, -1):
            groups = bridges.get(tuple(word or "" for word in stems[at : at + size]))
            if groups is not None:
                yield from groups
                at += size
                break
        else:
            at += 1


_STOP_STEMS = frozenset(stem(word) for word in _STOP)


@cache
def _find_longest() -> dict[str, int]:
    """First stem of a phrase -> number of stems of the longest phrase that begins with it."""
    longest: dict[str, int] = {}
    for phrase in load_bridges():
        longest[phrase[0]] = max(longest.get(phrase[0], 0), len(phrase))
    return longest


def _split_tokens(text: str) -> list[str]:
    return _TOKEN.findall(text)


def _split_words(text: str) -> list[str]:
    return [part for token in _split_tokens(normalise_spelling(text)) for part in token.split("-") if part]


def _read_number(token: str) -> str | None:
    """The value of a number in digits or words; None for another token."""
    if token[0].isdigit() and _NUMBER.fullmatch(token):
        number = token.replace(",", "").replace(" ", "")
        return number.rstrip("0").rstrip(".") if "." in number else number
    return _NUMBERS.get(token.lower())
