"""Tables of cues, and when a cue does not count.

A table is `x.tsv` with the columns value, lang, weight, pattern (a regular expression; `(?i)` is set), or else
`[cues]` of `x.toml`: for each value a list of patterns, each of weight 1. A row whose value begins with `=` names a
part of patterns: the row `=N` is what `<N>` means. A cue does not count in a sentence that

- denies it: "has not been tested in humans", "no clinical trial", "has not gone beyond animals";
- plans it: "the next step will be …", "hopes to", "before a trial in people", "further studies are needed";
- asks it: the sentence ends with a question mark.

Denial and plan are read over the cue and its own clause: "It worked in mice, but has not been tested in people" denies
the people and keeps the mice, and "patients could be treated" is a plan though its word is part of the cue.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Literal

from core.config import load_toml
from core.errors import ConfigError
from nlp.classify.page import Sentence

HERE = Path(__file__).parent

_CLAUSE = re.compile(
    r"[;:—；]|지만,? |으나,? |(?<=[가-힣])고, |(?<=[가-힣])며,? |が、|[，,](?=[一-龥])"
    r"|,? (?:aber|jedoch|doch|sondern|obwohl|mais|cependant|alors que|but|although|though|whereas|while|after"
    r"|because|since|which|who|whom|whose|that had|following) "
    r"|, (?:and|so|then|in which|where) "
    r"|\band (?=(?:is|are|was|were|will|has|have|plans?|hopes?) )"
)
_DENIED = re.compile(
    r"(?i)\b(?:not|never|n[’']t|neither|nor|yet to|without|cannot) (?:\w+ ){0,4}?"
    r"(?:test|tri(?:ed|al)|gone|beg[iu]n|start|stud(?:y|ied)|exist|approv|licen[cs]ed|authori[sz]ed|prove[nd]?"
    r"|done|conduct|carried|been used|undergo"
    r"|involve|mean|appl|reach|happen|work in|in (?:human|people|patient)|a (?:clinical|human))"
    r"|\b(?:no|nor any|without(?: any)?|lack of|absence of|none of (?:it|this)|few|little) (?:\w+ ){0,2}?"
    r"(?:trial|stud(?:y|ies)|human|clinical|people|patients? (?:has|have)|product|treatment|therap|evidence|data"
    r"|approv)"
    r"|\bnon-?(?:approved|human|clinical)\b|\bunapproved\b|\bunlicen[cs]ed\b|\brather than\b|\binstead of\b"
    r"|않|아직|없"
)
_PLANNED = re.compile(
    r"(?i)\bnext (?:\w+ )?(?:step|project|phase|stage|goal|stud|trial|task|challenge)|\bnext,|\bplan(?:s|ned"
    r"|ning)?\b|\bhop(?:e|es|ed|ing)\b"
    r"|\baim(?:s|ed|ing)? (?:to|for|at)\b|\bintend|\bwill\b(?! (?:not )?(?:tell|show you))|\bwould\b|\bcould\b"
    r"|\bmight\b|\bmay\b(?! \d)|\bgoing to\b"
    r"|\bbefore (?:it|they|this|these|the|any|human|trial|trials|clinical|testing|moving|a|being|such|we|people"
    r"|patients)\b"
    r"|\bneed(?:s|ed)?\b|\bmust\b|\bshould\b|\b(?:further|future|larger|additional|more) (?:\w+ ){0,2}?(?:stud"
    r"|research|work|test|trial|experiment)"
    r"|\bfuture\b|\bremains? to be\b|\byet to\b|\btowards? (?:a |the )?(?:human|clinical|trial|first)|\bpav(?:e"
    r"|es|ed|ing) the way|\bsome ?day\b|\bone day\b|\beventually\b"
    r"|\bexpect(?:s|ed)? to\b|\bprepar(?:e|es|ing|ation)\b|\bapply(?:ing)? (?:for|to)\b|\bawait|\bwants? to\b"
    r"|\bseek(?:s|ing)?\b|\bready for\b|\bif (?:it|they|the|this|all|success)"
    r"|\b(?:mov|advanc|progress|proceed|head)\w* (?:on )?(?:in)?to (?:a |the )?(?:\w+ )?$|\bpermi(?:ssion|ts?)\b"
    r"|\b(?:approv|clear|authori[sz])\w* (?:a |the |its |their |to (?:start|begin) )?(?:\w+ ){0,2}$"
    r"|\bgreen[- ]light|\bgo-ahead\b|\bseeks? to\b|\brecruiting\b|\benrolling\b"
    r"|\bgear(?:s|ed|ing) up\b|\bproposed?\b|\bahead of\b"
    r"|\bpotential(?:ly)? (?:for|in)\b|계획|예정|앞으로|향후|목표|予定|今後|将来|将于|计划"
)
_PLANNED_AFTER = re.compile(
    r"(?i)^ ?(?:(?!suggest|show|found|that)[\w-]+ ){0,4}?(?:(?:is|are) (?:planned|expected|due|scheduled|needed"
    r"|required|being prepared"
    r"|next)"
    r"|will (?:be|begin|start|open|follow)|(?:could|may|might|should) (?:begin|start|follow|be)"
    r"|(?:is|are) to (?:begin|start|follow))\b"
)
_SCRIPTS = (
    ("ko", re.compile("[가-힣]")),
    ("ja", re.compile("[ぁ-ゖァ-ヺ]")),
    ("zh", re.compile("[一-龥]")),
)
_LITTLE_WORDS = {
    "en": re.compile(r"(?i)\b(?:the|of|and|to|is|was|were|that|with|for|by|from|has|have|not|an|are|it)\b"),
    "de": re.compile(
        r"(?i)\b(?:der|die|das|keine?|und|ist|wurden?|nicht|für|mit|von|eine[rsnm]?|ein|den|dem|zu|auf|sich"
        r"|haben|hat|im|bei|soll)\b"
    ),
    "fr": re.compile(
        r"(?i)\b(?:le|la|les|des|est|et|une?|dans|pour|ont|par|sur|du|de|au|aux|qui|chez|sera|été)\b|\b[ld]’|\b[ldn]'"
    ),
}
_TESTED = re.compile(  # words that report a result, which is no plan
    r"(?i)\b(?:found|showed|shown|demonstrat|report|observ|received|were (?:given|treated|injected)|was (?:given"
    r"|treated|injected)|improved|survived|reduced|restored)\w*"
)


_PLANNED_INSIDE = re.compile(
    r"(?i)\b(?:mov|advanc|progress|proceed|enter|head)\w* (?:on )?(?:in)?to\b"
    r"|\b(?:will|would|could|might|may|should|to be|set to|plans?|planned|planning|hopes?)\b"
    r"|\bdue to (?:be|begin|start|launch|open|report|enroll?|treat|run|take|finish|end)\b"
)

Modality = Literal["done", "planned", "denied", "refused", "withdrawn", "asked"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cue:
    value: str
    lang: str
    weight: float
    pattern: re.Pattern[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A cue that counts, with its sentence."""

    value: str
    weight: float
    words: str  # what was matched
    sentence: Sentence


@cache
def load_cues(table: str) -> tuple[Cue, ...]:
    """The cues of `table`.tsv or of `table`.toml in this folder, in their order. Raises ConfigError."""
    path = HERE / f"{table}.tsv"
    if not path.exists():
        found = load_toml_cues(HERE / f"{table}.toml")
        return tuple(
            _make_cue(table, value, "", 1.0, pattern) for value, patterns in found.items() for pattern in patterns
        )
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    parts = [(f"<{row['value'][1:]}>", row["pattern"]) for row in rows if row["value"].startswith("=")]
    return tuple(
        _make_cue(table, row["value"], row["lang"], float(row["weight"]), _fill(row["pattern"], parts))
        for row in rows
        if not row["value"].startswith("=")
    )


def _fill(pattern: str, parts: list[tuple[str, str]]) -> str:
    """A pattern with its named parts put in."""
    for name, part in parts:
        pattern = pattern.replace(name, part)
    return pattern


def load_toml_cues(path: Path) -> dict[str, list[str]]:
    """value -> patterns, from the table `[cues]` of a family's TOML. Raises ConfigError."""
    found: dict[str, list[str]] = load_toml(path).get("cues", {})
    for value, patterns in found.items():
        if not isinstance(patterns, list) or not all(type(pattern) is str for pattern in patterns):
            raise ConfigError(f"cues.{value}: a list of patterns expected", where=f"nlp/classify/{path.name}")
    return found


def _make_cue(table: str, value: str, lang: str, weight: float, pattern: str) -> Cue:
    try:
        return Cue(value=value, lang=lang, weight=weight, pattern=re.compile(f"(?i){pattern}"))
    except re.error as error:
        raise ConfigError(f"the pattern {pattern!r} cannot be read", where=f"nlp/classify/{table}") from error


def find_hits(table: str, sentences: tuple[Sentence, ...], *, guarded: bool = True) -> Iterator[Hit]:
    """Every cue of a table that counts, once a sentence; with `guarded=False` also denied, planned or asked ones."""
    for sentence in sentences:
        for cue in load_cues(table):
            for match in cue.pattern.finditer(sentence.words):
                if guarded and is_held_back(sentence.words, match.start(), match.end()):
                    continue
                yield Hit(value=cue.value, weight=cue.weight, words=match[0], sentence=sentence)
                break


def is_held_back(sentence: str, start: int, end: int) -> bool:
    """Whether the words between two offsets are denied, planned or asked."""
    return read_modality(sentence, start, end) != "done"


_STARTS_LATER = re.compile(
    r"(?i)\b(?:is|are|was|were) (?:about|set|due|expected|planned|scheduled|slated|poised) to (?:start|begin|open"
    r"|launch|enrol\w*|recruit|get under ?way)\b"
)


def read_modality(sentence: str, start: int, end: int) -> Modality:
    """Whether what the words between two offsets say was done, or is only planned, denied or asked.

    `refused` and `withdrawn` are for those who ask about approvals: see `read_decision`.
    """
    if sentence.rstrip('"”’) ').endswith(("?", "？")):
        return "asked"
    left, right = find_clause(sentence, start, end)
    before, clause = sentence[left:start], sentence[left:right]
    lang = guess_language(sentence)
    if lang != "en":
        return "denied" if _says("denied", lang, clause) else "planned" if _says("planned", lang, clause) else "done"
    if _DENIED.search(sentence[left:end]) or _DENIED.search(clause, end - left):
        return "denied"
    if _PLANNED_AFTER.match(clause[end - left :]) or _PLANNED_INSIDE.search(sentence[start:end]):
        return "planned"
    if _STARTS_LATER.search(sentence, end):
        return "planned"  # however long the clause between the trial and its verb is
    return "planned" if _PLANNED.search(before) and not _TESTED.search(before) else "done"


DECISIONS: tuple[tuple[str, Modality], ...] = (
    ("withdrawn", "withdrawn"),
    ("refused", "refused"),
    ("lacking", "denied"),
    ("applied", "planned"),
)


def read_decision(sentence: str, start: int, end: int) -> Modality:
    """The same of an approval: also whether it was refused, withdrawn, or only asked for (`planned`)."""
    lang = guess_language(sentence)
    left, right = find_clause(sentence, start, end)
    clause = sentence[left:right]
    for value, modality in DECISIONS:
        if _says(value, lang, clause):
            return modality
    return read_modality(sentence, start, end)


def _says(value: str, lang: str, words: str) -> bool:
    return any(cue.pattern.search(words) for cue in load_cues("modality") if (cue.value, cue.lang) == (value, lang))


@lru_cache(maxsize=4096)
def guess_language(sentence: str) -> str:
    """ko, ja, zh, de, fr or en: by the script, then by the little words that only one of the languages has."""
    for lang, script in _SCRIPTS:
        if script.search(sentence):
            return lang
    counts = {lang: len(words.findall(sentence)) for lang, words in _LITTLE_WORDS.items()}
    best = max(counts, key=lambda lang: (counts[lang], lang == "en"))
    return best if counts[best] >= 1 else "en"


def find_clause(sentence: str, start: int, end: int) -> tuple[int, int]:
    """Offsets of the clause around two offsets."""
    left, right = 0, len(sentence)
    for border in _CLAUSE.finditer(sentence):
        if border.end() <= start:
            left = border.end()
        elif border.start() >= end:
            right = border.start()
            break
    return left, right
