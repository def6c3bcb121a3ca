"""How well texts are labelled: evidence, claim strength, release or news, clinic marketing, relevance; quantities;
and, on texts of the news, what is shown of stages, species, countries, headlines and marketing.

    python -m bench.labels [--inputs DIR] [--only NAME] [--json] [--fresh]

| set | measure | what is counted | anchor |
|---|---|---|---|
| 34 | `macro_f1`, `animal_f1`, `in_vitro_f1` | kind of study of an abstract, eight classes | words, letters, SVM |
| 31 | `macro_f1` (`/news`, `/pubmed`) | claim strength of a sentence, four steps | the same |
| 30 | `macro_f1` (`/release`, `/abstract`) | the same of conclusions labelled by others | the same |
| 33 | `accuracy` | release or news, without what only names a source | the same |
| 33 | `accuracy_across` | the same over all texts, each by a model that did not see it (five folds) | - |
| 42 | `precision`, `recall` | pages that sell (42) against news, releases (33) and papers (41) | - |
| 41 | `f1`, `precision`, `recall` | about stem cells or not (see below) | - |
| 37 | as bench/quantities.py says | quantities and their subjects | - |
| gold 2 | bench/gold2.py | labels that are shown: their precision, how many of the true ones are shown | - |

About stem cells are the papers of 41, the sentences of 40 and the titles of 28 with such a heading; the other
titles of 28 are not, nor are the stories of 33 that do not name stem cells. `commonest_…` is what naming the
commonest class gives. Sets 42 and 41 are measured with the rules that are shipped, which nobody trained. For 30,
31, 33 and 34 the recipe (training/labels_*.py) is fitted on the dev folder's training part while measuring: those
corpora state no licence, so that nothing fitted on them is shipped; `shipped_…` is what the shipped rules say of
the same texts. What was fitted once is remembered under data/labels (`--fresh` forgets).
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench import labelled
from bench.gold2 import GOLD2, LABELS, measure_gold2
from bench.labelled import LADDER, Labelled, is_measured, words_only
from bench.measure import INPUTS, ROOT, Board, Measure, find_set
from core.config import load_config
from core.text import fingerprint
from nlp.classify.claims import find_strength
from nlp.classify.kinds import score_release
from nlp.classify.marketing import SHOWN, score_marketing
from nlp.classify.page import Page
from nlp.classify.scope import find_labels as find_scope
from nlp.classify.study import find_study_type
from nlp.text import load_reader
from training import labels_claims, labels_evidence, labels_kinds
from training.labels_baseline import across, commonest, f1_of, macro_f1, plain
from training.labels_model import Blend, Item, Member

REMEMBERED = ROOT / "data" / "labels"
CODE = [*sorted((ROOT / "training").glob("labels_*.py")), ROOT / "nlp" / "classify" / "claim_words.tsv"]
KINDS = {
    "31": {"release": "news", "abstract": "pubmed"},
    "30": {"release30": "release", "abstract30": "abstract"},
}
Read = Callable[[Path], Iterator[Labelled]]


def page(one: Labelled) -> Page:
    return Page(
        id="", kind="", source_kind="", source_scope="mixed", country=None, lang="en", title=one.title, text=one.text
    )


def parts(board: Board, number: str, read: Read) -> tuple[str, list[Labelled], list[Labelled]] | None:
    """The set's name, what is trained on, what is measured."""
    folder = board.find(number)
    if folder is None:
        return None
    found = list(read(folder))
    if board.inputs.resolve() == INPUTS.resolve():
        return folder.name, [x for x in found if not is_measured(x.group)], [x for x in found if is_measured(x.group)]
    dev = find_set(INPUTS, number)
    trained = list(read(dev)) if dev else []
    known = {words_only(f"{x.title} {x.text}") for x in trained}
    fresh = [x for x in found if words_only(f"{x.title} {x.text}") not in known]
    if len(fresh) < len(found):
        board.say(f"set {number}: {len(found) - len(fresh)} of {len(found)} are in the training data: dropped")
    return folder.name, trained, fresh


def decided(
    board: Board, items: Sequence[Item], labels: Sequence[str], asked: Sequence[Item], members: Sequence[Member],
    folds: int = 4,
) -> list[str]:  # fmt: skip
    """What the recipe says, from memory where the same was asked of the same before."""
    told = [json.dumps([x.words for x in many]) for many in (items, asked)]
    key = fingerprint(*told, *labels, repr(members), str(folds), *(path.read_text("utf-8") for path in CODE))
    path = REMEMBERED / f"{key}.json"
    if path.exists() and not board.options.fresh:
        return list(json.loads(path.read_text("utf-8")))
    said = Blend(members, folds=folds).fit(items, labels).decide(asked)
    REMEMBERED.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(said), encoding="utf-8")
    return said


def show_classes(board: Board, name: str, truth: list[str], said: list[str], beside: list[str], train: list[str],
                 classes: Sequence[str]) -> None:  # fmt: skip
    many = len(truth)
    anchor = macro_f1(truth, beside, classes) if beside else None
    board.show(Measure(set=name, measure="macro_f1", value=macro_f1(truth, said, classes), anchor=anchor, n=many))
    if train:
        value = macro_f1(truth, commonest(train, many), classes)
        board.show(Measure(set=name, measure="commonest_macro_f1", value=value, anchor=None, n=many))


def measure_evidence(board: Board) -> None:
    got = parts(board, "34", labelled.read_studies)
    if not got:
        return
    name, train, test = got
    truth = [x.label for x in test]
    shipped = [find_study_type(x.title, x.text) for x in test]
    if not train:
        board.say("set 34: no dev folder to train on: the shipped rules speak")
        said, beside = shipped, []
    else:
        seen = [labels_evidence.item_of(x.title, x.text) for x in train]
        asked = [labels_evidence.item_of(x.title, x.text) for x in test]
        labels = [x.label for x in train]
        said = decided(board, seen, labels, asked, labels_evidence.members())
        beside = plain([f"{x.title} . {x.text}" for x in train], labels, [f"{x.title} . {x.text}" for x in test])
    show_classes(board, name, truth, said, beside, [x.label for x in train], labels_evidence.CLASSES)
    for kind, measure in (("animal", "animal_f1"), ("in vitro", "in_vitro_f1")):
        anchor = f1_of(truth, beside, kind) if beside else None
        board.show(
            Measure(set=name, measure=measure, value=f1_of(truth, said, kind), anchor=anchor, n=truth.count(kind))
        )
    value = macro_f1(truth, shipped, labels_evidence.CLASSES)
    board.show(Measure(set=name, measure="shipped_macro_f1", value=value, anchor=None, n=len(test)))


def measure_claims(board: Board) -> None:
    """Sets 31 and 30 are learned together, each with its own mark."""
    sets = [parts(board, "31", labelled.read_claims), parts(board, "30", labelled.read_conclusions)]
    held = [got for got in sets if got]
    tested = [x for _, _, test in held for x in test]
    asked_texts = {words_only(x.text) for x in tested}
    train = [x for _, some, _ in held for x in some if words_only(x.text) not in asked_texts]
    if not held:
        return

    def lay(x: Labelled) -> Item:
        return labels_claims.item_of(x.text, kind=x.kind, headline=bool(x.title))

    shipped = [find_strength(x.text) for x in tested]
    said, beside = shipped, []
    if train:
        labels = [x.label for x in train]
        said = decided(board, [lay(x) for x in train], labels, [lay(x) for x in tested], labels_claims.members())
        beside = plain([x.text for x in train], labels, [x.text for x in tested])
    else:
        board.say("sets 30, 31: no dev folder to train on: the shipped rules speak")
    for number, kinds in KINDS.items():
        name = next((name for name, _, _ in held if name.startswith(number)), None)
        for kind, shown in kinds.items():
            at = [i for i, x in enumerate(tested) if x.kind == kind]
            if name is None or not at:
                continue
            truth = [tested[i].label for i in at]
            apart = [x.label for x in train if x.kind == kind]
            show_classes(
                board, f"{name}/{shown}", truth, [said[i] for i in at], [beside[i] for i in at] if beside else [],
                apart, LADDER,
            )  # fmt: skip
            value = macro_f1(truth, [shipped[i] for i in at], LADDER)
            board.show(Measure(set=f"{name}/{shown}", measure="shipped_macro_f1", value=value, anchor=None, n=len(at)))


def measure_releases(board: Board) -> None:
    got = parts(board, "33", labelled.read_stories)
    if not got:
        return
    name, train, test = got
    truth = [x.label for x in test]
    shipped = ["release" if score_release(page(x))[0] >= 0.5 else "news" for x in test]
    said, beside = shipped, []
    if train:
        seen, asked = ([labels_kinds.item_of(x.title, x.text) for x in many] for many in (train, test))
        labels = [x.label for x in train]
        said = decided(board, seen, labels, asked, labels_kinds.members(), folds=0)
        beside = plain([f"{x.title} . {x.text}" for x in train], labels, [f"{x.title} . {x.text}" for x in test])

    def right(given: Sequence[str]) -> float:
        return sum(a == b for a, b in zip(truth, given, strict=True)) / len(truth)

    board.show(
        Measure(set=name, measure="accuracy", value=right(said), anchor=right(beside) if beside else None, n=len(test))
    )
    if train:
        whole, truths = [*seen, *asked], [*labels, *truth]
        held = across(whole, truths, labels_kinds.members())
        share = sum(a == b for a, b in zip(truths, held, strict=True)) / len(truths)
        board.show(Measure(set=name, measure="accuracy_across", value=share, anchor=None, n=len(truths)))
        value = right(commonest([x.label for x in train], len(test)))
        board.show(Measure(set=name, measure="commonest_accuracy", value=value, anchor=None, n=len(test)))
    board.show(Measure(set=name, measure="shipped_accuracy", value=right(shipped), anchor=None, n=len(test)))


def measure_marketing(board: Board) -> None:
    folder = board.find("42")
    if folder is None:
        return
    selling = [score_marketing(page(x)) for x in labelled.read_clinics(folder)]
    others: list[float] = []
    for number, read in (("33", labelled.read_stories), ("41", labelled.read_topic)):
        beside = board.find(number)
        others += [score_marketing(page(x)) for x in read(beside)] if beside else []
    hits, wrong = sum(x >= SHOWN for x in selling), sum(x >= SHOWN for x in others)
    n = len(selling) + len(others)
    board.show(Measure(set=folder.name, measure="precision", value=hits / max(1, hits + wrong), anchor=None, n=n))
    board.show(
        Measure(set=folder.name, measure="recall", value=hits / max(1, len(selling)), anchor=None, n=len(selling))
    )


def measure_relevance(board: Board) -> None:
    texts: list[Labelled] = []
    name = None
    for number, read in (("41", labelled.read_topic), ("28", labelled.read_headings), ("40", labelled.read_names)):
        folder = board.find(number)
        texts += read(folder) if folder else []
        name = name or (folder.name if folder else None)
    if stories := board.find("33"):
        texts += [
            Labelled(title=x.title, text=x.text, label="out", group="")
            for x in labelled.read_stories(stories)
            if not x.kind
        ]
    if name is None:
        return
    truth = [x.label == "in" for x in texts]
    said = [next(find_scope(page(x))).value == "in" for x in texts]
    both = sum(a and b for a, b in zip(truth, said, strict=True))
    precision, recall = both / max(1, sum(said)), both / max(1, sum(truth))
    f1 = 2 * precision * recall / max(1e-9, precision + recall)
    all_in = sum(truth) / max(1, len(truth))
    for measure, value in (("f1", f1), ("precision", precision), ("recall", recall)):
        board.show(Measure(set=name, measure=measure, value=value, anchor=None, n=len(texts)))
    board.show(Measure(set=name, measure="commonest_f1", value=2 * all_in / (1 + all_in), anchor=None, n=len(texts)))


def measure_quantities(board: Board) -> None:
    if find_spec("bench.quantities") is None:
        board.say("set 37: bench/quantities.py is not there")
        return
    for row in import_module("bench.quantities").rows(board.inputs):
        board.found += 1
        board.show(row)


def measure_shown(board: Board) -> None:
    """Labels of gold 2 as they are shown; what lies below a threshold is not asked."""
    if not (GOLD2 / "dev.jsonl").is_file():
        board.say(f"gold 2: not in {GOLD2}")
        return
    board.found += 1
    for row in measure_gold2(GOLD2, board.inputs, load_reader(load_config(ROOT / "config.toml")), board.say):
        if row.measure.startswith((*LABELS.values(), "evidence", "source_kind")):
            board.show(row)


MEASURED = {
    "evidence": measure_evidence, "claims": measure_claims, "releases": measure_releases,
    "marketing": measure_marketing, "relevance": measure_relevance, "quantities": measure_quantities,
    "shown": measure_shown,
}  # fmt: skip


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=MEASURED, help="only this part")
    parser.add_argument("--fresh", action="store_true", help="fit again what is remembered")
    board = Board.start("labels of texts", argv, parser)
    for name, measure in MEASURED.items():
        if board.options.only in (None, name):
            measure(board)
    return board.finish()


if __name__ == "__main__":
    raise SystemExit(main())
