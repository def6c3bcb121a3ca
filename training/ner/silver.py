"""Several readers vote on text: soft labels for the next student, in the dialects of the corpora.

    python -m training.ner.silver [--work DIR] [--model DIR]... [--teacher] [--gold SHARE] [--seed N] [--out FILE]
    python -m training.ner.silver --check [--model DIR]... [--teacher]

Needs torch and transformers when the teacher votes.
Inputs   `plain.pickle` and `passages.pickle` of prepare, packaged taggers (`--model`), `teacher.pt` (`--teacher`).
Outputs  `silver.pickle`: passages with `soft`: {(head, style number): probabilities by token and tag, halves}.
         With `--check` nothing is written: the figures of the vote on the held-out documents, each corpus in its own
         dialect, which is about what a student can learn of it.

Each passage is read in one dialect a head, drawn at random, so that the student learns every dialect on text that no
corpus holds. With `--gold 0.6` the training passages are there as well, with their tags; six in ten of those of the
smaller corpora of diseases and cells are read in dialects that are not their own. The teacher votes only in dialects
it was taught; all votes weigh the same.
"""

from __future__ import annotations

import argparse
import pickle
import random
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from nlp.entities.tagger.package import Tagger, load_tagger
from training.ner.corpora import HEADS, STYLES
from training.ner.scores import Tally, spans_of_scores

DIALECTS = {
    "disease": ("bc", "nc", "br"),
    "cell": ("jn", "cr", "an", "cf", "cg"),
    "species": ("br", "ln", "cs", "bi"),
    "news": ("cn", "gu", "wg", "ue"),
    "anatomy": ("an", "cf"),
}
SHARE = {"disease": 1.0, "cell": 1.0, "species": 0.4, "news": 0.4, "anatomy": 0.3}  # of passages, by head
Passage = dict[str, Any]
Wanted = list[tuple[str, str]]  # (head, dialect), one dialect a head


def draw(rng: random.Random, style: str | None) -> Wanted:
    """What a passage is read for; a passage of a corpus in any dialects but its own."""
    wanted = []
    for head, styles in DIALECTS.items():
        others = [one for one in styles if one != style]
        if rng.random() < SHARE[head]:
            wanted.append((head, rng.choice(others)))
    return wanted


def is_read(one: Passage) -> bool:
    """True when a training passage is worth the time of the voters: abstracts and papers, not the largest corpus."""
    return bool({"disease", "cell"} & set(one["tags"])) and one["style"] != "jn"


def vote(
    passages: Sequence[Passage], wanted: Sequence[Wanted], taggers: Sequence[Tagger], work: Path | None
) -> list[list[Any]]:
    """Mean probabilities (tokens, tags) by passage, in the order of what it is wanted for."""
    every: list[list[list[Any]]] = [[[] for _ in own] for own in wanted]
    for tagger in taggers:
        for votes, one, own in zip(every, passages, wanted, strict=True):
            if not own:
                continue
            scored = tagger.network.score(one["words"], one["before"], one["hits"], own)
            for some, scores in zip(votes, scored, strict=True):
                some.append(np.exp(scores))
    if work:
        from training.ner.teacher import read_passages

        for votes, said in zip(every, read_passages(work / "teacher.pt", passages, wanted), strict=True):
            for some, scores in zip(votes, said, strict=True):
                if scores is not None:
                    some.append(scores)
    return [[np.mean(some, axis=0) for some in votes] for votes in every]


def check(passages: Sequence[Passage], taggers: Sequence[Tagger], work: Path | None) -> None:
    """Print how well the vote does on held-out documents."""
    passages = [one for one in passages if set(one["tags"]) & set(DIALECTS)]
    wanted = [[(head, one["style"]) for head in one["tags"] if head in DIALECTS] for one in passages]
    tally = Tally()
    for one, own, said in zip(passages, wanted, vote(passages, wanted, taggers, work), strict=True):
        for (head, _), scores in zip(own, said, strict=True):
            tally.add(one["corpus"], head, HEADS[head], one["tags"][head], spans_of_scores(np.log(scores + 1e-9)))
    tally.show()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, default=Path("data/train/ner"))
    parser.add_argument("--model", type=Path, action="append", default=[])
    parser.add_argument("--teacher", action="store_true")
    parser.add_argument("--gold", type=float, default=0.0, help="share of the training passages that are read as well")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--most", type=int, default=10**9, help="passages of running text")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, help="default WORK/silver.pickle")
    options = parser.parse_args()
    threadpool_limits(limits=1)  # threads wait for each other over products this small: ten times slower
    rng = random.Random(options.seed)
    taggers = [load_tagger(folder) for folder in options.model]
    if not taggers and not options.teacher:
        parser.error("nobody votes: --model or --teacher")
    work = options.work if options.teacher else None
    sets: dict[str, list[Passage]] = {}
    for name in ("plain", "passages"):
        if name == "plain" and options.check:
            continue
        with (options.work / f"{name}.pickle").open("rb") as file:  # written by prepare.py
            sets |= pickle.load(file)
    if options.check:
        check(sets["dev"], taggers, work)
        return
    texts = [one for one in sets["plain"] if len(one["words"]) >= 5][: options.most]
    wanted = [draw(rng, None) for _ in texts]
    if options.gold:
        texts += sets["train"]
        for one in sets["train"]:
            read = is_read(one) and rng.random() < options.gold
            wanted.append(draw(rng, one["style"]) if read else [])
    kept = []
    for one, own, said in zip(texts, wanted, vote(texts, wanted, taggers, work), strict=True):
        passage = dict(one)
        passage["soft"] = {
            (head, STYLES.index(style)): scores.astype(np.float16)
            for (head, style), scores in zip(own, said, strict=True)
        }
        kept.append(passage)
    with (options.out or options.work / "silver.pickle").open("wb") as file:
        pickle.dump(kept, file, protocol=5)
    counts: defaultdict[str, int] = defaultdict(int)
    for own in wanted:
        for head, style in own:
            counts[f"{head} {style}"] += 1
    print(len(kept), "passages;", ", ".join(f"{name} {number}" for name, number in sorted(counts.items())))


if __name__ == "__main__":
    main()
