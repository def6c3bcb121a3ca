"""Noun phrases around a number, by rules and without a tagger.

The counted noun follows the number: up to six words that end with the first plural ("6,000 stem cell therapy clinical
trials"), with what follows "of" ("lines of induced pluripotent stem cells"). A phrase ends before a word of grammar
(`STOP`) or a verb (`VERBS`). If it would begin with one, or has no plural, nothing is counted. In other European
languages the counted noun is the next word; in Korean, Japanese and Chinese it is the word next to the number and its
counter. The subject of a measure follows it ("60 ml of fat", "24-hour exposure") or precedes the verb of its clause.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from nlp.quantities.numbers import parse_number
from nlp.quantities.words import get_words

WORDS = 6
Span = tuple[int, int]  # offsets of a phrase
STOP = get_words("stop")
VERBS = get_words("verb")
PLURALS = get_words("plural")
NO_PLURALS = get_words("no plural")
SINGLE = get_words("single")
_ACRONYM = re.compile(r"[A-Za-z]?[A-Z][A-Za-z]*[A-Z]s")
_OBJECT = re.compile(r" (?:a|an|the|their|its|his|her|our|it|them)\b")
_BEFORE_PREPOSITION = re.compile(
    r"(?P<words>(?:[\w'’-]+ ){1,4})(?P<by>of|from|at|between)"
    r"(?: (?:about|around|some|roughly|nearly|up to|at least|only))*\s*$",
    re.I,
)
_WORD = re.compile(r"[ \u00a0](?P<word>(?P<half>[a-z]{2,4})/(?P=half)\b|[^\W\d_][\w'’-]*)")  # a genotype: db/db
_OF = re.compile(r" of (?:the |these |those |its |their |all |all the |our |his |her )?(?=[^\W\d_])", re.I)
_PRONOUN = re.compile(
    r"(?:it|they|he|she|we|you|i|that|this|which|who|there|what|these|those|no|none|some|both|all"
    r"|nobody|everybody|anyone|everyone|one|somebody)\b",
    re.I,
)
_INTRO = re.compile(
    r"^(?:(?:the|a|an|its|their|his|her|our|each|every|both|all|this|that|these|those|about)\s+)+", re.I
)
_WHOLE_WORD = re.compile(r"[^\W\d_][\w'’/-]*")
_HAN = re.compile(
    r"(?:の|\s)?(?P<noun>[\u3400-\u9fff\u30a0-\u30ff]{2,10}?)(?=[的在和于了是接受正被已进进行,，。、 \u3040-\u309f]|$)"
)
_HAN_BEFORE = re.compile(
    r"(?P<noun>[\u3400-\u9fff\u30a0-\u30ff]{2,10}?)(?:は|が|を|も|为|達|达到|达|是)?(?:約|およそ)?\s?$"
)
_KOREAN_AFTER = re.compile(r"(?:의|(?<=넘는))\s(?P<noun>[가-힣]{2,8}?)(?:에서|에|이|가|은|는|을|를|의|도)?(?=[\s.,]|$)")
_KOREAN_WORD = re.compile(r"[가-힣A-Za-z]+")
_KOREAN_LOOSE = re.compile(
    r"모두|총|약|각각|전체|합계|지난해|올해|작년|이듬해|최근|현재|누적|국내|대비|거의|또|이상|이하|대략|매년|연간|가운데|중"
)
_KOREAN_END = re.compile(r"(?:에서는|에서|에게|이|가|은|는|을|를|의|도|만)$")
_KOREAN_VERB = re.compile(r"(?:면|고|서|며|어|아|해|지|게|된|던|할|될|하는|되는|다|로|에|과|와|년|월|일)$")


def find_counted(text: str, at: int, *, one: bool = False, english: bool = True) -> Span | None:
    """(start, end) of the noun that a number which ends at `at` counts; `one`: the number is one."""
    place = of.end() - 1 if (of := _OF.match(text, at)) else at
    words = _find_words(text, place)
    if not english:
        return words[0] if words and words[0][1] - words[0][0] > 2 else None
    if not words or text[slice(*words[0])].lower() in VERBS:
        return None
    if one:
        return _find_single(text, words) if place == at else None
    return _find_plural(text, words)


def _find_single(text: str, words: Sequence[Span]) -> Span | None:
    """The phrase that ends with a noun of `SINGLE`, the first or second word."""
    single = next((end for begin, end in words[:2] if text[begin:end] in SINGLE), None)
    return None if single is None else (words[0][0], find_tail(text, single))


def _find_plural(text: str, words: Sequence[Span]) -> Span | None:
    """The phrase that ends with the first plural; after an acronym with the next one ("MILs clinical trials")."""
    plurals = [place for place, (begin, end) in enumerate(words) if is_plural(text[begin:end])]
    if not plurals:
        return None
    last = first = plurals[0]
    if _ACRONYM.fullmatch(text[slice(*words[first])]):
        last = next((place for place in plurals[1:] if place <= first + 2), first)
    return words[0][0], find_tail(text, words[last][1])


def find_tail(text: str, end: int) -> int:
    """Where a noun phrase ends with what follows "of"."""
    if not (of := _OF.match(text, end)):
        return end
    words = _find_words(text, of.end() - 1)[:4]
    kept: list[Span] = []
    for begin, stop in words:
        kept.append((begin, stop))
        if is_plural(text[begin:stop]):
            break
    return kept[-1][1] if kept and text[kept[0][0] : kept[0][1]].lower() not in VERBS else end


def find_phrase(text: str, at: int) -> Span | None:
    """Up to three words after `at`, singular or plural: "24-hour exposure", "70% response rate"."""
    words = _find_words(text, at)[:3]
    if not words or text[words[0][0] : words[0][1]].lower() in VERBS or _OBJECT.match(text, words[-1][1]):
        return None
    last = next((place for place, (b, e) in enumerate(words) if is_plural(text[b:e])), len(words) - 1)
    return words[0][0], find_tail(text, words[last][1])


def find_of(text: str, at: int) -> Span | None:
    """The phrase after "of" at `at`."""
    of = _OF.match(text, at)
    return find_phrase(text, of.end() - 1) if of else None


def find_before(clause: str) -> str:
    """The phrase that a clause begins with, up to its verb; empty where that is a pronoun or missing."""
    clause = re.sub(r"^[\s\"“‘'(,]+|[\s\"”]+$", "", clause)
    clause = re.sub(r"^(?:(?:and|but|while|whereas|or|then|however|so)\s+)+", "", clause, flags=re.I)
    if _PRONOUN.match(clause):
        return ""
    clause = _INTRO.sub("", clause)
    words = clause.split(" ")
    verb = next((place for place, word in enumerate(words) if _ends_subject(word, first=place == 0)), None)
    if verb is None or _VERBAL.match(clause):  # without a verb we do not know which words are the subject
        return ""
    kept = words[:verb]
    if not all(_WHOLE_WORD.fullmatch(word) and parse_number(word.lower().strip(".,;:")) is None for word in kept):
        return ""
    while kept and kept[-1].lower() in STOP:
        kept.pop()
    return " ".join(kept) if 0 < len(kept) <= 6 else ""


def _ends_subject(word: str, *, first: bool) -> bool:
    """Whether a word of a clause ends its subject: a verb or a word of grammar."""
    low = word.lower().strip(".,;:")
    if low in VERBS or (low in STOP and low != "of"):
        return True
    return not first and low.endswith("ed") and low not in ADJECTIVES


ADJECTIVES = get_words("participle")
SUMS = get_words("sum")
_VERBAL = re.compile(rf"(?!(?:{'|'.join(sorted(ADJECTIVES))})\b)[a-z]+(?:ed|ing)\b")


def find_before_preposition(clause: str, *, of: bool = False) -> str:
    """The noun before the preposition of a measure: "a rate of 20%", "the rate from 20%". `of`: only before "of"."""
    found = _BEFORE_PREPOSITION.search(clause)
    if not found or (of and found["by"].lower() != "of"):
        return ""
    kept: list[str] = []
    for word in reversed(found["words"].split()):
        low = word.lower()
        if low in STOP or low in VERBS or low in SUMS or (low.endswith("ed") and low not in ADJECTIVES):
            break
        kept.insert(0, word)
    return " ".join(kept)


def find_before_korean(before: str) -> str:
    """The nearest Korean noun before a number that has a particle of subject or topic, or directly precedes it."""
    words = _KOREAN_WORD.findall(re.split(r"[.,;:()…·\d]", before)[-1])
    for place, word in enumerate(reversed(words[-4:])):
        if _KOREAN_LOOSE.fullmatch(word):
            continue
        bare = _KOREAN_END.sub("", word)
        if len(bare) > 1 or bare == "쥐" or (bare and bare != word):
            if bare != word and not _KOREAN_VERB.search(word.removesuffix("는")):
                return bare
            if bare == word and place == 0 and not _KOREAN_VERB.search(word):
                return bare
        return ""
    return ""


def find_before_han(before: str) -> str:
    """The Chinese or Japanese noun directly before a number: 患者7人, 治験は20件."""
    found = _HAN_BEFORE.search(before)
    return found["noun"] if found else ""


def find_after_cjk(text: str, at: int) -> str:
    """The noun after a counter: 6,000项临床试验, 約6000件の臨床試験, 6천 건의 임상시험."""
    found = _KOREAN_AFTER.match(text, at) or _HAN.match(text, at)
    return found["noun"] if found else ""


def is_plural(word: str) -> bool:
    """Whether a word is an English plural, by its ending and the lists of exceptions."""
    low = word.lower()
    if low in PLURALS:
        return True
    if low in NO_PLURALS or len(word) < 4:
        return False
    if word.isupper():
        return False
    return low.endswith("s") and not low.endswith(("ss", "us", "is", "'s", "’s")) and low not in VERBS


def _find_words(text: str, at: int) -> list[Span]:
    """Up to `WORDS` words from `at` on, which end before a sign, a number, a verb or a word of grammar."""
    found: list[Span] = []
    while len(found) < WORDS and (match := _WORD.match(text, at)):
        word = match["word"].lower()
        if (
            word in STOP
            or word in ("https", "http", "www")
            or (found and word in VERBS and not is_plural(match["word"]))
        ):
            break
        found.append(match.span("word"))
        at = match.end()
    return found
