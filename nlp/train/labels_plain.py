"""What the label recipes are measured beside: the commonest class, and words with letters under a linear SVM."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from sklearn.metrics import f1_score

from nlp.train.labels_model import LETTERS, WORDS, Blend, Item, Member


def plain(texts: Sequence[str], labels: Sequence[str], asked: Sequence[str]) -> list[str]:
    """What the plain model says of `asked` after it has seen `texts` with their `labels`."""
    items, questions = (
        [Item(views={"text": t, "letters": t}, facts={}, words="") for t in many] for many in (texts, asked)
    )
    member = Member(views={"text": (1.0, WORDS), "letters": (1.0, LETTERS)}, balanced=False)
    return Blend([member], folds=0).fit(items, labels).decide(questions)


def commonest(labels: Sequence[str], many: int) -> list[str]:
    return [Counter(labels).most_common(1)[0][0]] * many


def macro_f1(truth: Sequence[str], said: Sequence[str], classes: Sequence[str]) -> float:
    """Mean F1 over the classes that occur in the truth."""
    asked = [name for name in classes if name in set(truth)]
    return float(f1_score(truth, said, labels=asked, average="macro", zero_division=0))


def f1_of(truth: Sequence[str], said: Sequence[str], name: str) -> float:
    return float(f1_score(truth, said, labels=[name], average="macro", zero_division=0))
