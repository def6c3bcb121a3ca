"""Word vectors from running text: positive pointwise mutual information, cut down by SVD.

    python -m training.ner.vectors [--nlp DIR] [--work DIR] [--words N]

Inputs   `DIR/text/*.txt.gz` and the texts of the corpora's training documents in `passages.pickle`.
Outputs  `vectors.npz`: words (normed, most frequent first), counts, vectors (float32, rows of length 1).

Neighbours up to five words away count (1 for the nearest two, 0.6 beyond), context counts are smoothed by 0.75.
A dozen CPU-seconds; skip-gram on the same text took half an hour's worth and did no better.
"""

from __future__ import annotations

import argparse
import gzip
import pickle
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import coo_matrix, csr_matrix, diags
from sklearn.utils.extmath import randomized_svd

from nlp.entities.tagger.tokens import find_tokens, norm
from training.ner.prepare import ROOT, SEED

FAR = 5


def read_texts(nlp: Path, work: Path) -> Iterator[list[str]]:
    for path in sorted((nlp / "text").glob("*.txt.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as file:
            for line in file:
                yield [norm(word) for word in find_tokens(line)[0]]
    with (work / "passages.pickle").open("rb") as file:  # written by prepare.py
        for one in pickle.load(file)["train"]:
            yield [norm(word) for word in one["words"]]


def make_vectors(texts: Iterator[list[str]], *, words: int, size: int) -> tuple[list[str], Any, Any]:
    """Words, their counts and vectors. Words seen less than three times have none."""
    counts: Counter[str] = Counter()
    numbers: dict[str, int] = {}
    stream: list[Any] = []
    for text in texts:
        counts.update(text)
        stream.append(np.array([numbers.setdefault(word, len(numbers)) for word in text] + [-1] * FAR, dtype=np.int32))
    kept = [word for word, times in counts.most_common(words) if times >= 3]
    place = np.full(len(numbers) + 1, -1, dtype=np.int64)
    for rank, word in enumerate(kept):
        place[numbers[word]] = rank
    flat = place[np.concatenate(stream)]
    together: csr_matrix = csr_matrix((len(kept), len(kept)), dtype=np.float32)
    for gap in range(1, FAR + 1):
        left, right = flat[:-gap], flat[gap:]
        both = (left >= 0) & (right >= 0)
        weight = np.full(int(both.sum()), 1.0 if gap <= 2 else 0.6, dtype=np.float32)
        together = together + coo_matrix((weight, (left[both], right[both])), shape=together.shape).tocsr()
    together = (together + together.T).tocsr()
    row = np.asarray(together.sum(1)).ravel() + 1e-9
    column = row**0.75
    ppmi = diags(column.sum() / row) @ together @ diags(1 / column)
    ppmi.data = np.maximum(np.log(ppmi.data), 0)
    ppmi.eliminate_zeros()
    left, strength, _ = randomized_svd(ppmi.tocsr(), size, n_iter=2, random_state=SEED)
    vectors = left * np.sqrt(strength)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True) + 1e-9
    return kept, np.array([counts[word] for word in kept]), vectors.astype(np.float32)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nlp", type=Path, default=ROOT.parent / "shared" / "nlp")
    parser.add_argument("--work", type=Path, default=ROOT / "data" / "train" / "ner")
    parser.add_argument("--words", type=int, default=60_000)
    parser.add_argument("--size", type=int, default=100)
    options = parser.parse_args()
    words, counts, vectors = make_vectors(read_texts(options.nlp, options.work), words=options.words, size=options.size)
    np.savez(options.work / "vectors.npz", words=np.array(words), counts=counts, vectors=vectors)
    print(f"{len(words)} words, least frequent seen {counts.min()} times")
    place = {word: number for number, word in enumerate(words)}
    for word in ("osteoarthritis", "fibroblasts", "university", "kyoto"):
        if word in place:
            near = np.argsort(-(vectors @ vectors[place[word]]))[1:7]
            print(word, "~", ", ".join(words[one] for one in near))


if __name__ == "__main__":
    main()
