"""What a quantity is a quantity of, in English text of the sciences: a chain over the tokens of its sentence, given
where the quantity stands (labels: O, and B/I of the measured entity E and of the measured property P; MeasEval).

The subject is the span whose tokens are likeliest to belong to either; where the best path marks none, the token
that is likeliest with the neighbours that are nearly as likely. So there is one for every sentence of more than the
quantity.
"""

from __future__ import annotations

from collections.abc import Sequence

from nlp.quantities.chain import Chain, load_chain
from nlp.quantities.tokens import Token, find_tokens

LABELS = ("O", "BE", "IE", "BP", "IP")
NEARLY = 0.5  # of the likeliest token
_NUMBERS = ("NUM", "YEAR", "WORD")
_EDGE = Token(start=0, end=0, text="", low="·", kind="EDGE", glued=False)


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
    span = without_noun(tokens, span)
    mask = [not (span[0] < t.end and t.start < span[1]) and t.text[0].isalpha() for t in tokens]
    if not any(mask):
        return None
    scores = chain.scores(features_of(tokens, span, spans))
    marginals = chain.marginals(scores)
    likely = 1 - marginals[:, chain.labels.index("O")]
    return best_span(tokens, chain.decode(scores), [float(p) * m for p, m in zip(likely, mask, strict=True)])


def without_noun(tokens: Sequence[Token], span: tuple[int, int]) -> tuple[int, int]:
    """The span without the noun that it counts, which may be its subject."""
    inside = [t for t in tokens if span[0] < t.end and t.start < span[1]]
    while len(inside) > 1 and inside[-1].kind in ("LOW", "CAP", "ABBR"):
        inside.pop()
    return (inside[0].start, inside[-1].end) if inside and inside[-1].kind in _NUMBERS else span


def best_span(tokens: Sequence[Token], labels: Sequence[str], likely: Sequence[float]) -> tuple[int, int, float] | None:
    groups: list[list[int]] = []
    for at, label in enumerate(labels):
        if label == "O":
            continue
        if label[0] == "I" and groups and groups[-1][-1] == at - 1 and labels[at - 1][1] == label[1]:
            groups[-1].append(at)
        else:
            groups.append([at])
    groups = [group for group in groups if any(likely[at] for at in group)]
    if groups:
        best = max(groups, key=lambda group: max(likely[at] for at in group))
    else:
        top = max(range(len(tokens)), key=lambda at: likely[at])
        best = [top]
        while best[0] > 0 and likely[best[0] - 1] >= NEARLY * likely[top]:
            best.insert(0, best[0] - 1)
        while best[-1] + 1 < len(tokens) and likely[best[-1] + 1] >= NEARLY * likely[top]:
            best.append(best[-1] + 1)
    return tokens[best[0]].start, tokens[best[-1]].end, max(likely[at] for at in best)


def features_of(tokens: Sequence[Token], span: tuple[int, int], spans: Sequence[tuple[int, int]]) -> list[list[str]]:
    """Names of the features of each token, given the quantity."""
    inside = [at for at, token in enumerate(tokens) if span[0] < token.end and token.start < span[1]]
    first, last = (inside[0], inside[-1]) if inside else (0, 0)
    others = [any(a < t.end and t.start < b for a, b in spans if a != span[0]) for t in tokens]

    def at(place: int) -> Token:
        return tokens[place] if 0 <= place < len(tokens) else _EDGE

    words = [tokens[i] for i in inside]
    sort = "u" if any(t.kind == "UNIT" for t in words) else ("%" if any(t.text == "%" for t in words) else "n")
    if words and words[-1].kind in ("LOW", "CAP", "ABBR"):
        sort = "c"
    if words and all(t.kind not in ("NUM", "WORD") for t in words):
        sort = "y"
    bracket = at(first - 1).text in "([" and at(first - 1).text != ""
    deep = _opened(tokens, first)
    sort += "(" if bracket else (")" if deep else "")
    unit, before, after = (words[-1].low if words else ""), at(first - 1).low, at(last + 1).low
    found = []
    for i, token in enumerate(tokens):
        side = "L" if i < first else ("R" if i > last else "Q")
        gap = first - i if side == "L" else (i - last if side == "R" else 0)
        between = tokens[i + 1 : first] if side == "L" else tokens[last + 1 : i]
        far = str(gap) if gap < 6 else ("6" if gap < 9 else ("9" if gap < 14 else ("14" if gap < 22 else "22")))
        kinds = [t.kind for t in between]
        verbs, commas = min(2, kinds.count("VERB")), min(2, kinds.count(",") + kinds.count(";"))
        quantities = min(2, _runs(others[i + 1 : first] if side == "L" else others[last + 1 : i]))
        place = f"{side}{far}"
        names = [
            "1", f"s={side}", f"d={place}", f"ds={place}{sort}", f"k={token.kind}{side}", f"w={token.low}",
            f"x={token.low[-3:]}", f"xs={token.low[-3:]}{side}{sort[0]}", f"o={others[i]}", f"v={side}{verbs}{sort}",
            f"c={side}{commas}{sort}", f"q={side}{quantities}{sort}", f"vcq={side}{verbs}{commas}{quantities}",
            f"kd={token.kind}{place}", f"ks={token.kind}{side}{sort}", f"b={before} {place}", f"a={after} {place}",
            f"u={unit} {side}", f"uw={unit} {token.low}", f"ud={unit} {place}", f"bk={before}{token.kind}{side}",
            f"ak={after}{token.kind}{side}", f"i={i if i < 3 else 3}{token.kind}", f"br={_same(between)}{side}{sort}",
        ]  # fmt: skip
        for step in (-2, -1, 1, 2):
            other = at(i + step)
            names += [f"k{step}={other.kind}{side}", f"w{step}={other.low}{side if abs(step) == 1 else ''}"]
            names.append(f"kk{step}={other.kind}{token.kind}{side}")
        names += [f"k3={at(i - 1).kind}{token.kind}{at(i + 1).kind}", f"w-1w={at(i - 1).low} {token.low}"]
        names.append(f"kk2={token.kind}{at(i + 1).kind}{at(i + 2).kind}{side}")
        if gap and gap <= 4:
            names.append(
                f"bt={side} {' '.join(t.low if t.kind in ('STOP', 'BOUND', 'VERB') else t.kind for t in between)}"
            )
            names.append(f"bts={sort}{side} {' '.join(kinds)} {token.kind}")
        head = next(
            (t.low for t in (between if side == "L" else between[::-1]) if t.kind in ("VERB", "STOP", "BOUND")), ""
        )
        names += [f"n={side}{head}", f"ns={side}{head}{sort}"]
        if side == "L":  # the function word closest to the quantity, and how the run of nouns ends before it
            run = _run(tokens, i, first)
            names += [f"run={run}{sort}", f"runb={run}{before}"]
        found.append(names)
    return found


def _run(tokens: Sequence[Token], at: int, stop: int) -> str:
    """What ends the run of nouns that a token is in."""
    for token in tokens[at + 1 : stop]:
        if token.kind not in ("LOW", "CAP", "ABBR", "GREEK", "-"):
            return token.low if token.kind in ("STOP", "BOUND", "VERB") else token.kind
    return "Q"


def _runs(marks: Sequence[bool]) -> int:
    return sum(mark and not (at and marks[at - 1]) for at, mark in enumerate(marks))


def _opened(tokens: Sequence[Token], at: int) -> bool:
    depth = 0
    for token in tokens[:at]:
        depth += (token.text in "([") - (token.text in ")]")
    return depth > 0


def _same(between: Sequence[Token]) -> str:
    """Whether a bracket opens or closes on the way."""
    text = "".join(t.text for t in between if t.text in "()[]")
    return text[:2]
