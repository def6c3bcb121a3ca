"""Folds text to the words under which the index has it, and names to their keys. Text and query are folded alike.

`pieces` cuts text into pieces: numbers (1,234 is one), runs of letters with their possessive, runs of Greek letters,
and runs of Korean, Chinese and Japanese signs. So a letter and a digit never share a piece: IL6 is IL-6. `fold_words`
folds each piece by itself, so that whoever marks hits in a text folds exactly what the index folds:

1. compatibility forms (ﬁ, ², full width), case, accents and the Greek tonos go; ø, ł, æ become Latin letters;
2. one or two Greek letters are their names (TGF-β is tgf beta, γδ is gamma delta); a longer run is a Greek word. A
   Latin word that ends in such a name is two (TNFalpha);
3. the possessive goes (Parkinson's is parkinson; the stemmer makes Parkinsons the same);
4. British spelling becomes American, and an irregular plural its singular (spellings.toml);
5. traditional Chinese and Japanese signs become simplified ones (the tables of OpenCC), one sign for one, and the run
   becomes overlapping pairs, since the stemmer knows no words in these scripts: 세포 is found in 줄기세포. The last
   sign is a word of its own. A space inside a run is ignored: Korean writes both 줄기세포 and 줄기 세포.

The stemmer of the index (Porter) comes after that. `name_key` is the key of a name in the table `alias`, `lookup_keys`
are the keys under which to look up what a reader wrote.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Callable, Iterator
from functools import cache, lru_cache
from importlib.resources import files
from pathlib import Path

from core.records import Json

CJK = (
    "\u1100-\u11ff\u3005\u3041-\u309f\u30a1-\u30fa\u30fc-\u30ff\u3131-\u318f\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f"
    "\uac00-\ud7a3\ud7b0-\ud7ff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff"
)
_GREEK = "\u0370-\u03ff\u1f00-\u1fff"
_MARKS = "\u0300-\u036f"
_APOSTROPHES = "'’ʼ＇"
_PIECE = re.compile(
    rf"[^\W\d_{CJK}{_GREEK}][^\W\d_{CJK}{_GREEK}{_MARKS}]*(?:[{_MARKS}]+[^\W\d_{CJK}{_GREEK}]*)*(?:[{_APOSTROPHES}][sS](?!\w))?"
    r"|\d{1,3}(?:,\d{3})+(?![\d,]*\d)|\d+"
    rf"|[{_GREEK}][{_GREEK}{_MARKS}]*"
    rf"|[{CJK}]+(?:\ [{CJK}]+)*"
)
_SIGN = re.compile("[\u1100-\u115f][\u1160-\u11a7]*[\u11a8-\u11ff]*|[^ ][\uff9e\uff9f\u3099\u309a]*")
_MARK = re.compile(f"[{_MARKS}]+")
_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th", "ħ": "h"})
_NAMES = {unicodedata.lookup(f"GREEK SMALL LETTER {name.upper()}"): name for name in (
    "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lamda", "mu", "nu", "xi",
    "omicron", "pi", "rho", "sigma", "tau", "upsilon", "phi", "chi", "psi", "omega",
)} | {"λ": "lambda"}  # fmt: skip
_NAMED = re.compile(r"(.{2,})(alpha|beta|gamma|delta|epsilon|kappa|lambda|sigma|theta|omega)")


def pieces(text: str) -> Iterator[re.Match[str]]:
    """The pieces of a text that are folded one by one, with their places."""
    return _PIECE.finditer(text)


def fold_words(text: str) -> str:
    """A text as the index has it: folded words with a space between them.

    >>> fold_words("TGF-β1 in Parkinson's tumours")
    'tgf beta 1 in parkinson tumor'
    >>> fold_words("iPS細胞"), fold_words("줄기 세포")
    ('ips 细胞 胞', '줄기 기세 세포 포')
    """
    return " ".join([fold_piece(piece) for piece in _PIECE.findall(text)])


def fold_piece(piece: str) -> str:
    """The words of one piece, with a space between them."""
    return _fold(piece) if not is_run(piece) else " ".join(pairs(signs(piece)))


def is_run(piece: str) -> bool:
    """Whether a piece consists of Korean, Chinese or Japanese signs."""
    return piece[0] >= "\u1100" and _RUN.match(piece) is not None


_RUN = re.compile(f"[{CJK}]")


def signs(run: str) -> list[str]:
    """The folded signs of a run."""
    normal = unicodedata.normalize("NFKC", run.replace(" ", ""))
    return list(normal.translate(simplified()))


def sign_spans(run: str) -> list[tuple[int, int]]:
    """The place of each of `signs(run)` in the run: a sign may be written with several characters."""
    spans: list[tuple[int, int]] = []
    for match in _SIGN.finditer(run):
        spans += [match.span()] * len(unicodedata.normalize("NFKC", match[0]))
    return spans


def pairs(run: list[str]) -> list[str]:
    """Overlapping pairs of signs; the last sign is a word of its own."""
    return [first + second for first, second in zip(run, [*run[1:], ""], strict=True)]


@lru_cache(maxsize=65_536)
def fold_name(name: str) -> str:
    """`fold_words` of a name, which many searches look for."""
    return fold_words(name)


@lru_cache(maxsize=131_072)
def _fold(piece: str) -> str:
    """The words of a piece of letters or digits."""
    if piece[-1] in "sS" and piece[-2:-1] in tuple(_APOSTROPHES):
        piece = piece[:-2]
    if not piece.isascii():
        plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", piece).casefold())
        plain = unicodedata.normalize("NFC", _MARK.sub("", plain)).translate(_LETTERS)
        if plain != piece and len(found := _PIECE.findall(plain)) != 1:  # cm² is cm2, µm is μm
            return " ".join(fold_piece(one) for one in found)
        piece = plain
    word = piece.casefold()
    if word[0].isdigit():
        return word.replace(",", "")
    if word[0] in _NAMES:
        return " ".join(_NAMES.get(letter, letter) for letter in word) if len(word) <= 2 else word
    if named := _NAMED.fullmatch(word):
        return f"{american(named[1])} {named[2]}"
    return american(word)


def american(word: str) -> str:
    """A folded word in American spelling, an irregular plural as its singular; another stays as it is."""
    if len(word) < 3:
        return word
    parts, endings, whole = _spellings()
    if word in whole:
        return whole[word]
    if len(word) > 4:
        word = parts.sub(lambda part: whole[f"-{part[0]}-"], word)
        word = endings.sub(lambda ending: whole[f"-{ending[1]}"] + ending[2], word)
    return word


@cache
def _data() -> Json:
    return tomllib.loads(Path(__file__).with_name("spellings.toml").read_text("utf-8"))


@cache
def _spellings() -> tuple[re.Pattern[str], re.Pattern[str], dict[str, str]]:
    """The patterns of spellings.toml for parts and endings, and a table: words, "-part-" and "-ending"."""
    data = _data()
    kept = [stem for word in data["keep"]["ise"] for stem in (word, f"{word[:-1]}ing", f"{word[:-1]}able")]
    table = {form: form for word in kept for form in (word, f"{word}s", f"{word}d", f"{word}r", f"{word}rs")}
    for british, word in data["words"].items():
        table |= {british: word, f"{british}s": f"{word}s"}
    table |= data["plurals"]
    table |= {f"-{part}-": other for part, other in data["parts"].items()}
    table |= {f"-{ending}": other for ending, other in data["endings"].items()}
    longest = [sorted(map(re.escape, data[kind]), key=len, reverse=True) for kind in ("parts", "endings")]
    return re.compile("|".join(longest[0])), re.compile(f"({'|'.join(longest[1])})(s?)$"), table


@cache
def compounds() -> re.Pattern[str]:
    """A folded word that may be written as two: (first, second) are its groups, or the next two."""
    parts = _data()["compounds"]
    before, after = ("|".join(parts[place]) for place in ("before", "after"))
    return re.compile(f"({before})(.{{4,}})|(.{{3,}})({after})")


@cache
def simplified() -> dict[int, str]:
    """Traditional and Japanese signs -> simplified ones, from the tables that OpenCC ships."""
    folder = files("opencc").joinpath("dictionary")
    table: dict[str, str] = {}
    for line in folder.joinpath("TSCharacters.txt").read_text("utf-8").splitlines():
        sign, others = line.split("\t")
        table[sign] = others.split()[0]
    for line in folder.joinpath("JPVariants.txt").read_text("utf-8").splitlines():
        sign, variants = line.split("\t")
        for variant in variants.split():
            table.setdefault(variant, table.get(sign, sign))
    return {ord(sign): other for sign, other in table.items() if sign != other and len(sign) == len(other) == 1}


def exact_key(name: str) -> str:
    """A name as one key, with its plurals: every way of writing it has the same."""
    return _key(name, lambda word, piece: word)


def name_key(name: str, type_: str = "") -> str:
    """The key of a name in the table `alias`: folded words without plural, signs without spaces.

    An abbreviation that is written in capitals keeps its s (AIDS, iPS), and so do titles of journals: Cell and Cells
    are two.

    >>> name_key("Parkinson's  Diseases"), name_key("MSCs"), name_key("AIDS"), name_key("Cells", "journal")
    ('parkinson disease', 'msc', 'aids', 'cells')
    """
    return exact_key(name) if type_ == "journal" else _key(name, _singular_as_written)


@lru_cache(maxsize=65_536)
def lookup_keys(text: str) -> tuple[str, ...]:
    """The keys under which to look up what a reader wrote, the likeliest first; the first that is there counts.

    Readers write aids for AIDS, STEM CELLS for stem cells, and evs for EVs.

    >>> lookup_keys("aids"), lookup_keys("stem cells")
    (('aid', 'aids'), ('stem cell', 'stem cells'))
    """
    every = _key(text, lambda word, piece: _singular(word, 3))
    return tuple(dict.fromkeys((name_key(text), exact_key(text), every)))


def _key(name: str, change: Callable[[str, str], str]) -> str:
    words: list[str] = []
    for match in pieces(name):
        if is_run(match[0]):
            words.append("".join(signs(match[0])))
        else:
            words += [change(word, match[0]) for word in fold_piece(match[0]).split()]
    return " ".join(words)


def _singular_as_written(word: str, piece: str) -> str:
    if piece.endswith("s") and piece[-2:-1].isupper():  # MSCs, EVs
        return word[:-1]
    return word if piece.endswith("S") else _singular(word, 4)


def _singular(word: str, least: int) -> str:
    """A word of at least so many letters without its plural; not the stem, so that names stay apart."""
    if len(word) < least or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    for ending, other in (("yses", "ysis"), ("ies", "y"), ("sses", "ss"), ("xes", "x"), ("ches", "ch"), ("shes", "sh")):
        if word.endswith(ending) and len(word) > len(ending) + 1:
            return word.removesuffix(ending) + other
    return word[:-2] if re.search("[^aeiou]uses$", word) else word[:-1]  # viruses, but causes
