"""Whether a trial had controls, as its record or a sentence of a text says.

In order:
1. a trial's record: its allocation is randomised;
2. a paper's record: its publication types name a randomised or a controlled trial;
3. a sentence of the text that says of this work that people were assigned by chance, or of a placebo or blinding. A
   sentence that denies it, plans it, wants it or tells of other work does not count.
"""

from __future__ import annotations

import re

from core.records import Json
from publish.sentences import find_sentences

RECORD = "its record"  # what the words for a record begin with
READ = 6_000  # characters of a text
TYPES = ("randomized controlled trial", "controlled clinical trial", "equivalence trial")
_SAYS = re.compile(
    r"(?i)\brandomi[sz]ed\b|\brandomi[sz]es\b|\brandomly (?:assigned|allocated|divided)|\bplacebo[- ]controlled"
    r"|\bdouble[- ]blind|\bsham[- ]controlled|무작위 ?(?:배정|대조)|위약 ?대조|無作為(?:化|に割り)|プラセボ対照"
    r"|二重盲検|随机(?:分|对照)|安慰剂对照|双盲"
)
_UNLESS = re.compile(
    r"(?i)\bnon[- ]?random|\b(?:not|no|without|neither|lack\w*|needs?|needed|require[sd]?|should|would|could|may"
    r"|future|further|larger|planned|plans?|planning|await\w*|until|previous\w*|earlier|other|others|prior|registered"
    r"|published|reviewed|included|meta-analys\w*|systematic\w*|search\w*|literature|databases?|trials|studies|calls?"
    r"|because|next|propose[sd]?|mice|rats?|animals?|rabbits?|dogs?|pigs?|sheep|horses?)\b"
    r"|않|없|필요|ない|必要|今後|需要|未|尚"
)


def lacks_controls(kind: str, extra: Json) -> bool:
    """Whether the record of a trial says that nobody was assigned by chance."""
    design = extra.get("design")
    if kind != "trial" or not isinstance(design, dict):
        return False
    return str(design.get("allocation") or "").upper().replace("-", "_") in ("NA", "NON_RANDOMIZED") or (
        str(design.get("model") or "").upper() == "SINGLE_GROUP"
    )


def find_controls(kind: str, extra: Json, title: str, text: str) -> str:
    """What says that there were controls: a sentence, or words for a record; empty: nothing does."""
    if kind == "trial":
        design = extra.get("design")
        allocation = str(design.get("allocation") or "") if isinstance(design, dict) else ""
        return f"{RECORD}: randomised" if re.fullmatch(r"(?i)randomi[sz]ed", allocation.strip()) else ""
    types = extra.get("types")
    named = {str(one).casefold() for one in types} if isinstance(types, list) else set()
    if named & set(TYPES):
        return f"{RECORD}: {next(one for one in TYPES if one in named)}"
    if _SAYS.search(title) and not _UNLESS.search(title):
        return title
    for start, end in find_sentences(text[:READ]):
        sentence = text[start:end]
        if _SAYS.search(sentence) and not _UNLESS.search(sentence):
            return " ".join(sentence.split())
    return ""
