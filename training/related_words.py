"""Makes `publish/search/related.tsv`: words that stand for nearly the same in texts of the field.

    python -m training.related_words [--inputs DIR] [--to FILE]

In order:
1. texts: every abstract, paragraph or story of at least LEAST_TEXT characters in the files of SETS, each once;
2. folded words, without words of questions, that occur at least COMMON times;
3. how often two are within WINDOW words of each other, as positive pointwise mutual information, and its
   decomposition into SIZE dimensions (scikit-learn's TruncatedSVD): two words are alike by the angle between them;
4. of each word the NEAREST others that are at least LIKE; none of a word that half of the texts have, none that
   differs only in its ending, and no function word of the languages in LANGUAGES (spaCy's lists).

Only words and a number leave this recipe, no text. `docs/decisions.md` says why word vectors, and what else was tried.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import io
import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.decomposition import TruncatedSVD
from sklearn.preprocessing import normalize
from snowballstemmer import stemmer

from bench.measure import INPUTS, ROOT
from publish.search.fold import fold_words
from publish.search.vocabulary import question_words

TO = ROOT / "publish" / "search" / "related.tsv"
SETS = ("00", "11", "12", "20", "21", "22", "23", "24", "27", "29", "30", "31", "32", "33", "34", "37", "38", "41")
LEAST_TEXT, LARGEST = 150, 40_000_000
COMMON = 12
WINDOW = 6
SIZE = 200
LIKE = 0.65
NEAREST = 6
LANGUAGES = ("de", "en", "es", "fr", "it", "nl", "pt")  # of whatever texts in other languages are among the inputs
HEAD = (
    "# Words that stand for nearly the same in texts of the field; made by training/related_words.py, which says how.\n"
)


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--inputs", type=Path, default=INPUTS)
    parser.add_argument("--to", type=Path, default=TO)
    options = parser.parse_args(argv)
    texts = list(read_texts(options.inputs))
    words, vectors = train([to_words(text) for text in texts])
    stops = function_words()
    pairs = sorted(pair for pair in find_pairs(words, vectors) if stops.isdisjoint(pair[:2]))
    rows = [f"{one}\t{other}\t{alike:.2f}\n" for one, other, alike in pairs]
    options.to.write_text(HEAD + "word\tother\talike\n" + "".join(rows), "utf-8")
    print(f"{len(texts)} texts, {len(words)} words, {len(pairs)} pairs")
    return 0


def read_texts(inputs: Path) -> Iterator[str]:
    """Texts of the sets, each once."""
    seen: set[str] = set()
    for path in sorted(path for path in inputs.rglob("*") if path.is_file()):
        if path.relative_to(inputs).parts[0][:2] not in SETS or path.stat().st_size > LARGEST:
            continue
        data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        for text in _texts_of(path.name.removesuffix(".gz"), data.decode("utf-8", "replace")):
            plain = " ".join(re.sub(r"<[^>]+>", " ", text).split())
            if len(plain) >= LEAST_TEXT and _is_prose(plain) and plain[:200] not in seen:
                seen.add(plain[:200])
                yield plain


def _is_prose(text: str) -> bool:
    return sum(char.isascii() and char.isalpha() for char in text) >= 0.7 * len(text)


def _texts_of(name: str, text: str) -> Iterator[str]:
    kind = name.rpartition(".")[2]
    try:
        if kind == "json":
            yield from _strings(json.loads(text))
        elif kind in ("jsonl", "ndjson"):
            for line in filter(None, text.splitlines()):
                yield from _strings(json.loads(line))
        elif kind in ("csv", "tsv"):
            csv.field_size_limit(LARGEST)
            for row in csv.reader(io.StringIO(text), delimiter="\t" if kind == "tsv" else ","):
                yield from row
        elif kind in ("xml", "nxml"):
            for found in re.finditer(r"<(AbstractText|abstract|p|textblock)\b[^>]*>(.*?)</\1>", text, re.DOTALL):
                yield found[2]
        elif kind == "txt":
            yield from re.split(r"\n\s*\n", text)
    except (json.JSONDecodeError, csv.Error) as error:
        print(f"{name}: left out, {error}")


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _strings(one)


def to_words(text: str) -> list[str]:
    """The folded words of a text, without words of questions."""
    asked = question_words()
    folded = (word for word in fold_words(text).split() if len(word) > 2 and word.isascii() and word.isalpha())
    return [word for word in folded if word not in asked]


def function_words() -> frozenset[str]:
    """Words that say nothing of a subject."""
    lists = (import_module(f"spacy.lang.{language}.stop_words").STOP_WORDS for language in LANGUAGES)
    return frozenset(word for words in lists for word in words)


def train(texts: Sequence[Sequence[str]]) -> tuple[list[str], np.ndarray[Any, Any]]:
    """Words and their vectors of length one."""
    counts = Counter(word for text in texts for word in text)
    spread = Counter(word for text in texts for word in set(text))
    words = sorted(word for word, n in counts.items() if n >= COMMON and spread[word] <= len(texts) / 2)
    number = {word: place for place, word in enumerate(words)}
    near: Counter[tuple[int, int]] = Counter()
    for text in texts:
        places = [number.get(word, -1) for word in text]
        for at, one in enumerate(places):
            for step, other in enumerate(places[at + 1 : at + 1 + WINDOW], 1):
                if one >= 0 and other >= 0 and one != other:
                    near[one, other] += 1 / step  # type: ignore[assignment]
                    near[other, one] += 1 / step  # type: ignore[assignment]
    rows, columns = np.array(list(near)).T
    together = np.fromiter(near.values(), float)
    alone = np.bincount(rows, together, len(words))
    beside = alone**0.75 / (alone**0.75).sum()
    told = np.log(together / (alone[rows] * beside[columns]))
    kept = told > 0
    table = csr_matrix((told[kept], (rows[kept], columns[kept])), shape=(len(words), len(words)))
    made = TruncatedSVD(min(SIZE, len(words) - 1), random_state=0, n_iter=4)
    vectors = made.fit_transform(table) / np.sqrt(made.singular_values_)
    return words, normalize(vectors)


def find_pairs(words: Sequence[str], vectors: np.ndarray[Any, Any]) -> Iterator[tuple[str, str, float]]:
    """Each word with the words that are most like it."""
    stem = stemmer("porter").stemWord
    for one, vector in zip(words, vectors, strict=True):
        alike = vectors @ vector
        near = [place for place in np.argsort(-alike)[1 : 3 * NEAREST] if stem(words[place]) != stem(one)]
        for place in near[:NEAREST]:
            if alike[place] >= LIKE:
                yield one, words[place], float(alike[place])


if __name__ == "__main__":
    raise SystemExit(main())
