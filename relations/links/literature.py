"""The papers that are here, ranked by how well they fit a news item. Only words and numbers count; names and dates are
evidence of their own (`scoring`).

A `Literature` is built once over papers (title and abstract) and asked many times. In order:

1. Both sides become terms (`words`): stems, pairs of stems, groups of lay and technical wordings, numbers. Each kind is
   weighed by BM25, with little punishment for length because a record may be a bare title.
2. `char` is the cosine of pieces of three to five letters, which joins spellings and compounds. It counts less for a
   short text.
3. `share` is the part of what is particular in the news (by inverse document frequency) that the paper holds.
4. The best thirty by a plain sum are weighed again by the numbers in `ranking.json`, which were learnt from pairs of
   news and abstracts (`training/papers.py`): each figure as it is, and as a part of the best one for this news.
5. `lead` is how far the first is ahead of the next. `sure` is the probability that the first is the right one; it was
   learnt with papers taken out, so that it is also low when the paper is not here.

When nothing is shared the list is empty.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer

from relations.links.journal_names import Journal, Journals
from relations.links.words import find_terms, normalise_spelling, stem

DEPTH = 30
_RANKING = Path(__file__).with_name("ranking.json")
_SATURATION, _LENGTH = 0.5, 0.5  # BM25's k1 and b
_WHOLE = 60  # stems that make a text long enough for its pieces to count in full
KINDS = ("words", "pairs", "groups", "numbers")
FIGURES = (*KINDS, "share", "char")
_PRIOR = {"words": 1.0, "pairs": 1.0, "groups": 0.5, "numbers": 1.0}

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """What is compared of a paper."""

    id: str
    title: str
    text: str
    journal: str | None = None  # key in Journals


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A paper of a ranking. `lead` and `sure` are of the whole ranking."""

    at: int  # place of the paper in the literature
    score: float
    lead: float
    sure: float
    share: float  # of what is particular in the news, 0 .. 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """The contents of ranking.json."""

    rank: Array  # shape (13,): for FIGURES as parts of the best, FIGURES as they are, journal
    sure: Array  # shape (4,): for lead, share, words, a constant
    corpus: str  # sha256 of the pairs that it was fitted on

    @classmethod
    def parse(cls, values: Mapping[str, Any]) -> Weights:
        """From the JSON of the file."""
        return cls(rank=np.array(values["rank"]), sure=np.array(values["sure"]), corpus=values["corpus"])

    def to_json(self) -> dict[str, Any]:
        """With the names of the figures, for readers."""
        return {
            "licence": "numbers fitted on pairs of CD2CR (repository GPL-3.0); no text of theirs is here",
            "corpus": self.corpus,
            "rank_figures": [*(f"{name}, part of the best" for name in FIGURES), *FIGURES, "journal"],
            "rank": [round(float(x), 5) for x in self.rank],
            "sure_figures": ["lead", "share", "words / 50", "constant"],
            "sure": [round(float(x), 5) for x in self.sure],
        }


@cache
def load_weights() -> Weights:
    """The weights of ranking.json."""
    return Weights.parse(json.loads(_RANKING.read_text("utf-8")))


class Literature:
    """An index over papers. Building it is linear in their text, a query in what the news shares with them."""

    def __init__(self, papers: Sequence[Paper], journals: Journals | None = None) -> None:
        self.papers, self.journals = papers, journals or Journals()
        texts = [f"{paper.title}. {paper.text}" for paper in papers]
        self._counter = CountVectorizer(analyzer=_split_terms, dtype=np.float64)
        self._pieces = TfidfVectorizer(
            sublinear_tf=True, analyzer="char_wb", ngram_range=(3, 5), min_df=2 if len(papers) > 50 else 1,
            dtype=np.float32,
        )  # fmt: skip
        if not papers:
            return
        counts = self._counter.fit_transform(texts).tocsc()
        names = self._counter.get_feature_names_out()
        kinds = np.array([_find_kind(name) for name in names])
        self._columns = {kind: np.flatnonzero(kinds == kind) for kind in KINDS}
        frequency = np.diff(counts.indptr)
        self._rarity = np.log(1 + (len(papers) - frequency + 0.5) / (frequency + 0.5))
        self._place: dict[str, int] = self._counter.vocabulary_
        self._row = {int(column): row for row, column in enumerate(self._columns["words"])}
        self._weighed = {kind: self._bm25(counts, self._columns[kind]) for kind in KINDS}
        words = counts[:, self._columns["words"]].tocsr()
        self._size = np.asarray(words.sum(axis=1)).ravel()
        words.data = np.ones_like(words.data)
        self._has = words.T.tocsr()
        self._char = self._pieces.fit_transform(map(normalise_spelling, texts)).T.tocsr()
        self._full = np.minimum(1.0, np.sqrt(self._size / _WHOLE))

    def find_figures(self, text: str) -> dict[str, Array]:
        """Every figure of FIGURES for every paper: name -> array of shape (papers,)."""
        query = self._counter.transform([text]).tocsr()
        query.data = np.minimum(query.data, 2.0)
        found: dict[str, Array] = {}
        for kind in KINDS:
            columns = self._columns[kind]
            found[kind] = np.asarray((query[:, columns] @ self._weighed[kind]).todense()).ravel()
        held, whole = np.zeros(len(self.papers)), 0.0
        unknown = float(np.log(1 + (len(self.papers) + 0.5) / 0.5))  # the rarity of a word that no paper has
        for term in {term for term in find_terms(text) if _find_kind(term) == "words"}:
            at = self._place.get(term)
            whole += unknown if at is None else float(self._rarity[at])
            if at is not None:
                row = self._row[at]
                held[self._has.indices[self._has.indptr[row] : self._has.indptr[row + 1]]] += self._rarity[at]
        found["share"] = held / whole if whole else held
        pieces = self._pieces.transform([normalise_spelling(text)])
        found["char"] = np.asarray((pieces @ self._char).todense()).ravel() * self._full
        return found

    def make_table(
        self, text: str, keep: NDArray[np.bool_] | None = None, named: dict[str, Journal] | None = None,
        figures: dict[str, Array] | None = None,
    ) -> tuple[NDArray[np.intp], Array]:  # fmt: skip
        """The best papers by the plain sum: places, shape (n,), and features, shape (n, 13), with n <= DEPTH.

        `keep` leaves papers out (a date window; papers taken out while training). `named`, the journals that the
        text names, and `figures` save work where the caller has them already.
        """
        figures = self.find_figures(text) if figures is None else figures
        best = {name: float(values[keep].max(initial=0.0) if keep is not None else values.max(initial=0.0)) + 1e-9
                for name, values in figures.items()}  # fmt: skip
        words: Array = sum((_PRIOR[kind] * figures[kind] for kind in KINDS), np.zeros(len(self.papers)))
        limit = float(words[keep].max(initial=0.0) if keep is not None else words.max(initial=0.0)) + 1e-9
        total = words / limit + figures["char"] / best["char"]
        named = self.journals.find(text) if named is None else named
        journal = (
            np.array([_compare_journal(paper.journal, named) for paper in self.papers])
            if named
            else np.zeros(len(words))
        )
        total = np.where((words > 0), total + 0.3 * journal, -1.0)
        if keep is not None:
            total = np.where(keep, total, -1.0)
        order = np.argsort(-total, kind="stable")[:DEPTH]
        order = order[total[order] > 0]
        columns = [figures[name][order] / best[name] for name in FIGURES] + [figures[name][order] for name in FIGURES]
        return order, np.column_stack([*columns, journal[order]]) if len(order) else np.zeros((0, 13))

    def rank(
        self, text: str, *, keep: NDArray[np.bool_] | None = None, named: dict[str, Journal] | None = None
    ) -> list[Match]:
        """Papers, best first; empty when nothing is shared. `keep` and `named` as for `make_table`."""
        if not self.papers:
            return []
        return rank_by(load_weights(), *self.make_table(text, keep, named))

    def find_shared(self, text: str, at: int, most: int = 4) -> tuple[str, ...]:
        """The most particular words that a text and a paper share, as the text writes them."""
        held = set(find_terms(f"{self.papers[at].title}. {self.papers[at].text}"))
        worth: dict[str, tuple[float, str]] = {}  # term -> (how particular it is, as it is written first)
        words = (word.strip(".,;:!?()[]\"'“”‘’") for word in normalise_spelling(text).split())
        for bare in dict.fromkeys(word for word in words if len(word) > 2):
            for term in (stem(part) for part in bare.lower().split("-")):
                if term in held and term in self._place and (len(term) > 4 or bare.isupper()):
                    worth.setdefault(term, (float(self._rarity[self._place[term]]), bare))
        best = sorted(worth, key=lambda term: (-worth[term][0], -len(term), term))
        return tuple(dict.fromkeys(worth[term][1].lower() if worth[term][1].istitle() else worth[term][1]
                                   for term in best[:most]))  # fmt: skip

    def _bm25(self, counts: sparse.spmatrix, columns: NDArray[np.intp]) -> sparse.csr_matrix:
        part = counts[:, columns].tocsr().astype(np.float64)
        size = np.asarray(part.sum(axis=1)).ravel()
        usual = float(np.median(size[size > 0])) if (size > 0).any() else 1.0
        rows = np.repeat(np.arange(part.shape[0]), np.diff(part.indptr))
        length = 1 - _LENGTH + _LENGTH * size[rows] / usual
        part.data = part.data * (_SATURATION + 1) / (part.data + _SATURATION * length)
        return (part @ sparse.diags(self._rarity[columns])).T.tocsr()


def find_lead(scores: Array) -> float:
    """How far the best score is ahead of the next; 2 for a single one."""
    best = np.sort(scores)[::-1]
    return float(best[0] - best[1]) if len(best) > 1 else 2.0


def make_sure_row(lead: float, best: Array) -> Array:
    """The features of `Weights.sure`, from the lead and the best paper's row of the table."""
    share, words = best[len(FIGURES) + FIGURES.index("share")], best[len(FIGURES)]
    return np.array([min(lead, 8.0), share, words / 50.0, 1.0])


def rank_by(weights: Weights, order: NDArray[np.intp], rows: Array) -> list[Match]:
    """The papers of a table (`Literature.make_table`) as matches, best first."""
    if not len(order):
        return []
    scores = rows @ weights.rank
    by_score = np.argsort(-scores, kind="stable")
    lead = find_lead(scores)
    sure = float(1 / (1 + np.exp(-(make_sure_row(lead, rows[by_score[0]]) @ weights.sure))))
    share = len(FIGURES) + FIGURES.index("share")
    return [
        Match(at=int(order[i]), score=float(scores[i]), lead=lead, sure=sure, share=float(rows[i][share]))
        for i in by_score
    ]


def _compare_journal(journal: str | None, named: dict[str, Journal]) -> float:
    """1 when the paper's journal is named, -1 when another is, 0 when the paper's is not known."""
    if journal is None:
        return 0.0
    return 1.0 if journal in named else -1.0


def _split_terms(text: str) -> Iterable[str]:
    return find_terms(text)


def _find_kind(name: str) -> str:
    return {"~": "groups", "#": "numbers"}.get(name[0], "pairs" if "_" in name else "words")
