"""Baselines of the label recipes: the commonest class, and words with letters under a linear SVM."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from sklearn.metrics import f1_score
from sklearn.model_selection import StratifiedKFold

from training.labels_model import LETTERS, SEED, WORDS, Blend, Item, Member


def plain(texts: Sequence[str], labels: Sequence[str], asked: Sequence[str]) -> list[str]:
    """What the plain model says of `asked` after it has seen `texts` with their `labels`."""
    items, questions = (
        [Item(views={"text": t, "letters": t}, facts={}, words="") for t in many] for many in (texts, asked)
    )
    member = Member(views={"text": (1.0, WORDS), "letters": (1.0, LETTERS)}, balanced=False)
    return Blend([member], folds=0).fit(items, labels).decide(questions)


def across(items: Sequence[Item], labels: Sequence[str], members: Sequence[Member], folds: int = 5) -> list[str]:
    """What a blend says of each item when it was fitted on the folds that the item is not in."""
    said = [""] * len(items)
    for inner, outer in StratifiedKFold(folds, shuffle=True, random_state=SEED).split(list(items), list(labels)):
        model = Blend(members, folds=0).fit([items[i] for i in inner], [labels[i] for i in inner])
        for i, value in zip(outer, model.decide([items[i] for i in outer]), strict=True):
            said[i] = value
    return said


def commonest(labels: Sequence[str], many: int) -> list[str]:
    return [Counter(labels).most_common(1)[0][0]] * many


def macro_f1(truth: Sequence[str], said: Sequence[str], classes: Sequence[str]) -> float:
    """Mean F1 over the classes that occur in the truth."""
    asked = [name for name in classes if name in set(truth)]
    return float(f1_score(truth, said, labels=asked, average="macro", zero_division=0))


def f1_of(truth: Sequence[str], said: Sequence[str], name: str) -> float:
    return float(f1_score(truth, said, labels=[name], average="macro", zero_division=0))
