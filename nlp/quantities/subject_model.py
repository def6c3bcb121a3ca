"""The subject of a quantity in English text of the sciences, by a trained model (`training/quantities.py`).

The model is a chain over the tokens of the sentence, given where the quantity is. Its labels are those of MeasEval: O,
and B or I of the measured entity (E) and of the measured property (P). The subject is the labelled span with the token
that most probably belongs to either. Where the best path labels nothing, it is the most probable token, with the
neighbours that are nearly as probable. So every sentence with another word than the quantity has a subject.
"""

from __future__ import annotations

from collections.abc import Sequence

from nlp.quantities.chain import Chain, load_chain
from nlp.quantities.subject_features import make_features
from nlp.quantities.tokens import NUMBERS, WORDS, Token, find_tokens

LABELS = ("O", "BE", "IE", "BP", "IP")
NEARLY = 0.5  # of the highest probability


def find_subject(
    text: str,
    sentence: tuple[int, int],
    span: tuple[int, int],
    spans: Sequence[tuple[int, int]],
    chain: Chain | None = None,
) -> tuple[int, int, float] | None:
    """(start, end, probability) of the subject of the quantity at `span`; `spans` are all of the sentence."""
    chain = chain or load_chain("subjects")
    tokens = find_tokens(text, *sentence)
    span = remove_noun(tokens, span)
    mask = [not (span[0] < t.end and t.start < span[1]) and t.text[0].isalpha() for t in tokens]
    if not any(mask):
        return None
    scores = chain.scores(make_features(tokens, span, spans))
    marginals = chain.marginals(scores)
    likely = 1 - marginals[:, chain.labels.index("O")]
    return choose_span(tokens, chain.decode(scores), [float(p) * m for p, m in zip(likely, mask, strict=True)])


def remove_noun(tokens: Sequence[Token], span: tuple[int, int]) -> tuple[int, int]:
    """The span without the counted noun, which may be the subject."""
    inside = [t for t in tokens if span[0] < t.end and t.start < span[1]]
    while len(inside) > 1 and inside[-1].kind in WORDS:
        inside.pop()
    return (inside[0].start, inside[-1].end) if inside and inside[-1].kind in NUMBERS else span


def choose_span(
    tokens: Sequence[Token], labels: Sequence[str], likely: Sequence[float]
) -> tuple[int, int, float] | None:
    """(start, end, probability) of the subject. `likely` is each token's probability, 0 where it cannot belong."""
    groups = [group for group in group_labels(labels) if any(likely[at] for at in group)]
    best = max(groups, key=lambda group: max(likely[at] for at in group)) if groups else _grow(likely)
    return tokens[best[0]].start, tokens[best[-1]].end, max(likely[at] for at in best)


def group_labels(labels: Sequence[str]) -> list[list[int]]:
    """Places of the tokens of each labelled span. A span goes on with I of the same kind."""
    groups: list[list[int]] = []
    for at, label in enumerate(labels):
        if label == "O":
            continue
        if label[0] == "I" and groups and groups[-1][-1] == at - 1 and labels[at - 1][1] == label[1]:
            groups[-1].append(at)
        else:
            groups.append([at])
    return groups


def _grow(likely: Sequence[float]) -> list[int]:
    """Places of the most probable token and of the neighbours that are nearly as probable."""
    top = max(range(len(likely)), key=lambda at: likely[at])
    first = last = top
    while first > 0 and likely[first - 1] >= NEARLY * likely[top]:
        first -= 1
    while last + 1 < len(likely) and likely[last + 1] >= NEARLY * likely[top]:
        last += 1
    return list(range(first, last + 1))
