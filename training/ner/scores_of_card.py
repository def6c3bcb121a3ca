"""Write a bench's figures into the card of the shipped model.

python -m bench.entities --json > FILE && python -m training.ner.scores_of_card FILE [--model DIR]
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path


def write_scores(figures: Path, model: Path) -> int:
    """One score by `set measure`; speeds stay out, they are of a machine. Returns how many were written."""
    lines = [json.loads(line) for line in figures.read_text(encoding="utf-8").splitlines()]
    card = json.loads((model / "card.json").read_text(encoding="utf-8"))
    card["scores"] = {
        f"{one['set']} {one['measure']}": {"f1": round(one["value"], 4), "mentions": one["n"]}
        for one in lines
        if one["measure"].endswith("_f1")
    }
    (model / "card.json").write_text(json.dumps(card, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return len(card["scores"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("figures", type=Path)
    parser.add_argument("--model", type=Path, default=Path("nlp/models/entities"))
    options = parser.parse_args()
    print(write_scores(options.figures, options.model), "scores")


if __name__ == "__main__":
    main()
