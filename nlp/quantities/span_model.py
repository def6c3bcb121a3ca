"""Quantities in English text of the sciences, by a trained model (`training/quantities.py`).

The model is a chain over the tokens of a sentence with the labels B, I and O. It finds what the annotators of MeasEval
marked: the number with its bound, its unit or the noun that it counts, a range or a list as one span, and years and
dates that measure something. It gives no values; `expressions.py` does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nlp.classify.page import sentences
from nlp.quantities.chain import Chain, load_chain
from nlp.quantities.nouns import is_plural
from nlp.quantities.tokens import NUMBERS, Token, find_tokens, get_shape, get_token

LABELS = ("O", "B", "I")
LEAN = (-0.2, 0.8, 0.0)  # added to the scores: otherwise the best path joins neighbours and finds too few


def find_spans(text: str, chain: Chain | None = None) -> Iterator[tuple[int, int]]:
    """Offsets of quantities, in the order of the text."""
    chain = chain or load_chain("spans")
    for start, end in sentences(text):
        tokens = find_tokens(text, start, end)
        if not any(token.kind in NUMBERS for token in tokens):
            continue
        labels = chain.decode(chain.scores(make_features(tokens)) + LEAN)
        yield from join_labels(tokens, labels)


def join_labels(tokens: Sequence[Token], labels: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Offsets of the spans that labels mark."""
    begin = None
    for at, label in enumerate([*labels, "O"]):
        if begin is not None and label != "I":
            yield tokens[begin].start, tokens[at - 1].end
            begin = None
        if label == "B" or (label == "I" and begin is None):
            begin = at


def make_features(tokens: Sequence[Token]) -> list[list[str]]:
    """Names of the features of each token."""
    inside, depth = [], 0
    for token in tokens:
        depth = max(0, depth - (token.text in ")]"))
        inside.append(depth > 0)
        depth += token.text in "(["
    numbers = [token.kind in NUMBERS for token in tokens]
    left, right = _count_distances(numbers), _count_distances(numbers[::-1])[::-1]
    shapes = [get_shape(token.text) for token in tokens]
    heads, chunks = _find_heads(tokens), _find_chunks(tokens)

    found = []
    for i, token in enumerate(tokens):
        names = ["1", f"l={left[i]}", f"r={right[i]}", f"lr={left[i]},{right[i]}", f"in={inside[i]}{token.kind}"]
        for step in range(-4, 5):
            other = get_token(tokens, i + step)
            names.append(f"k{step}={other.kind}")
            if abs(step) <= 3:
                names.append(f"w{step}={other.low}")
            if abs(step) <= 1:
                names += [f"s{step}={other.low[-3:]}", f"p{step}={other.low[:3]}", f"h{step}={get_shape(other.text)}"]
        kinds = [get_token(tokens, i + step).kind for step in range(-3, 4)]
        for begin, end in ((2, 4), (3, 5), (1, 4), (2, 5), (3, 6), (0, 4), (3, 7), (1, 5), (2, 6)):
            names.append(f"k{begin}-{end}={' '.join(kinds[begin:end])}")
        names += [
            f"w-1w={get_token(tokens, i - 1).low} {token.low}",
            f"ww1={token.low} {get_token(tokens, i + 1).low}",
            f"w-1k={get_token(tokens, i - 1).low} {token.kind}",
            f"kw1={token.kind} {get_token(tokens, i + 1).low}",
            f"w-2w-1k={get_token(tokens, i - 2).low} {get_token(tokens, i - 1).low} {token.kind}",
            f"kw1w2={token.kind} {get_token(tokens, i + 1).low} {get_token(tokens, i + 2).low}",
            f"g={token.glued}{token.kind}{get_token(tokens, i - 1).kind}",
            f"g1={get_token(tokens, i + 1).glued}{token.kind}{get_token(tokens, i + 1).kind}",
            f"lw={left[i]}{token.low}",
            f"lk={left[i]}{token.kind}{get_token(tokens, i - 1).kind}",
            f"ls={left[i]}{token.low[-3:]}",
            f"hd={heads[i]}",
            f"hdk={heads[i]} {token.kind}",
            f"ch={chunks[i]}",
            f"chk={chunks[i]} {token.kind}",
            f"pl={token.kind}{is_plural(get_token(tokens, i + 1).text)}{is_plural(get_token(tokens, i + 2).text)}",
        ]
        if left[i] < 5:  # what is between the number and this token
            names.append("b=" + " ".join(get_token(tokens, step).kind for step in range(i - left[i], i + 1)))
            names.append(f"n={shapes[i - left[i]]}")
        found.append(names)
    return found


def _find_heads(tokens: Sequence[Token]) -> list[str]:
    """The word before the run of numbers and signs that each token is in: "lines" in "lines 12, 16 and 23"."""
    found, head = [], ""
    for token in tokens:
        found.append(head)
        if token.text[0].isalpha() and token.kind not in ("WORD", "UNIT") and token.low not in ("and", "or", "to"):
            head = token.low
    return found


def _find_chunks(tokens: Sequence[Token]) -> list[str]:
    """The shape of what each token is glued into: an identifier or a number with its unit."""
    starts = [at for at, token in enumerate(tokens) if not token.glued]
    found: list[str] = []
    for begin, end in zip(starts, [*starts[1:], len(tokens)], strict=True):
        shape = get_shape("".join(token.text for token in tokens[begin:end]))[:16]
        found += [shape] * (end - begin)
    return found


def _count_distances(marks: Sequence[bool]) -> list[int]:
    """How many tokens back the last mark is, at most 9."""
    found, last = [], 9
    for mark in marks:
        last = 0 if mark else min(9, last + 1)
        found.append(last)
    return found
