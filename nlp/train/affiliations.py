"""Fit what speaks for an institution in an affiliation line: `nlp/linking/trees.json`.

Inputs   `../shared/nlp/affiliations` (S2AFF train and val, Crossref publisher assertions; one string in four is held
         out for measuring), and the index of `nlp.linking.sites`.
Outputs  trees.json (gradient-boosted trees as plain lists), trees.card.json (data, licences, settings, scores, sha256).
Run      `python -m nlp.train.affiliations [--nlp DIR] [--out DIR]`

Each candidate of a line is one row; it is right when its identifier is among the line's. Strings of S2AFF count twice:
they are a quarter as many. The two thresholds are chosen on four-fold predictions over the training strings.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.model_selection import GroupKFold, cross_val_predict

from nlp.linking.affiliations import NameFinder, words_of
from nlp.linking.evidence import facts_of
from nlp.linking.sites import load_sites
from nlp.train.registry import Affiliation, is_held_string, read_items, read_s2aff

SETTINGS = {"n_estimators": 150, "max_depth": 4, "learning_rate": 0.08, "subsample": 0.6, "min_samples_leaf": 20}
WEIGHT = {"s2aff": 2.0, "crossref": 1.0}
LIKELY, BESIDE = (0.2, 0.25, 0.3, 0.35), (0.5, 0.6, 0.7, 0.8)


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


def f1(lines: Sequence[tuple[Affiliation, dict[str, float]]], likely: float, beside: float) -> float:
    right = found = gold = 0
    for line, scores in lines:
        ranked = sorted(scores.items(), key=lambda one: (-one[1], one[0]))
        got = {ror for at, (ror, score) in enumerate(ranked) if score >= (likely if at == 0 else beside)}
        if ranked and ranked[0][1] < likely:
            got = set()
        right, found, gold = right + len(got & line.rors), found + len(got), gold + len(line.rors)
    return 2 * right / max(1, found + gold)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    here = Path(__file__).resolve().parents[2]
    parser.add_argument("--nlp", type=Path, default=here.parent / "shared" / "nlp")
    parser.add_argument("--out", type=Path, default=here / "nlp" / "linking")
    options = parser.parse_args()
    index = load_sites()
    finder = NameFinder(index)
    rows: list[list[float]] = []
    right: list[bool] = []
    weights: list[float] = []
    groups: list[int] = []
    sites: list[str] = []
    lines: list[tuple[str, Affiliation]] = []
    names: list[str] = []
    for name, strings in read_sets(options.nlp / "affiliations").items():
        for one in strings:
            if is_held_string(one.text):
                continue
            words = words_of(one.text)
            hits = finder.hits(one.text, words)
            for hit, facts in zip(hits, facts_of(index, words, hits), strict=True):
                names = names or sorted(facts)
                rows.append([facts[key] for key in names])
                sites.append(index.site[hit.site].id)
                right.append(sites[-1] in one.rors)
                weights.append(WEIGHT[name])
                groups.append(len(lines))
            lines.append((name, one))
    x, y, weight = np.array(rows), np.array(right), np.array(weights)
    model = GradientBoostingClassifier(random_state=0, **SETTINGS)
    folded = cross_val_predict(model, x, y, groups=np.array(groups), cv=GroupKFold(4), method="predict_proba")[:, 1]
    scored: list[tuple[Affiliation, dict[str, float]]] = [(one, {}) for _, one in lines]
    for group, site, score in zip(groups, sites, folded, strict=True):
        scored[group][1][site] = max(float(score), scored[group][1].get(site, 0.0))
    parts = {name: [one for one, (of, _) in zip(scored, lines, strict=True) if of == name] for name in WEIGHT}
    _, likely, beside = max((sum(f1(part, a, b) for part in parts.values()), a, b) for a in LIKELY for b in BESIDE)
    model.fit(x, y, sample_weight=weight)
    prior = float(model.init_.class_prior_[1])
    body = json.dumps(
        {"facts": names, "rate": SETTINGS["learning_rate"], "start": float(np.log(prior / (1 - prior))),
         "likely": likely, "beside": beside, "trees": [tree_of(one[0].tree_) for one in model.estimators_]},
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
        "settings": SETTINGS | {"seed": 0, "weights": WEIGHT, "likely": likely, "beside": beside},
        "scores": {f"{name} F1, four folds of the training strings": round(f1(part, likely, beside), 4)
                   for name, part in parts.items()},
    }  # fmt: skip
    (options.out / "trees.card.json").write_text(json.dumps(card, indent=1) + "\n", "utf-8")
    print(json.dumps(card["scores"]), likely, beside, len(body))


if __name__ == "__main__":
    main()
