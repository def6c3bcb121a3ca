"""Fit what speaks for an institution in an affiliation line: `nlp/normalize/trees.json`.

Inputs   `../shared/nlp/affiliations` (S2AFF train and val, Crossref publisher assertions; one string in four is held
         out for measuring), and the index of `nlp.normalize.sites`.
Outputs  trees.json (gradient-boosted trees as plain lists), trees.card.json (data, licences, settings, scores, sha256).
Run      `python -m training.affiliations [--nlp DIR] [--out DIR]`

Each candidate of a line is one row; it is right when its identifier is among the line's. Strings of S2AFF count twice:
they are a quarter as many, and name several institutions where Crossref's assertions name one. How likely is likely
enough is chosen on four-fold predictions over the training strings, weighted the same way.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.model_selection import GroupKFold

from nlp.normalize.affiliation_features import find_features
from nlp.normalize.affiliation_linker import Bars
from nlp.normalize.affiliations import Hit, NameFinder, Site, words_of
from nlp.normalize.sites import load_sites
from training.registry import Affiliation, is_held_string, read_items, read_s2aff

SETTINGS = {"n_estimators": 150, "max_depth": 4, "learning_rate": 0.08, "subsample": 0.6, "min_samples_leaf": 20}
WEIGHT = {"s2aff": 2.0, "crossref": 1.0}
BARS = [
    Bars(likely=likely, related=related, apart=apart, over=over)
    for likely in (0.2, 0.25, 0.3, 0.35) for related in (0.35, 0.45, 0.55, 0.7)
    for apart in (0.4, 0.5, 0.6, 0.7) for over in (0.7, 0.8, 0.9)
]  # fmt: skip


def read_sets(folder: Path) -> dict[str, list[Affiliation]]:
    return {
        "s2aff": list(read_s2aff(folder / "s2aff_train_val.csv.gz")),
        "crossref": list(read_items(folder / "crossref_ror_train.json.gz")),
    }


def tree_of(tree: Any) -> list[list[float]]:
    """One scikit-learn tree as rows [feature, threshold, left, right, value]; feature -1 is a leaf."""
    return [
        [int(tree.feature[n]) if tree.children_left[n] >= 0 else -1, round(float(tree.threshold[n]), 5),
         int(tree.children_left[n]), int(tree.children_right[n]), round(float(tree.value[n][0][0]), 5)]
        for n in range(tree.node_count)
    ]  # fmt: skip


def f1(lines: Sequence[tuple[Affiliation, dict[int, tuple[float, Hit]]]], bars: Bars, sites: Sequence[Site]) -> float:
    right = found = gold = 0
    for line, best in lines:
        got = {sites[site].id for site, _ in bars.choose(best, sites)}
        right, found, gold = right + len(got & line.rors), found + len(got), gold + len(line.rors)
    return 2 * right / max(1, found + gold)


def fold(x: Any, y: Any, weight: Any, groups: Any) -> Any:
    """How likely each row is, by a model that has not seen its line."""
    scores = np.zeros(len(y))
    for learnt, judged in GroupKFold(4).split(x, y, groups):
        model = GradientBoostingClassifier(random_state=0, **SETTINGS)
        model.fit(x[learnt], y[learnt], sample_weight=weight[learnt])
        scores[judged] = model.predict_proba(x[judged])[:, 1]
    return scores


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    here = Path(__file__).resolve().parents[1]
    parser.add_argument("--nlp", type=Path, default=here.parent / "shared" / "nlp")
    parser.add_argument("--out", type=Path, default=here / "nlp" / "normalize")
    options = parser.parse_args()
    index = load_sites()
    finder = NameFinder(index)
    rows: list[list[float]] = []
    right: list[bool] = []
    weights: list[float] = []
    groups: list[int] = []
    found: list[Hit] = []
    lines: list[tuple[str, Affiliation]] = []
    names: list[str] = []
    for name, strings in read_sets(options.nlp / "affiliations").items():
        for one in strings:
            if is_held_string(one.text):
                continue
            words = words_of(one.text)
            hits = finder.hits(one.text, words)
            for hit, facts in zip(hits, find_features(index, words, hits), strict=True):
                names = names or sorted(facts)
                rows.append([facts[key] for key in names])
                found.append(hit)
                right.append(index.site[hit.site].id in one.rors)
                weights.append(WEIGHT[name])
                groups.append(len(lines))
            lines.append((name, one))
    x, y, weight = np.array(rows), np.array(right), np.array(weights)
    model = GradientBoostingClassifier(random_state=0, **SETTINGS)
    scored: list[tuple[Affiliation, dict[int, tuple[float, Hit]]]] = [(one, {}) for _, one in lines]
    for group, hit, score in zip(groups, found, fold(x, y, weight, np.array(groups)), strict=True):
        best = scored[group][1]
        if hit.site not in best or score > best[hit.site][0]:
            best[hit.site] = (float(score), hit)
    parts = {name: [one for one, (of, _) in zip(scored, lines, strict=True) if of == name] for name in WEIGHT}
    bars = max(BARS, key=lambda one: sum(WEIGHT[name] * f1(part, one, index.site) for name, part in parts.items()))
    model.fit(x, y, sample_weight=weight)
    prior = float(model.init_.class_prior_[1])
    body = json.dumps(
        {"facts": names, "rate": SETTINGS["learning_rate"], "start": float(np.log(prior / (1 - prior))),
         "bars": asdict(bars), "trees": [tree_of(one[0].tree_) for one in model.estimators_]},
        separators=(",", ":"),
    ).encode()  # fmt: skip
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "trees.json").write_bytes(body)
    card = {
        "what": "Which of the institutions whose names an affiliation line holds are meant.",
        "sha256": hashlib.sha256(body).hexdigest(),
        "bytes": len(body),
        "licence": "CC0 1.0",
        "data": [{"set": "S2AFF train and val", "licence": "Apache-2.0"},
                 {"set": "Crossref publisher assertions of ROR ids, train", "licence": "MIT"}],
        "settings": SETTINGS | {"seed": 0, "weights": WEIGHT, "bars": asdict(bars)},
        "scores": {f"{name} F1, four folds of the training strings": round(f1(part, bars, index.site), 4)
                   for name, part in parts.items()},
    }  # fmt: skip
    (options.out / "trees.card.json").write_text(json.dumps(card, indent=1) + "\n", "utf-8")
    print(json.dumps(card["scores"]), bars, len(body))


if __name__ == "__main__":
    main()
