"""Whether a paper reports work of its own, where no record says what kind of paper it is.

A review, a protocol of a search or the report of a meeting names mice and patients as often as a study does. In order:

1. a title of an overview ("current status of …", a question) or a text that reviews, searches or includes studies: no;
2. a text without a word of its own work ("we", "this study", "rats were divided"): no;
3. otherwise yes.

The words are in `own_work.toml`.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from core.config import Strict, checked, load_toml

WORDS = Path(__file__).with_name("own_work.toml")
READ = 6_000  # characters of a text


class Words(Strict):
    """`own_work.toml`."""

    own: list[str]
    title: list[str]
    text: list[str]


@cache
def load_words() -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    """Patterns of own work, of titles and of texts of overviews. Raises ConfigError."""
    words = checked(Words, load_toml(WORDS), WORDS)
    own, title, text = (re.compile(rf"(?i)\b(?:{'|'.join(some)})\b") for some in (words.own, words.title, words.text))
    return own, title, text


def begins_own_work(sentence: str) -> bool:
    """Whether a text tells of its own work from this sentence on."""
    return bool(load_words()[0].search(sentence))


def reports_own_work(title: str, text: str) -> bool:
    """Whether a paper reports work of its own, by its words."""
    own, of_title, of_text = load_words()
    if of_title.search(title) or title.rstrip().endswith("?") or of_text.search(text[:READ]):
        return False
    return bool(own.search(text[:READ]))
