"""The stem of a folded word as the index has it: SQLite's Porter stemmer, so that hits can be marked in a text.

Snowball's `porter` is the algorithm as published. SQLite's follows its author's later program, which differs in two
endings (-logy and -bly), and leaves words alone that have less than three bytes or more than 64.
`tests/publish/test_stems.py` compares the two over thousands of words.
"""

from __future__ import annotations

from functools import lru_cache

import snowballstemmer

_PORTER = snowballstemmer.stemmer("porter")


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """The stem of one folded word.

    >>> stem("cells"), stem("cardiology"), stem("as")
    ('cell', 'cardiolog', 'as')
    """
    if not 3 <= len(word.encode()) <= 64:
        return word
    if word == "ies":
        return "ie"
    found: str = _PORTER.stemWord(word)
    for ending, other in (("logi", "log"), ("bli", "ble")):
        if found.endswith(ending) and not word.endswith("e") and _has_syllable(found.removesuffix(ending)):
            found = _PORTER.stemWord(found.removesuffix(ending) + other)
    return found


def _has_syllable(start: str) -> bool:
    """Whether a vowel is followed by a consonant: Porter's m > 0. After a vowel, y is a consonant."""
    before = ""
    for letter in start:
        vowel = letter in "aeiou" or (letter == "y" and before not in ("", "v"))
        if before == "v" and not vowel:
            return True
        before = "v" if vowel else "c"
    return False
