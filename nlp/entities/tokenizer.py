"""Text -> a spaCy Doc, by the tagger's tokens: a run of letters and digits, or one other mark.

In place of spaCy's English rules, which took a third of the time of reading and the square of a run of marks, and
whose tokens nothing here looks at: names are found in characters. Sentence starts are marked on these tokens. A
single blank belongs to the token before it; other white space is a token of its own, so that the Doc's text is the
text.
"""

from __future__ import annotations

import re

from spacy.tokens import Doc
from spacy.vocab import Vocab

TOKEN = re.compile(r"([^\W_]+|[^\w\s]|_|\s+)( ?)")


class Tokenizer:
    """What spaCy calls to make a Doc."""

    def __init__(self, vocab: Vocab) -> None:
        self.vocab = vocab

    def __call__(self, text: str) -> Doc:
        words: list[str] = []
        spaces: list[bool] = []
        for word, space in TOKEN.findall(text):
            words.append(word)
            spaces.append(space == " ")
        return Doc(self.vocab, words=words, spaces=spaces)
