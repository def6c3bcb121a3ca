"""The Doc that carries a text: its text is the text, sentences begin at its tokens, words met are forgotten."""

from __future__ import annotations

import random
import re

import pytest
import spacy

from nlp.entities import Reader
from nlp.entities import reader as reader_module
from nlp.entities.annotations import KEY, Annotations
from nlp.entities.component import Tools
from nlp.entities.components.sentences import make
from nlp.entities.spelling import find_whole, fold
from nlp.entities.tokenizer import Tokenizer

LETTERS = " \n\t_aB3-é京줄\u00a0\u200b\U0001f600."


def test_any_text_comes_back() -> None:
    tokenizer = Tokenizer(spacy.blank("en").vocab)
    rng = random.Random(20261122)
    for _ in range(3000):
        text = "".join(rng.choice(LETTERS) for _ in range(rng.randint(0, 14)))
        assert tokenizer(text).text == text


def test_names_are_parted_at_hyphen_and_bracket() -> None:
    tokens = Tokenizer(spacy.blank("en").vocab)("T-cell (CD34+)")
    assert [token.text for token in tokens] == ["T", "-", "cell", "(", "CD34", "+", ")"]


def test_sentences_begin_at_tokens() -> None:
    text = "Cells grew. They died.\n\nNobody knew why."
    doc = Tokenizer(spacy.blank("en").vocab)(text)
    doc.user_data[KEY] = Annotations(text=text, folded=fold(text), country=None)
    sentences = make(Tools(types=(), vocabulary=None))  # type: ignore[arg-type]  # it asks for none
    assert [span.text.strip() for span in sentences(doc).sents] == ["Cells grew.", "They died.", "Nobody knew why."]


def test_words_are_forgotten_after_a_while(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many strange words it has read, spaCy holds no more than a zone's worth of them."""
    monkeypatch.setattr(reader_module, "ZONE", 2000)
    monkeypatch.setattr(reader, "_zone_left", 0)  # whatever other tests have read before
    strings = reader._pipeline.vocab.strings
    sizes = []
    for number in range(40):
        reader.read(document="a", title="", text=" ".join(f"w{number}x{at}" for at in range(100)))
        sizes.append(len(strings))
    assert max(sizes[20:]) <= max(sizes[:20])


def test_whole_names_are_found_as_a_pattern_would() -> None:
    rng = random.Random(4)
    after = re.compile(r"(?![\w-])(?! [A-Z])")
    for _ in range(2000):
        text = "".join(rng.choice("ab-_ A,é") for _ in range(30))
        name = "".join(rng.choice("abA") for _ in range(rng.randint(1, 2)))
        pattern = re.compile(rf"(?<![\w-]){re.escape(name)}(?![\w-])(?! [A-Z])")
        assert list(find_whole(text, name, after)) == [match.span() for match in pattern.finditer(text)]
