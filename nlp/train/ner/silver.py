"""A packaged tagger reads running text in the dialects of the corpora: soft labels for the next student.

    python -m nlp.train.ner.silver [--work DIR] [--model DIR] [--seed N]

Inputs   `plain.pickle` of prepare, a packaged tagger (`--model`, default the shipped one).
Outputs  `silver.pickle`: passages with `soft`: {(head, style number): probabilities by token and tag, halves}.

Each passage is read in one dialect a head, drawn at random, so that the next student learns every dialect on text
that no corpus holds. It learns them under noise (words dropped), which is what it gains over its teacher.
"""

from __future__ import annotations

import argparse
import pickle
import random
from pathlib import Path

import numpy as np

from nlp.entities.tagger.package import load_tagger

DIALECTS = {
    "disease": ("bc", "nc", "br"),
    "cell": ("jn", "cr", "an", "cf", "cg"),
    "species": ("br", "ln", "cs", "bi"),
    "news": ("cn", "gu", "wg", "ue"),
    "anatomy": ("an", "cf"),
}
SHARE = {"disease": 1.0, "cell": 1.0, "species": 0.4, "news": 0.3, "anatomy": 0.3}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, default=Path("data/train/ner"))
    parser.add_argument("--model", type=Path, default=Path("nlp/models/entities"))
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    tagger = load_tagger(options.model)
    with (options.work / "plain.pickle").open("rb") as file:  # written by prepare.py
        plain = pickle.load(file)["plain"]
    kept = []
    for one in plain:
        if len(one["words"]) < 5:
            continue
        wanted = [(head, rng.choice(styles)) for head, styles in DIALECTS.items() if rng.random() < SHARE[head]]
        scored = tagger.network.score(one["words"], one["before"], one["hits"], wanted)
        one["soft"] = {
            (head, tagger.network.styles.index(style)): np.exp(scores).astype(np.float16)
            for (head, style), scores in zip(wanted, scored, strict=True)
        }
        kept.append(one)
    with (options.work / "silver.pickle").open("wb") as file:
        pickle.dump(kept, file, protocol=5)
    print(len(kept), "passages")


if __name__ == "__main__":
    main()
