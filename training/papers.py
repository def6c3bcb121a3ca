"""The weights that tell which paper a news item is about: fitted on pairs of news excerpt and abstract.

    ./run.sh bench links --fit relations/links/ranking.json

Pairs: CD2CR (github.com/ravenscroftj/cdcrtool, GPL-3.0), by DOI; candidates: every abstract that bench/links.py
reads. In order: each news item gets its thirty best papers and their features (`Literature.table`); a softmax over
the thirty is fitted so that the right one comes first (L2, strength chosen by eight folds that never part one paper's
news); then `sure`, a logistic regression over lead, share and words, is fitted on the same folds' held-out rankings,
each news item once as it is and once with its papers taken out (where no answer is right). What is printed is
measured on held-out folds only. The file that ships holds numbers, no text.
"""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression

from relations.links.literature import FIGURES, Array, Literature, Match, Weights, find_lead, make_sure_row, rank_by

FOLDS = 8
STRENGTH = 0.08  # of 0.01, 0.05, 0.08, 0.3, 1: no difference beyond a hundredth between 0.05 and 0.3
WIDTH = 2 * len(FIGURES) + 1

Row = tuple[NDArray[np.intp], Array, NDArray[np.bool_]]


def fit(pairs: Sequence[Pair], literature: Literature, out: Path, corpus: str) -> dict[str, float]:
    """Fit, write `out`, and return what held-out folds give. `corpus` is the sha256 of the pairs."""
    whole, bare, folds = _tables(pairs, literature)
    features, answers, hits, leads = [], [], [], []
    for fold in range(FOLDS):
        weights = fit_rank([row for row, at in zip(whole, folds, strict=True) if at != fold])
        for rows in (whole, bare):
            for (_, table, truth), at in zip(rows, folds, strict=True):
                if at != fold or not len(table):
                    continue
                scores = table @ weights
                best = int(np.argmax(scores))
                lead = find_lead(scores)
                features.append(make_sure_row(lead, table[best]))
                answers.append(bool(truth[best]))
                if rows is whole:
                    hits.append(bool(truth[best]))
                    leads.append(lead)
    sure = fit_sure(features, answers)
    said = [float(row @ sure) for row in features]
    final = Weights(rank=fit_rank(whole), sure=sure, corpus=corpus)
    out.write_text(json.dumps(final.to_json(), indent=1) + "\n", "utf-8")
    return {
        "top1": float(np.mean(hits)),
        "recall_at_p95": recall_at(leads, hits),
        "recall_at_p95_with_and_without": recall_at(said, answers),
    }


def held_out(pairs: Sequence[Pair], literature: Literature) -> list[list[Match]]:
    """Every pair's ranking by weights that were fitted without it (nor with another news item of its papers)."""
    whole, bare, folds = _tables(pairs, literature)
    found: list[list[Match]] = [[] for _ in pairs]
    for fold in range(FOLDS):
        rest = [at for at, place in enumerate(folds) if place != fold]
        rank = fit_rank([whole[at] for at in rest])
        features, answers = [], []
        for rows in (whole, bare):
            for _, table, truth in (rows[at] for at in rest):
                if len(table):
                    scores = table @ rank
                    features.append(make_sure_row(find_lead(scores), table[int(np.argmax(scores))]))
                    answers.append(bool(truth[int(np.argmax(scores))]))
        weights = Weights(rank=rank, sure=fit_sure(features, answers), corpus="")
        for at, place in enumerate(folds):
            if place == fold:
                found[at] = rank_by(weights, *whole[at][:2])
    return found


def fit_sure(features: Sequence[Array], answers: Sequence[bool]) -> Array:
    """A logistic regression without an intercept of its own (the row has a constant)."""
    return np.asarray(
        LogisticRegression(C=10.0, fit_intercept=False, max_iter=2000)
        .fit(np.array(features), np.array(answers))
        .coef_[0]
    )


def _tables(pairs: Sequence[Pair], literature: Literature) -> tuple[list[Row], list[Row], list[int]]:
    right = [np.array([paper.id in pair.papers for paper in literature.papers]) for pair in pairs]
    whole, bare = [], []
    for pair, truth in zip(pairs, right, strict=True):
        figures = literature.find_figures(pair.text)
        order, table = literature.make_table(pair.text, None, None, figures)
        whole.append((order, table, truth[order]))
        order, table = literature.make_table(pair.text, ~truth, None, figures)
        bare.append((order, table, np.zeros(len(order), dtype=bool)))
    return whole, bare, folds_of(pairs)


@dataclass(frozen=True, slots=True)
class Pair:
    """A news text, and the ids of the papers that it is about."""

    text: str
    papers: frozenset[str]


def recall_at(scores: Sequence[float], right: Sequence[bool], precision: float = 0.95) -> float:
    """The largest share of all that is accepted and right under some threshold that keeps this precision."""
    order = sorted(range(len(scores)), key=lambda at: -scores[at])
    best, hits = 0, 0
    for place, at in enumerate(order, 1):
        hits += right[at]
        last_of_ties = place == len(order) or scores[order[place]] < scores[at]
        if last_of_ties and hits / place >= precision:
            best = hits
    return best / len(order) if order else 0.0


def folds_of(pairs: Sequence[Pair]) -> list[int]:
    """A fold for each pair; news of one paper, and papers of one news item, stay together."""
    parent: dict[str, str] = {}

    def root(name: str) -> str:
        while parent.setdefault(name, name) != name:
            name = parent[name]
        return name

    for number, pair in enumerate(pairs):
        for paper in pair.papers:
            parent[root(f"news {number}")] = root(paper)
    roots = sorted({root(f"news {number}") for number in range(len(pairs))})
    random.Random(7).shuffle(roots)
    place = {name: at % FOLDS for at, name in enumerate(roots)}
    return [place[root(f"news {number}")] for number in range(len(pairs))]


def fit_rank(rows: Sequence[Row]) -> Array:
    """Weights under which the right paper has most of a softmax over its thirty."""
    kept = [(table, truth) for _, table, truth in rows if truth.any()]
    every = np.vstack([table for table, _ in kept])
    spread = every.std(axis=0) + 1e-9

    def loss(weights: Array) -> tuple[float, Array]:
        total, slope = float(weights @ weights) / (2 * STRENGTH), weights / STRENGTH
        for table, truth in kept:
            scaled = table / spread
            scores = scaled @ weights
            part = np.exp(scores - scores.max())
            part /= part.sum()
            wanted = truth / truth.sum()
            total -= float(wanted @ np.log(part + 1e-12))
            slope = slope + (part - wanted) @ scaled
        return total, slope

    found = minimize(loss, np.zeros(WIDTH), jac=True, method="L-BFGS-B")
    return np.asarray(found.x / spread)
