"""What a record of the literature or of a registry says about its evidence and species.

A trial's record gives phases, else its design; one that has not begun or was withdrawn before it began gives none of
them but an outlook. A record of the literature gives publication types and, unless it is a
review, what its MeSH headings say of methods and animals.
"""

from __future__ import annotations

import re

from core.records import Json
from nlp.classify.record_fields import get_headings, get_list

TYPES = {  # publication type -> value of the facet `evidence`
    "review": "review", "systematic review": "review", "meta-analysis": "review", "scoping review": "review",
    "clinical trial, phase i": "phase 1", "clinical trial, phase ii": "phase 2", "clinical trial, phase iii": "phase 3",
    "clinical trial": "clinical trial", "randomized controlled trial": "clinical trial",
    "controlled clinical trial": "clinical trial", "pragmatic clinical trial": "clinical trial",
    "clinical study": "clinical trial", "case reports": "observational", "observational study": "observational",
    "clinical trial, phase iv": "approved product",
}  # fmt: skip
HEADINGS = {  # MeSH heading -> value
    "organoids": "organoid", "in vitro techniques": "in vitro", "cells, cultured": "in vitro", "cell line": "in vitro",
    "cell culture techniques": "in vitro", "coculture techniques": "in vitro", "computer simulation": "in silico",
    "models, theoretical": "in silico", "molecular docking simulation": "in silico", "cohort studies": "observational",
    "retrospective studies": "observational", "prospective studies": "observational",
    "case-control studies": "observational", "cross-sectional studies": "observational",
    "follow-up studies": "observational", "disease models, animal": "animal", "drug approval": "approved product",
    "tissue culture techniques": "ex vivo", "organ culture techniques": "ex vivo",
}  # fmt: skip
ANIMALS = {  # MeSH heading -> species
    "mice": "mouse", "rats": "rat", "swine": "pig", "rabbits": "rabbit", "dogs": "dog", "cats": "cat", "sheep": "sheep",
    "goats": "goat", "cattle": "cow", "horses": "horse", "zebrafish": "zebrafish", "macaca": "monkey",
    "drosophila": "fruit fly", "chickens": "chicken", "chick embryo": "chicken", "cricetinae": "hamster",
    "guinea pigs": "guinea pig", "ferrets": "ferret", "haplorhini": "monkey", "callithrix": "monkey",
    "xenopus": "frog", "caenorhabditis elegans": "worm", "planarians": "planarian",
}  # fmt: skip
OUTLOOKS = {"not yet recruiting": "planned", "withdrawn": "withdrawn"}  # status of a trial in which nobody was treated
ASSIGNED = frozenset(("phase 1", "phase 2", "phase 3", "clinical trial"))  # next to which cohorts are a mere method
_PHASE = re.compile(r"(?i)phase[_ ]?([123])")


def read_record(kind: str, extra: Json) -> list[str]:
    """Values of the facet `evidence` that a record states, each once. `kind` is the kind of its document."""
    if kind == "trial":
        return [] if read_outlook(extra) else list(dict.fromkeys(_read_trial(extra)))
    return list(dict.fromkeys(_read_paper(extra)))


def read_outlook(extra: Json) -> str | None:
    """The value of the facet `outlook` that a trial's status says, if nobody was treated in it."""
    return OUTLOOKS.get(str(extra.get("status") or "").lower().replace("_", " "))


def get_animals(extra: Json) -> list[str]:
    """Species of the animals in a record's MeSH headings."""
    return [species for heading in get_headings(extra) if (species := get_animal(heading))]


def get_animal(heading: str) -> str | None:
    """The species that a MeSH heading names: "mice, inbred c57bl" is a mouse."""
    first = heading.split(",")[0].strip()
    return ANIMALS.get(first) or ANIMALS.get(first.split(" ")[0])


def _read_trial(extra: Json) -> list[str]:
    """Phases of a trial, else what its design says. After phase 4 the product is approved."""
    phases = get_list(extra, "phase") + get_list(extra, "phases")
    stages = [f"phase {number}" for phase in phases for number in _PHASE.findall(phase)]
    if any("4" in phase for phase in phases):
        stages.append("approved product")
    if stages:
        return stages
    design = " ".join((*get_list(extra, "study_type"), str(extra.get("design") or ""))).lower()
    return ["observational" if "observational" in design else "clinical trial"]


def _read_paper(extra: Json) -> list[str]:
    """Publication types, then MeSH headings."""
    types = [value.lower() for value in get_list(extra, "types")]
    stated = [TYPES[value] for value in types if value in TYPES]
    if any(value.startswith("phase") for value in stated):
        stated = [value for value in stated if value != "clinical trial"]
    if "review" in stated:
        return stated
    found = _read_headings(get_headings(extra))
    if ASSIGNED & set(stated):
        found = [value for value in found if value != "observational"]
    return stated + found


def _read_headings(headings: list[str]) -> list[str]:
    """Methods, and `animal` where the headings name an animal and are not only about people."""
    stated = [HEADINGS[heading] for heading in headings if heading in HEADINGS]
    about_animals = "animals" in headings or "humans" not in headings
    if about_animals and any(get_animal(heading) for heading in headings if heading not in ("animals", "humans")):
        stated.append("animal")
    return stated
