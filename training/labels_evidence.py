"""Recipe: the kind of study that an abstract reports, in eight classes.

animal, in vitro, RCT, other clinical, case report, review, protocol, remaining. Three kinds of knowledge are
blended: words and letters of the whole text and of the title alone; the same with names of species, of people and
numbers exchanged for their type, so that "31 Wistar rats" and "12 C57BL/6 mice" are one thing; and counts of what
methods sections say (`labels_evidence.tsv`) in title, beginning, end and whole. The end counts, as conclusions say
what was done to whom."""

from __future__ import annotations

import re

from nlp.classify.page import sentences
from nlp.classify.study import find_study_type
from training.labels_model import LETTERS, WORDS, Item, Member, signs_of

THREE = {"ngram_range": (1, 3)}
CLASSES = ("animal", "in vitro", "RCT", "other clinical", "case report", "review", "protocol", "remaining")
SPECIES = re.compile(
    r"(?i)\b(?:mice|mouse|murine|rats?|rabbits?|pigs?|piglets?|swine|porcine|minipigs?|monkeys?|macaques?"
    r"|marmosets?|baboons?"
    r"|rhesus|non-human primates?|primates|dogs?|canine|beagles?|cats?|feline|sheep|ovine|lambs?|goats?|cows?"
    r"|cattle|bovine|calves"
    r"|horses?|equine|zebrafish|drosophila|fruit fl(?:y|ies)|c\. elegans|xenopus|frogs?|tadpoles?|chickens?"
    r"|chicks?|hamsters?"
    r"|gerbils?|guinea pigs?|ferrets?|sprague[- ]dawley|wistar|c57bl/?6j?|balb/?c|long[- ]evans|sd rats|rodents?)\b"
)
PEOPLE = re.compile(
    r"(?i)\b(?:patients?|participants?|volunteers?|subjects|individuals|adults|children|women|men|infants"
    r"|neonates|adolescents"
    r"|people|persons|outpatients|inpatients|survivors|caregivers|students|nurses|athletes|veterans|residents"
    r"|physicians|healthy controls)\b"
)
NUMBER = re.compile(r"\b\d+(?:[.,]\d+)*\b")
_HEAD = re.compile(
    r"(?i)\b(background|objectives?|purpose|aims?|methods?|materials and methods|patients and methods|design"
    r"|setting|results|findings"
    r"|conclusions?|interpretation|discussion|trial registration|case (?:presentation|report)|introduction)\s?[:.]"
)


def item_of(title: str, abstract: str) -> Item:
    found = [abstract[start:end] for start, end in sentences(abstract)] or [""]
    first, last = " ".join(found[:2]), " ".join(found[-2:])
    words = max(50, len(abstract.split()))
    facts: dict[str, float] = {}
    ruled = find_study_type(title, abstract)
    for name in CLASSES:
        facts[f"rule_{name}"] = float(name == ruled)
    for name, pattern in signs_of("labels_evidence").items():
        many = len(pattern.findall(abstract))
        facts[f"n_{name}"] = min(many, 8)
        facts[f"r_{name}"] = many * 100 / words
        facts[f"t_{name}"] = float(bool(pattern.search(title)))
        facts[f"l_{name}"] = float(bool(pattern.search(last)))
        facts[f"f_{name}"] = float(bool(pattern.search(first)))
    facts |= {
        "animals_less_people": facts["r_species"] - facts["r_people"], "words": words / 100,
        "title_words": len(title.split()), "heads": len(_HEAD.findall(abstract)),
        "numbers": len(NUMBER.findall(abstract)) * 100 / words,
        "asks": float("?" in title), "colon": float(":" in title),
        "empty": float(len(abstract) < 40),
        "past": len(re.findall(r"\b(?:was|were|had|showed)\b", abstract)) * 100 / words,
        "present": len(re.findall(r"\b(?:is|are|has|have|may|can)\b", abstract)) * 100 / words,
        "sample": float(bool(re.search(r"\b[nN] ?= ?\d+", abstract))), "bracket": float(title.startswith("[")),
    }  # fmt: skip
    text, masked = f"{title} . {abstract}", f"{_mask(title)} . {_mask(abstract)}"
    return Item(
        views={"text": text, "letters": text, "masked": masked, "title": _mask(title), "last": _mask(last)},
        facts=facts,
        words=text,
    )


def members() -> list[Member]:
    title = {"title": (0.7, THREE)}
    return [
        Member(views={"text": (1.0, WORDS), "letters": (1.0, LETTERS)}),
        Member(views={"text": (1.0, WORDS), "masked": (1.0, THREE), "last": (0.5, WORDS)} | title, facts=0.06),
        Member(kind="rbf", facts=1.2, vectors=1.0, cost=3.0, gamma=0.0006),
        Member(kind="forest", facts=1.0),
    ]  # fmt: skip


def _mask(text: str) -> str:
    return NUMBER.sub(" zznum ", PEOPLE.sub(" zzpeople ", SPECIES.sub(" zzspecies ", text)))
