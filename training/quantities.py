"""Recipe of the chains in `nlp/models/quantities`: where quantities are (spans) and what they are of (subjects).

    python -m training.quantities INPUTS      # the folder that contains set 37 (MeasEval)

Linear-chain conditional random fields: all sentences at once, padded; L-BFGS over the negative log likelihood with
an L2 penalty. Nothing is drawn, the same texts give the same weights. What is shipped is fitted to all texts of the
set; what `bench/quantities.py` reports on that set is fitted to a part of its papers and tested on the others.
"""

from __future__ import annotations

import csv
import hashlib
import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import scipy.sparse as sp
from scipy.optimize import minimize

from bench.measure import find_set, fingerprint_files
from nlp.classify.page import sentences
from nlp.quantities import span_model, subject_model
from nlp.quantities.chain import BUCKETS, MODELS, Chain, Floats, hash_features
from nlp.quantities.subject_features import make_features
from nlp.quantities.tokens import Token, find_tokens

SEEN = 2  # times that a feature must be seen
SMALL = 0.01  # weights closer to nothing are not kept
PENALTY = {"spans": 0.6, "subjects": 0.5}
ROUNDS = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One annotated quantity; `entity` and `quality` are spans of what is measured, None where not annotated."""

    span: tuple[int, int]
    entity: tuple[int, int] | None = None
    quality: tuple[int, int] | None = None

    @property
    def subjects(self) -> list[tuple[int, int]]:
        return [span for span in (self.entity, self.quality) if span]


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """A text of the set; `family` is the paper that it is cut from."""

    name: str
    text: str
    measured: tuple[Measured, ...] = field(default_factory=tuple)

    @property
    def family(self) -> str:
        return self.name.rsplit("-", 1)[0]


def load_paragraphs(folder: Path) -> list[Paragraph]:
    """All texts of a set in the layout of MeasEval, wherever in the folder they lie."""
    found = []
    for path in sorted(folder.rglob("*.tsv")):
        text = path.with_suffix(".txt").read_text("utf-8")
        groups: dict[str, dict[str, tuple[int, int]]] = {}
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
                groups.setdefault(row["annotSet"], {}).setdefault(
                    row["annotType"], (int(row["startOffset"]), int(row["endOffset"]))
                )
        found.append(
            Paragraph(
                name=path.stem,
                text=text,
                measured=tuple(
                    Measured(span=g["Quantity"], entity=g.get("MeasuredEntity"), quality=g.get("MeasuredProperty"))
                    for g in sorted(groups.values(), key=lambda g: g.get("Quantity", (0, 0)))
                    if "Quantity" in g
                ),
            )
        )
    return found


def span_examples(paragraphs: Iterable[Paragraph]) -> list[tuple[list[list[str]], list[str]]]:
    """(features, labels) of every sentence with a number in it."""
    found = []
    for paragraph in paragraphs:
        for start, end in sentences(paragraph.text):
            tokens = find_tokens(paragraph.text, start, end)
            if any(token.kind in ("NUM", "YEAR", "WORD") for token in tokens):
                labels = ["O"] * len(tokens)
                for one in paragraph.measured:
                    _mark(tokens, labels, one.span, "B", "I")
                found.append((span_model.make_features(tokens), labels))
    return found


def subject_examples(paragraphs: Iterable[Paragraph]) -> list[tuple[list[list[str]], list[str]]]:
    """(features, labels) of the sentence of every quantity."""
    found = []
    for paragraph in paragraphs:
        spans = [one.span for one in paragraph.measured]
        places = list(sentences(paragraph.text))
        for one in paragraph.measured:
            start, end = get_sentence(places, one.span)
            tokens = find_tokens(paragraph.text, start, end)
            labels = ["O"] * len(tokens)
            if one.entity:
                _mark(tokens, labels, one.entity, "BE", "IE")
            if one.quality:
                _mark(tokens, labels, one.quality, "BP", "IP")
            span = subject_model.remove_noun(tokens, one.span)
            found.append((make_features(tokens, span, spans), labels))
    return found


def get_sentence(places: Sequence[tuple[int, int]], span: tuple[int, int]) -> tuple[int, int]:
    """The sentence that a span begins in, or the span itself if no sentence holds it."""
    return next(((start, end) for start, end in places if start <= span[0] < end), span)


def _mark(tokens: Sequence[Token], labels: list[str], span: tuple[int, int], begin: str, inside: str) -> None:
    here = [at for at, token in enumerate(tokens) if token.start < span[1] and span[0] < token.end]
    for place, at in enumerate(here):
        labels[at] = inside if place else begin


def fit(
    examples: Sequence[tuple[list[list[str]], list[str]]], names: Sequence[str], penalty: float, rounds: int = ROUNDS
) -> Chain:
    """The chain of the least penalised negative log likelihood."""
    examples = sorted(examples, key=lambda example: -len(example[1]))
    lengths = np.array([len(labels) for _, labels in examples])
    count, longest, size = len(examples), int(lengths[0]), len(names)
    index = {name: at for at, name in enumerate(names)}
    rows, columns, gold = [], [], np.zeros((count, longest), int)
    for number, (features, labels) in enumerate(examples):
        gold[number, : len(labels)] = [index[label] for label in labels]
        for at, found in enumerate(features):
            places = sorted(set(hash_features(found)))
            columns += places
            rows += [number * longest + at] * len(places)
    matrix = sp.csr_matrix((np.ones(len(rows)), (rows, columns)), shape=(count * longest, BUCKETS))
    used = np.flatnonzero(np.bincount(columns, minlength=BUCKETS) >= SEEN)
    matrix = matrix[:, used]
    transposed = matrix.T.tocsr()
    real = np.arange(longest)[None, :] < lengths[:, None]
    alive = [int(np.searchsorted(-lengths, -at, side="left")) for at in range(longest)]  # sentences longer than `at`
    truth = np.zeros((count, longest, size))
    truth[np.arange(count)[:, None], np.arange(longest)[None, :], gold] = 1
    truth *= real[:, :, None]
    moves = np.einsum("nti,ntj->ij", truth[:, :-1], truth[:, 1:])

    def cost(packed: Floats) -> tuple[float, Floats]:
        weights = packed[: len(used) * size].reshape(len(used), size)
        steps = packed[len(used) * size : -size].reshape(size, size)
        begin = packed[-size:]
        scores = (matrix @ weights).reshape(count, longest, size)
        ahead, behind = np.zeros_like(scores), np.zeros_like(scores)
        ahead[:, 0] = scores[:, 0] + begin
        for at in range(1, longest):
            n = alive[at]
            ahead[:n, at] = scores[:n, at] + _total(ahead[:n, at - 1][:, :, None] + steps[None], 1)
        ends = ahead[np.arange(count), lengths - 1]
        norm = _total(ends, 1)
        pairs = np.zeros((size, size))
        for at in range(longest - 2, -1, -1):
            n = alive[at + 1]
            later = scores[:n, at + 1] + behind[:n, at + 1]
            joint = steps[None] + later[:, None, :]
            behind[:n, at] = _total(joint, 2)
            pairs += np.exp(ahead[:n, at][:, :, None] + joint - norm[:n, None, None]).sum(axis=0)
        chance = np.exp(ahead + behind - norm[:, None, None]) * real[:, :, None]
        likelihood = (scores * truth).sum() + (steps * moves).sum() + (begin * truth[:, 0].sum(0)).sum() - norm.sum()
        slope = transposed @ (truth - chance).reshape(count * longest, size)
        gradient = np.concatenate([slope.ravel(), (moves - pairs).ravel(), truth[:, 0].sum(0) - chance[:, 0].sum(0)])
        return float(-likelihood + penalty / 2 * (packed @ packed)), penalty * packed - gradient

    start = np.zeros(len(used) * size + size * size + size)
    packed = minimize(cost, start, jac=True, method="L-BFGS-B", options={"maxiter": rounds}).x
    weights = np.zeros((BUCKETS, size))
    weights[used] = packed[: len(used) * size].reshape(len(used), size)
    return Chain(
        labels=tuple(names),
        weights=weights,
        steps=packed[len(used) * size : -size].reshape(size, size),
        begin=packed[-size:],
    )


def fit_both(paragraphs: Sequence[Paragraph]) -> tuple[Chain, Chain]:
    """(spans, subjects)."""
    return (
        fit(span_examples(paragraphs), span_model.LABELS, PENALTY["spans"]),
        fit(subject_examples(paragraphs), subject_model.LABELS, PENALTY["subjects"]),
    )


def save_chain(chain: Chain, path: Path) -> None:
    rows = np.flatnonzero(np.abs(chain.weights).max(axis=1) >= SMALL)
    np.savez_compressed(
        path, labels=np.array(chain.labels), rows=rows.astype(np.int32), weights=chain.weights[rows].astype(np.float16),
        steps=chain.steps, begin=chain.begin,
    )  # fmt: skip


def _total(values: Floats, axis: int) -> Floats:
    top = values.max(axis=axis, keepdims=True)
    total: Floats = np.squeeze(top, axis) + np.log(np.exp(values - top).sum(axis=axis))
    return total


def main(arguments: Sequence[str]) -> int:
    folder = find_set(Path(arguments[0]), "37")
    if folder is None:
        print(f"no set 37 in {arguments[0]}", file=sys.stderr)
        return 2
    paragraphs = load_paragraphs(folder)
    MODELS.mkdir(parents=True, exist_ok=True)
    shipped = {}
    for name, chain in zip(("spans", "subjects"), fit_both(paragraphs), strict=True):
        path = MODELS / f"{name}.npz"
        save_chain(chain, path)
        shipped[path.name] = {"sha256": hashlib.sha256(path.read_bytes()).hexdigest(), "bytes": path.stat().st_size}
    card = {
        "what": "Where quantities are in English text of the sciences, and what they are quantities of.",
        "files": shipped,
        "licence": "CC BY 4.0, as the annotations that it is fitted to",
        "data": [
            {
                "corpus": "MeasEval (SemEval-2021 task 8): annotations of OA-STM articles of Elsevier",
                "licence": "CC BY",
                "texts": len(paragraphs),
                "quantities": sum(len(one.measured) for one in paragraphs),
            }
        ],
        "corpus": fingerprint_files((path for path in folder.rglob("*") if path.is_file()), folder),
        "settings": {"penalty": PENALTY, "rounds": ROUNDS, "seen": SEEN, "buckets": BUCKETS, "small": SMALL},
        "scores": json.loads((MODELS / "card.json").read_text("utf-8")).get("scores", {})
        if (MODELS / "card.json").exists()
        else {},
    }
    (MODELS / "card.json").write_text(json.dumps(card, indent=1, ensure_ascii=False) + "\n", "utf-8")
    print(json.dumps(shipped))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
