"""A trained tagger on disk: one compressed archive of arrays, no pickles, and the fingerprint that it must have.

    tagger.npz    arrays and, as UTF-8 lines, the names of table rows; `meta` is JSON: format, styles, heads with their
                  labels, dilations, and by head and style what "outside" loses (`lean`)
    card.json     data, licences, settings, scores, and the sha256 of tagger.npz

Tables of embeddings are whole numbers of eight bits with a gain per row, weights are halves: 12 MB.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import ConfigError
from nlp.entities.tagger.decode import agree, decode, find_repeats
from nlp.entities.tagger.network import Head, Network
from nlp.entities.tagger.tokens import find_tokens

MODELS = Path(__file__).resolve().parents[2] / "models"
FORMAT = 1
TABLES = ("vectors", "words", "prefix3", "prefix4", "suffix3", "suffix4", "shapes")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tagged:
    """One span (characters, end exclusive) with its label and how sure the tagger is (0 to 1, geometric mean)."""

    start: int
    end: int
    label: str
    score: float


HitsOf = Callable[[Sequence[int], Sequence[int]], Sequence[Sequence[int]]]  # of starts and ends of the words


@dataclass(frozen=True, slots=True, kw_only=True)
class Tagger:
    """A loaded network with its fingerprint."""

    network: Network
    fingerprint: str

    def tag(self, text: str, wanted: Sequence[tuple[str, str]], hits_of: HitsOf) -> list[list[Tagged]]:
        """Spans for each wanted (head, style). `hits_of(starts, ends)` gives the lexicons' codes by slot."""
        words, starts, ends, before = find_tokens(text)
        if not words:
            return [[] for _ in wanted]
        every = []
        repeats = find_repeats(words)
        scored = self.network.score(words, before, hits_of(starts, ends), wanted)
        for (head, _), scores in zip(wanted, scored, strict=True):
            agree(scores, repeats)
            labels = self.network.heads[head].labels
            spans = []
            for first, past, label in decode(scores):
                sure = float(np.exp(scores[first:past].max(1).mean()))
                spans.append(Tagged(start=starts[first], end=ends[past - 1], label=labels[label], score=sure))
            every.append(spans)
        return every


def load_tagger(folder: Path) -> Tagger:
    """Raises ConfigError when a file is missing or broken, or the fingerprint is not the card's."""
    named = read_fingerprint(folder)
    where = f"nlp/models/{folder.name}"
    try:
        body = (folder / "tagger.npz").read_bytes()
    except OSError as error:
        raise ConfigError("the model cannot be read", where=where) from error
    fingerprint = hashlib.sha256(body).hexdigest()
    if fingerprint != named:
        raise ConfigError("the model is not the one of its card", where=where, hint="restore tagger.npz and card.json")
    with np.load(io.BytesIO(body), allow_pickle=False) as arrays:
        return Tagger(network=unpack(arrays), fingerprint=fingerprint)


def read_fingerprint(folder: Path) -> str:
    """The fingerprint that the model's card names. Raises ConfigError."""
    try:
        card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
        return str(card["sha256"])
    except (OSError, ValueError, KeyError) as error:
        raise ConfigError("the model cannot be read", where=f"nlp/models/{folder.name}") from error


def unpack(arrays: Mapping[str, Any]) -> Network:
    meta = json.loads(bytes(arrays["meta"]).decode("utf-8"))
    if meta["format"] != FORMAT:
        raise ConfigError(f"format {meta['format']} of a model, not {FORMAT}", where="nlp/models")

    lean = meta.get("lean", {})

    def whole(name: str) -> NDArray[np.float32]:
        return np.ascontiguousarray(arrays[name].astype(np.float32))

    def pair(name: str) -> tuple[Any, Any]:
        return whole(f"{name}.weight"), whole(f"{name}.bias")

    layers = range(len(meta["dilations"]))
    places = []
    for name in TABLES:
        lines = bytes(arrays[f"{name}.names"]).decode("utf-8").split("\n")
        places.append({key: number for number, key in enumerate(lines, start=1)})
    return Network(
        styles=tuple(meta["styles"]),
        places=places,
        tables=[arrays[f"{name}.rows"] for name in TABLES],
        gains=[whole(f"{name}.gains") for name in TABLES],
        mix=whole("mix.weight"),
        mix_bias=whole("mix.bias"),
        before=whole("before"),
        hits=whole("hits"),
        first_norm=pair("norm"),
        convs=[pair(f"convs.{number}") for number in layers],
        norms=[pair(f"norms.{number}") for number in layers],
        dilations=tuple(meta["dilations"]),
        last_norm=pair("last"),
        heads={
            head: Head(
                labels=tuple(labels),
                hidden=whole(f"hidden.{head}.weight"),
                bias=whole(f"hidden.{head}.bias"),
                scale=whole(f"scale.{head}"),
                shift=whole(f"shift.{head}"),
                out=whole(f"out.{head}.weight"),
                out_bias=whole(f"out.{head}.bias"),
                lean=np.array([lean.get(head, {}).get(style, 0.0) for style in meta["styles"]], dtype=np.float32),
            )
            for head, labels in meta["heads"].items()
        },
    )
