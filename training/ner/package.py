"""A trained student -> the folder that is shipped: small arrays and a card.

    python -m training.ner.package [--work DIR] [--name NAME] [--out DIR]

Needs torch to read the student. Only the heads that the project uses are taken along.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from nlp.entities.tagger.package import FORMAT, TABLES
from training.ner.corpora import CORPORA

WHAT = "Names of diseases, cells, people, institutions, places, journals, species and tissues in English text."
TEXT = (
    "word vectors and, but for the recipe entities-gold, soft labels were made on unlabelled lines: texts of the "
    "corpora, PubMed abstracts, open articles, definitions of ontologies; the text itself is not shipped"
)
ENCODER = "all-MiniLM-L6-v2 (Apache-2.0) gave 64 dimensions of the word vectors and, fine-tuned, soft labels"
LEAN = {"disease": {"nc": 0.5}}  # finds too little on held-out documents, by two students: docs/decisions.md
SHIPPED = ("disease", "cell", "news", "species", "anatomy")


def small_rows(weight: Any) -> tuple[Any, Any]:
    """float rows -> int8 rows and the gain of each."""
    gains = np.abs(weight).max(1) / 127 + 1e-12
    return np.round(weight / gains[:, None]).astype(np.int8), gains.astype(np.float32)


def pack_student(kept: Mapping[str, Any]) -> dict[str, Any]:
    """What `student.save_student` wrote -> named arrays of the shipped archive."""
    state = {name: tensor.float().numpy() for name, tensor in kept["state"].items()}
    arrays: dict[str, Any] = {}
    names = [kept["vector_words"], *kept["names"]]
    weights = [state["vectors.weight"], *(state[f"tables.{number}.weight"] for number in range(6))]
    for table, rows, weight in zip(TABLES, names, weights, strict=True):
        arrays[f"{table}.rows"], arrays[f"{table}.gains"] = small_rows(weight)
        arrays[f"{table}.names"] = np.frombuffer("\n".join(rows).encode("utf-8"), dtype=np.uint8)
    for name, weight in state.items():
        part = name.split(".")
        if part[0] in {"vectors", "tables"} or (
            part[0] in {"hidden", "scale", "shift", "out"} and part[1] not in SHIPPED
        ):
            continue
        if part[0] in {"before", "hits", "scale", "shift"}:
            arrays[name.removesuffix(".weight")] = weight.astype(np.float16)
        elif part[0] in {"mix", "convs", "hidden", "out"} and part[-1] == "weight":
            arrays[name] = weight.T.astype(np.float16)
        else:
            arrays[name] = weight.astype(np.float32)
    meta = {
        "format": FORMAT,
        "styles": list(kept["styles"]),
        "heads": {head: list(kept["heads"][head]) for head in SHIPPED},
        "dilations": list(kept["settings"]["dilations"]),
        "lean": LEAN,
    }
    arrays["meta"] = np.frombuffer(json.dumps(meta).encode("utf-8"), dtype=np.uint8)
    return arrays


def archive(arrays: Mapping[str, Any]) -> bytes:
    """The same arrays give the same bytes: no times in the archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name in sorted(arrays):
            one = io.BytesIO()
            np.lib.format.write_array(one, np.ascontiguousarray(arrays[name]), allow_pickle=False)
            file.writestr(zipfile.ZipInfo(f"{name}.npy"), one.getvalue(), zipfile.ZIP_DEFLATED)
    return out.getvalue()


def write_package(work: Path, name: str, out: Path) -> dict[str, Any]:
    """Write tagger.npz and the card's part that is known here; scores are added by `evaluate`."""
    import torch

    kept = torch.load(work / f"student-{name}.pt", weights_only=True)
    counts = json.loads((work / "counts.json").read_text(encoding="utf-8"))  # written by prepare.py
    body = archive(pack_student(kept))
    out.mkdir(parents=True, exist_ok=True)
    (out / "tagger.npz").write_bytes(body)
    card = {
        "what": WHAT,
        "sha256": hashlib.sha256(body).hexdigest(),
        "bytes": len(body),
        "licence": "CC BY-SA 4.0: some of the corpora below are share-alike",
        "data": [
            {
                "corpus": one.name,
                "style": one.style,
                "licence": one.licence,
                "heads": sorted(one.heads),
                "documents": counts[f"{one.name} train documents"],
            }
            for one in CORPORA
            if f"{one.name} train documents" in counts
        ],
        "text": TEXT,
        **({"encoder": ENCODER} if name != "gold" else {}),
        "held_out": "by checksum of document ids: a third of dev or val files, a tenth of corpora without one",
        "settings": {**kept["settings"], "steps": kept["step"], "recipe": name, "lean": LEAN},
    }
    (out / "card.json").write_text(json.dumps(card, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return card


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, default=Path("data/train/ner"))
    parser.add_argument("--name", default="gold")
    parser.add_argument("--out", type=Path, default=Path("nlp/models/entities"))
    options = parser.parse_args()
    card = write_package(options.work, options.name, options.out)
    print(f"{card['bytes'] / 1e6:.1f} MB {card['sha256']}")


if __name__ == "__main__":
    main()
