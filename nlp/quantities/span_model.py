"""Where quantities stand in English text of the sciences: a chain over tokens (B, I, O), trained by
`training/quantities.py`.

It marks what the annotators of MeasEval marked: the number with its bound, its unit or the noun that it counts, a
range or a list as one span; years and dates that measure something too. It knows no values; for those see
`rules.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nlp.classify.page import sentences
from nlp.quantities.chain import Chain, load_chain
from nlp.quantities.nouns import is_plural
from nlp.quantities.tokens import Token, find_tokens, shape_of

LABELS = ("O", "B", "I")
LEAN = (-0.2, 0.8, 0.0)  # added to scores: the best path finds too few quantities and joins too many of them
_EDGE = Token(start=0, end=0, text="", low="·", kind="EDGE", glued=False)


def find_spans(text: str, chain: Chain | None = None) -> Iterator[tuple[int, int]]:
    """Offsets of quantities, in the order of the text."""
    chain = chain or load_chain("spans")
    for start, end in sentences(text):
        tokens = find_tokens(text, start, end)
        if not any(token.kind in ("NUM", "YEAR", "WORD") for token in tokens):
            continue
        labels = chain.decode(chain.scores(features_of(tokens)) + LEAN)
        yield from join_labels(tokens, labels)


def join_labels(tokens: Sequence[Token], labels: Sequence[str]) -> Iterator[tuple[int, int]]:
    begin = None
    for at, label in enumerate([*labels, "O"]):
        if begin is not None and label != "I":
            yield tokens[begin].start, tokens[at - 1].end
            begin = None
        if label == "B" or (label == "I" and begin is None):
            begin = at


def features_of(tokens: Sequence[Token]) -> list[list[str]]:
    """Names of the features of each token."""
    inside, depth = [], 0
    for token in tokens:
        depth = max(0, depth - (token.text in ")]"))
        inside.append(depth > 0)
        depth += token.text in "(["
    numbers = [token.kind in ("NUM", "YEAR", "WORD") for token in tokens]
    left, right = _distances(numbers), _distances(numbers[::-1])[::-1]
    shapes = [shape_of(token.text) for token in tokens]
    heads, chunks = _heads(tokens), _chunks(tokens)

    def at(place: int) -> Token:
        return tokens[place] if 0 <= place < len(tokens) else _EDGE

    found = []
    for i, token in enumerate(tokens):
        names = ["1", f"l={left[i]}", f"r={right[i]}", f"lr={left[i]},{right[i]}", f"in={inside[i]}{token.kind}"]
        for step in range(-4, 5):
            other = at(i + step)
            names.append(f"k{step}={other.kind}")
            if abs(step) <= 3:
                names.append(f"w{step}={other.low}")
            if abs(step) <= 1:
                names += [f"s{step}={other.low[-3:]}", f"p{step}={other.low[:3]}", f"h{step}={shape_of(other.text)}"]
        kinds = [at(i + step).kind for step in range(-3, 4)]
        for begin, end in ((2, 4), (3, 5), (1, 4), (2, 5), (3, 6), (0, 4), (3, 7), (1, 5), (2, 6)):
            names.append(f"k{begin}-{end}={' '.join(kinds[begin:end])}")
        names += [
            f"w-1w={at(i - 1).low} {token.low}",
            f"ww1={token.low} {at(i + 1).low}",
            f"w-1k={at(i - 1).low} {token.kind}",
            f"kw1={token.kind} {at(i + 1).low}",
            f"w-2w-1k={at(i - 2).low} {at(i - 1).low} {token.kind}",
            f"kw1w2={token.kind} {at(i + 1).low} {at(i + 2).low}",
            f"g={token.glued}{token.kind}{at(i - 1).kind}",
            f"g1={at(i + 1).glued}{token.kind}{at(i + 1).kind}",
            f"lw={left[i]}{token.low}",
            f"lk={left[i]}{token.kind}{at(i - 1).kind}",
            f"ls={left[i]}{token.low[-3:]}",
            f"hd={heads[i]}",
            f"hdk={heads[i]} {token.kind}",
            f"ch={chunks[i]}",
            f"chk={chunks[i]} {token.kind}",
            f"pl={token.kind}{is_plural(at(i + 1).text)}{is_plural(at(i + 2).text)}",
        ]
        if left[i] < 5:  # what lies between the number and here
            names.append("b=" + " ".join(at(step).kind for step in range(i - left[i], i + 1)))
            names.append(f"n={shapes[i - left[i]]}")
        found.append(names)
    return found


def _heads(tokens: Sequence[Token]) -> list[str]:
    """The word before the run of numbers and signs that each token is in: "lines" in "lines 12, 16 and 23"."""
    found, head = [], ""
    for token in tokens:
        found.append(head)
        if token.text[0].isalpha() and token.kind not in ("WORD", "UNIT") and token.low not in ("and", "or", "to"):
            head = token.low
    return found


def _chunks(tokens: Sequence[Token]) -> list[str]:
    """The shape of what each token is glued into: an identifier or a number with its unit."""
    starts = [at for at, token in enumerate(tokens) if not token.glued]
    found: list[str] = []
    for begin, end in zip(starts, [*starts[1:], len(tokens)], strict=True):
        shape = shape_of("".join(token.text for token in tokens[begin:end]))[:16]
        found += [shape] * (end - begin)
    return found


def _distances(marks: Sequence[bool]) -> list[int]:
    """How many tokens back the last mark is, at most 9."""
    found, last = [], 9
    for mark in marks:
        last = 0 if mark else min(9, last + 1)
        found.append(last)
    return found
