"""Names reduced to what they have in common, so that one key finds every way of writing.

`tokens(surface)` gives stems: lower case, without accents, possessives, brackets and plural endings, British
spelling as American, Greek letters by name, Roman numerals as digits ("Type II Gaucher's disease" ->
type 2 gaucher diseas). They are keys and are never shown.

`order_key` keeps the order of the stems; `bag_key` forgets it, with the words that carry no meaning, and puts words
that mean the same in one class ("cancer of the breast", "breast carcinomas" -> breast neoplasm). The classes and the
idle words are data: `equivalents.toml` in this folder.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

EQUIVALENTS = Path(__file__).with_name("equivalents.toml")
WORD = re.compile(r"[^\W_]+(?:'s\b)?|(?<=\w)\+")
GREEK = {
    "α": " alpha ",
    "β": " beta ",
    "γ": " gamma ",
    "δ": " delta ",
    "ε": " epsilon ",
    "κ": " kappa ",
    "λ": " lambda ",
}
ROMAN = {"ii": "2", "iii": "3", "iv": "4", "vi": "6", "vii": "7", "viii": "8", "ix": "9"}
AFTER_TYPE = {"i": "1", "v": "5", "x": "10"}  # single letters are numbers only there
TYPES = frozenset({"typ", "stag", "grad", "clas", "group", "subtyp", "phas"})
LETTERED = re.compile(r"(i{1,3}|iv|vi{0,3}|\d+)([a-h])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Equivalents:
    """The data of equivalents.toml, as stems."""

    idle: frozenset[str]
    modifiers: frozenset[str]
    vague: frozenset[str]
    causes: frozenset[str]
    joints: frozenset[str]
    general: frozenset[str]
    troubles: frozenset[str]
    eponymous: frozenset[str]
    tails: frozenset[str]
    ailing: tuple[str, ...]
    same: Mapping[str, str]  # stem -> the stem that names its class
    phrases: Mapping[tuple[str, ...], tuple[str, ...]]


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """One folded word without its plural and with American spelling."""
    for british, american in (
        ("ae", "e"),
        ("oe", "e"),
        ("our", "or"),
        ("leuco", "leuko"),
        ("sulph", "sulf"),
        ("yse", "yze"),
    ):
        if british in word and len(word) > 4:
            word = word.replace(british, american)
    if len(word) > 5 and word.endswith(("isation", "ised", "ising")):
        word = word.replace("isation", "ization").replace("ised", "ized").replace("ising", "izing")
    if len(word) > 4 and word.endswith("tre"):
        word = word[:-2] + "er"
    if len(word) > 5 and word.endswith("omata"):
        word = word[:-2]
    if len(word) > 6 and word.endswith("onia"):
        word = word[:-1] + "um"  # spermatogonia; on both sides, so it does not matter that pneumonia changes too
    if len(word) <= 3:
        return word[:-1] if len(word) == 3 and word.endswith("s") and word[:2] not in _SHORT else word
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith("s") and not word.endswith("ss"):
        word = word[:-1]
        if word.endswith(("sse", "xe", "che", "she")):
            word = word[:-1]
    if word.endswith(("i", "e")) and len(word) > 3:
        word = word[:-1]
    return word


_SHORT = frozenset({"ga", "ye", "hi", "it", "wa", "hu", "ai", "cn", "pn", "gb", "al", "m", "dm", "ra"})


@lru_cache(maxsize=16_384)
def tokens(surface: str) -> tuple[str, ...]:
    """Stems of a surface, in order."""
    text = surface.lower().replace("’", "'").replace("‐", "-").replace("–", "-")
    for letter, name in GREEK.items():
        if letter in text:
            text = text.replace(letter, name)
    if not text.isascii():
        text = "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))
    stems: list[str] = []
    for word in WORD.findall(text):
        if word.endswith("'s"):
            word = word[:-2]
        if word in ROMAN:
            stems.append(ROMAN[word])
        elif stems and stems[-1] in TYPES and (mark := LETTERED.fullmatch(word)):
            stems += [ROMAN.get(mark[1]) or AFTER_TYPE.get(mark[1], mark[1]), mark[2]]
        elif word in AFTER_TYPE and stems and stems[-1] in TYPES:
            stems.append(AFTER_TYPE[word])
        elif word == "+":
            stems.append("positiv")
        elif word != "s":
            stems.append(stem(word))
    return tuple(stems)


def order_key(stems: Sequence[str]) -> str:
    """The stems in order, as one string."""
    return " ".join(stems)


def bag_key(stems: Sequence[str], kind: str) -> str:
    """The sorted classes of the stems that carry meaning; empty when none does."""
    return " ".join(sorted(set(classes(stems, kind))))


def classes(stems: Sequence[str], kind: str) -> list[str]:
    """Stems as their classes, without idle words."""
    data = equivalents(kind)
    replaced = _phrases(list(stems), data.phrases)
    found = (data.same.get(one, one) for one in replaced if one not in data.idle)
    return [one for whole in found for one in whole.split()]


def _phrases(stems: list[str], phrases: Mapping[tuple[str, ...], tuple[str, ...]]) -> list[str]:
    if not phrases:
        return stems
    done: list[str] = []
    at = 0
    while at < len(stems):
        for size in (4, 3, 2):
            means = phrases.get(tuple(stems[at : at + size]))
            if means is not None:
                done += means
                at += size
                break
        else:
            done.append(stems[at])
            at += 1
    return done


@cache
def equivalents(kind: str) -> Equivalents:
    """The table of a type ("disease", "cell_type", …) in equivalents.toml; a type without one has no classes."""
    raw = tomllib.loads(EQUIVALENTS.read_text("utf-8")).get(kind, {})
    same: dict[str, str] = {}
    phrases: dict[tuple[str, ...], tuple[str, ...]] = {}
    for head, others in raw.get("same", {}).items():
        meant = tokens(head)
        for other in (head, *others):
            stems = tokens(other)
            if len(stems) == 1:
                same[stems[0]] = " ".join(meant)
            elif stems != meant:
                phrases[stems] = meant
    return Equivalents(
        idle=_stems(raw.get("idle", ())),
        modifiers=_stems(raw.get("modifiers", ())),
        vague=_stems(raw.get("vague", ())),
        causes=_stems(raw.get("causes", ())),
        joints=_stems(raw.get("joints", ())),
        general=_stems(raw.get("general", ())),
        troubles=_stems(raw.get("troubles", ())),
        eponymous=_stems(raw.get("eponymous", ())),
        tails=_stems(raw.get("tails", ())),
        ailing=tuple(raw.get("ailing", ())),
        same=same,
        phrases=phrases,
    )


def _stems(words: Iterable[str]) -> frozenset[str]:
    return frozenset(one for word in words for one in tokens(word))
