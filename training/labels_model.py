"""The learner that all label recipes share: several models over several views of a text, blended.

An `Item` is a text as a recipe sees it: `views` (name -> text, each with its own n-grams), `facts` (name -> number,
what rules counted) and `words` (of which the mean word vector is taken; the vectors are those of the shipped
tagger). A `Member` is a linear SVM, an RBF SVM or a forest over some of these; `Blend` fits every member, learns on
held-out folds how far each is to be trusted (a logistic regression over their scores), and gives one probability per
class. Everything is seeded: the same texts give the same figures."""

from __future__ import annotations

import csv
import json
import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.feature_extraction import DictVectorizer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MaxAbsScaler, StandardScaler
from sklearn.svm import SVC, LinearSVC

from nlp.entities.tagger.tokens import find_tokens, norm

SEED = 7
VECTORS = Path(__file__).parents[1] / "nlp" / "models" / "entities" / "tagger.npz"
WORDS: Mapping[str, Any] = {"ngram_range": (1, 2)}
LETTERS: Mapping[str, Any] = {"analyzer": "char_wb", "ngram_range": (2, 5)}
TAGS: Mapping[str, Any] = {"ngram_range": (1, 4), "token_pattern": r"\S+"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    views: Mapping[str, str]
    facts: Mapping[str, float]
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One model. `views`: name -> (weight, how it is cut); `facts` and `vectors` are weights, 0 leaves them out."""

    kind: str = "linear"  # linear | rbf | forest
    views: Mapping[str, tuple[float, Mapping[str, Any]]] = field(default_factory=dict)
    facts: float = 0.0
    vectors: float = 0.0
    cost: float = 1.0
    gamma: float = 0.001
    balanced: bool = True


class Blend:
    """Members and what holds them together. `folds` below 2: the members' scores are just averaged."""

    def __init__(
        self, members: Sequence[Member], *, folds: int = 4, cost: float = 0.05, balanced: bool = False
    ) -> None:
        self.members, self.folds, self.cost, self.balanced = tuple(members), folds, cost, balanced

    def fit(self, items: Sequence[Item], labels: Sequence[str]) -> Blend:
        y = np.array(labels)
        self.classes = sorted(set(labels))
        self._top = None
        if self.folds > 1:
            held = np.zeros((len(items), len(self.members) * len(self.classes)))
            for inner, outer in StratifiedKFold(self.folds, shuffle=True, random_state=SEED).split(held, y):
                fitted = self._fit([items[i] for i in inner], y[inner])
                held[outer] = self._scores(fitted, [items[i] for i in outer])
            weight = "balanced" if self.balanced else None
            self._top = make_pipeline(
                StandardScaler(), LogisticRegression(C=self.cost, class_weight=weight, max_iter=500)
            ).fit(held, y)
        self._fitted = self._fit(items, y)
        return self

    def weigh(self, items: Sequence[Item]) -> Any:
        """Probabilities, one row an item, one column a class."""
        scores = self._scores(self._fitted, items)
        if self._top is not None:
            return self._top.predict_proba(scores)
        many = len(self.classes)
        split = scores.reshape(len(items), len(self.members), many)
        split = np.exp(2 * (split - split.max(2, keepdims=True)))
        return (split / split.sum(2, keepdims=True)).mean(1)

    def decide(self, items: Sequence[Item]) -> list[str]:
        return [self.classes[i] for i in self.weigh(items).argmax(1)]

    def _fit(self, items: Sequence[Item], y: Any) -> list[tuple[Any, Any]]:
        shared: dict[Any, Any] = {}
        return [_fit_member(member, items, y, shared) for member in self.members]

    def _scores(self, fitted: Sequence[tuple[Any, Any]], items: Sequence[Item]) -> Any:
        columns = []
        for lay, model in fitted:
            matrix = lay(items)
            if isinstance(model, ExtraTreesClassifier):
                score = np.log(model.predict_proba(matrix) + 1e-3)
            else:
                score = model.decision_function(matrix)
            if score.ndim == 1:  # two classes
                score = np.c_[-score, score]
            full = np.full((len(items), len(self.classes)), float(score.min()))
            full[:, [self.classes.index(name) for name in model.classes_]] = score
            columns.append(full)
        return np.hstack(columns)


def _fit_member(member: Member, items: Sequence[Item], y: Any, shared: dict[Any, Any]) -> tuple[Any, Any]:
    """The function that lays items out as a matrix, and the model. `shared` keeps vectorizers that members share."""
    layers: list[Any] = []
    for name, (weight, cut) in member.views.items():
        key = (name, json.dumps(cut, sort_keys=True))
        if key not in shared:
            shared[key] = TfidfVectorizer(sublinear_tf=True, min_df=2, **cut).fit([one.views[name] for one in items])
        layers.append(lambda many, v=shared[key], n=name, w=weight: v.transform([one.views[n] for one in many]) * w)
    if member.facts:
        layers.append(_facts(member, items, shared))
    if member.vectors:
        counts = Counter(word for one in items for word in set(words_of(one.words)))
        means = np.array([mean_vector(one.words, counts, len(items)) for one in items])
        scaler = StandardScaler().fit(means)
        layers.append(
            lambda many: sp.csr_matrix(
                scaler.transform(np.array([mean_vector(one.words, counts, len(items)) for one in many]))
                * member.vectors
            )
        )

    def lay(many: Sequence[Item]) -> Any:
        matrix = sp.hstack([layer(many) for layer in layers]).tocsr()
        return matrix.toarray() if member.kind == "forest" else matrix

    even = "balanced" if member.balanced else None
    if member.kind == "rbf":
        model: Any = SVC(C=member.cost, gamma=member.gamma, class_weight=even)
    elif member.kind == "forest":
        model = ExtraTreesClassifier(300, min_samples_leaf=2, class_weight=even, random_state=SEED)
    else:
        model = LinearSVC(C=member.cost, class_weight=even, random_state=SEED)
    return lay, model.fit(lay(items), y)


def _facts(member: Member, items: Sequence[Item], shared: dict[Any, Any]) -> Any:
    if "facts" not in shared:
        vectorizer = DictVectorizer().fit([one.facts for one in items])
        matrix = vectorizer.transform([one.facts for one in items])
        kept = np.flatnonzero(np.asarray((matrix != 0).sum(0)).ravel() >= 3)
        names = vectorizer.get_feature_names_out()
        plain = [i for i in kept if "=" not in names[i]]
        flags = [i for i in kept if "=" in names[i]]
        scaler = StandardScaler().fit(matrix[:, plain].toarray())
        shared["facts"] = (vectorizer, plain, flags, scaler, MaxAbsScaler().fit(matrix[:, flags]) if flags else None)
    vectorizer, plain, flags, scaler, flat = shared["facts"]

    def lay(many: Sequence[Item]) -> Any:
        matrix = vectorizer.transform([one.facts for one in many])
        counted = np.clip(scaler.transform(matrix[:, plain].toarray()), -4, 4) * member.facts
        if flat is None or member.kind == "forest":
            return sp.csr_matrix(counted)
        return sp.hstack([sp.csr_matrix(counted), flat.transform(matrix[:, flags]) * member.facts * 3])

    return lay


@cache
def signs_of(recipe: str) -> dict[str, re.Pattern[str]]:
    """What a recipe counts: the patterns of its TSV in this folder."""
    with Path(__file__).with_name(f"{recipe}.tsv").open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return {row["sign"]: re.compile(row["pattern"]) for row in rows}


def words_of(text: str) -> list[str]:
    return [norm(word) for word in find_tokens(text)[0]]


def mean_vector(text: str, counts: Mapping[str, int], total: int) -> Any:
    """Mean (by rarity) and maximum of the vectors of a text's words: 200 numbers."""
    index, vectors = word_vectors()
    known = [(index[word], math.log(total / (1 + counts.get(word, 0)))) for word in words_of(text) if word in index]
    if not known:
        return np.zeros(2 * vectors.shape[1], dtype=np.float32)
    rows = vectors[[i for i, _ in known]]
    weights = np.maximum(0.1, np.array([weight for _, weight in known], dtype=np.float32))
    return np.r_[(rows * weights[:, None]).sum(0) / weights.sum(), rows.max(0) / 2]


@cache
def word_vectors() -> tuple[dict[str, int], Any]:
    """The shipped tagger's word vectors, rows of length 1. Row 0 of its table is for words that it does not know."""
    with np.load(VECTORS, allow_pickle=False) as arrays:
        names = bytes(arrays["vectors.names"]).decode("utf-8").split("\n")
        rows = (arrays["vectors.rows"].astype(np.float32) * arrays["vectors.gains"][:, None])[1:]
    rows /= np.linalg.norm(rows, axis=1, keepdims=True) + 1e-6
    return {name: i for i, name in enumerate(names)}, rows
