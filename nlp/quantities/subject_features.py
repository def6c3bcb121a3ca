"""Features of the model that finds the subject of a quantity (`subject_model.py`).

Each token gets names of features that say

- what it is, and what its neighbours are;
- where it is: before or after the quantity or in it, how far away, and what is between them;
- which sort of quantity it is, and which words are around that.

The weights of a model belong to these names: whoever changes one trains the model again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nlp.quantities.tokens import WORDS, Token, get_token

FUNCTION_WORDS = ("STOP", "BOUND", "VERB")
STEPS = ((6, "6"), (9, "9"), (14, "14"), (22, "22"))  # distances from which a gap counts as the same


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The quantity, by the places of its first and last token."""

    first: int
    last: int
    sort: str  # u: with a unit, %, n: number, c: with a word, y: without a number; then ( or ) in brackets
    unit: str  # its last word
    before: str  # the word before it
    after: str
    others: Sequence[bool]  # of each token: whether it is in another quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class Path:
    """What is between a token and the quantity. The counts stop at 2."""

    side: str  # L: before the quantity, Q: in it, R: after it
    gap: int  # tokens from the quantity
    between: Sequence[Token]
    verbs: int
    commas: int
    quantities: int

    @property
    def place(self) -> str:
        """The side, and the gap in steps."""
        return self.side + next((name for start, name in reversed(STEPS) if self.gap >= start), str(self.gap))


def make_features(tokens: Sequence[Token], span: tuple[int, int], spans: Sequence[tuple[int, int]]) -> list[list[str]]:
    """Names of the features of each token; `span` is the quantity, `spans` are all of the sentence."""
    target = describe_quantity(tokens, span, spans)
    found = []
    for place in range(len(tokens)):
        path = _find_path(tokens, place, target)
        found.append(
            [
                *_make_token_features(tokens, place, target, path),
                *_make_neighbour_features(tokens, place, path),
                *_make_path_features(tokens, place, target, path),
            ]
        )
    return found


def describe_quantity(tokens: Sequence[Token], span: tuple[int, int], spans: Sequence[tuple[int, int]]) -> Target:
    """The quantity at `span`; of one without a token, the first token counts."""
    inside = [at for at, token in enumerate(tokens) if span[0] < token.end and token.start < span[1]]
    first, last = (inside[0], inside[-1]) if inside else (0, 0)
    words = [tokens[at] for at in inside]
    before = get_token(tokens, first - 1)
    return Target(
        first=first,
        last=last,
        sort=_get_sort(words) + _get_bracket(tokens, first, before),
        unit=words[-1].low if words else "",
        before=before.low,
        after=get_token(tokens, last + 1).low,
        others=[any(a < t.end and t.start < b for a, b in spans if a != span[0]) for t in tokens],
    )


def _get_sort(words: Sequence[Token]) -> str:
    """The sort of a quantity by its tokens."""
    if words and all(token.kind not in ("NUM", "WORD") for token in words):
        return "y"
    if words and words[-1].kind in WORDS:
        return "c"
    if any(token.kind == "UNIT" for token in words):
        return "u"
    return "%" if any(token.text == "%" for token in words) else "n"


def _get_bracket(tokens: Sequence[Token], first: int, before: Token) -> str:
    """( where a quantity begins a bracket, ) where it is further inside one, else nothing."""
    if before.text and before.text in "([":
        return "("
    depth = 0
    for token in tokens[:first]:
        depth += (token.text in "([") - (token.text in ")]")
    return ")" if depth > 0 else ""


def _find_path(tokens: Sequence[Token], place: int, target: Target) -> Path:
    first, last = target.first, target.last
    side = "L" if place < first else ("R" if place > last else "Q")
    begin, end = (place + 1, first) if side == "L" else (last + 1, place)
    between = tokens[begin:end]
    kinds = [token.kind for token in between]
    return Path(
        side=side,
        gap={"L": first - place, "R": place - last, "Q": 0}[side],
        between=between,
        verbs=min(2, kinds.count("VERB")),
        commas=min(2, kinds.count(",") + kinds.count(";")),
        quantities=min(2, _count_runs(target.others[begin:end])),
    )


def _make_token_features(tokens: Sequence[Token], place: int, target: Target, path: Path) -> list[str]:
    """What the token is, with where it is and with the quantity."""
    token, side, sort = tokens[place], path.side, target.sort
    verbs, commas, quantities = path.verbs, path.commas, path.quantities
    return [
        "1", f"s={side}", f"d={path.place}", f"ds={path.place}{sort}", f"k={token.kind}{side}", f"w={token.low}",
        f"x={token.low[-3:]}", f"xs={token.low[-3:]}{side}{sort[0]}", f"o={target.others[place]}",
        f"v={side}{verbs}{sort}", f"c={side}{commas}{sort}", f"q={side}{quantities}{sort}",
        f"vcq={side}{verbs}{commas}{quantities}", f"kd={token.kind}{path.place}", f"ks={token.kind}{side}{sort}",
        f"b={target.before} {path.place}", f"a={target.after} {path.place}", f"u={target.unit} {side}",
        f"uw={target.unit} {token.low}", f"ud={target.unit} {path.place}", f"bk={target.before}{token.kind}{side}",
        f"ak={target.after}{token.kind}{side}", f"i={min(place, 3)}{token.kind}",
        f"br={_get_brackets(path.between)}{side}{sort}",
    ]  # fmt: skip


def _make_neighbour_features(tokens: Sequence[Token], place: int, path: Path) -> list[str]:
    """What the two tokens on each side are."""
    token, side, names = tokens[place], path.side, []
    for step in (-2, -1, 1, 2):
        other = get_token(tokens, place + step)
        names += [f"k{step}={other.kind}{side}", f"w{step}={other.low}{side if abs(step) == 1 else ''}"]
        names.append(f"kk{step}={other.kind}{token.kind}{side}")
    left, right = get_token(tokens, place - 1), get_token(tokens, place + 1)
    names += [f"k3={left.kind}{token.kind}{right.kind}", f"w-1w={left.low} {token.low}"]
    names.append(f"kk2={token.kind}{right.kind}{get_token(tokens, place + 2).kind}{side}")
    return names


def _make_path_features(tokens: Sequence[Token], place: int, target: Target, path: Path) -> list[str]:
    """What is between the token and the quantity, and which function word is nearest to the token."""
    side, sort, names = path.side, target.sort, []
    if path.gap and path.gap <= 4:
        names.append(f"bt={side} {' '.join(t.low if t.kind in FUNCTION_WORDS else t.kind for t in path.between)}")
        names.append(f"bts={sort}{side} {' '.join(t.kind for t in path.between)} {tokens[place].kind}")
    nearest_first = path.between if side == "L" else path.between[::-1]
    head = next((token.low for token in nearest_first if token.kind in FUNCTION_WORDS), "")
    names += [f"n={side}{head}", f"ns={side}{head}{sort}"]
    if side == "L":
        run = _find_end_of_run(tokens[place + 1 : target.first])
        names += [f"run={run}{sort}", f"runb={run}{target.before}"]
    return names


def _find_end_of_run(between: Sequence[Token]) -> str:
    """What ends the run of nouns before the quantity; Q where the quantity does."""
    for token in between:
        if token.kind not in (*WORDS, "GREEK", "-"):
            return token.low if token.kind in FUNCTION_WORDS else token.kind
    return "Q"


def _count_runs(marks: Sequence[bool]) -> int:
    """How many runs of marked tokens there are."""
    return sum(mark and not (at and marks[at - 1]) for at, mark in enumerate(marks))


def _get_brackets(between: Sequence[Token]) -> str:
    """The first two brackets on the way."""
    return "".join(token.text for token in between if token.text in "()[]")[:2]
