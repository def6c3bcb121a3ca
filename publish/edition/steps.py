"""How far the work of a story has come: cells, animals, first people, controlled trial, licensed.

`VALUES` is the only place that says which evidence is which step. In order:

1. Only documents that report work count: papers, preprints, trials, releases and news; not notices about a paper,
   explainers or clinics. Only labels that are sure count (SURE), among them everything that a record states.
2. A document gives the furthest of its own values; but if it speaks of people and of animals or cells at once, or is
   a review, it gives none.
3. All documents of a story must agree on the group (cells, animals, people, licensed), and those that name a phase must
   have one in common. Otherwise the step is not known: `Step.number` is None, and `why` says what disagrees.
4. A phase 1, or a first use in people, is "first people". Other treatment in people, a phase 2 or 3 too, is a
   controlled trial where a record or a sentence says that people were assigned by chance or that there was a placebo
   (`controlled.py`), and no document says that there was nothing to compare with. It is "first people" where a record
   or a text says that there were no controls, or where no document gives more than a few people (FEW). Else the step is
   not known: neither the phase nor the word trial says whether there were controls.
5. What was only observed in people, computed or reviewed is no step. Neither is what rests on retracted work.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

STEPS = ("cells", "animals", "first people", "controlled trial", "licensed")
CELLS, ANIMALS, PEOPLE, CONTROLLED, LICENSED = range(1, len(STEPS) + 1)
VALUES = {  # evidence -> step; PEOPLE may become CONTROLLED
    "in vitro": CELLS, "organoid": CELLS, "ex vivo": CELLS, "animal": ANIMALS, "first-in-human": PEOPLE,
    "phase 1": PEOPLE, "phase 2": PEOPLE, "phase 3": PEOPLE, "clinical trial": PEOPLE, "approved product": LICENSED,
}  # fmt: skip
PHASES = ("phase 1", "phase 2", "phase 3")
EARLY = ("first-in-human", "phase 1")
FEW = (2, 30)  # people of a study that is called the first people where nothing else is known of it
IN_PEOPLE = ("first-in-human", *PHASES, "clinical trial", "observational")
REPORTING = ("paper", "preprint", "trial", "release", "news")  # kinds of documents that report work
SURE = 0.7  # score of a label that may light a step


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What one document of a story says of its evidence, surely."""

    document: int
    values: tuple[str, ...]  # of the facet `evidence`, the surest first
    sentence: str  # of the first of them; empty where a record says it
    controlled: str = ""  # what says that there were controls: a sentence, or words for the record
    uncontrolled: bool = False  # it says that there was nothing to compare with, or that nobody was assigned by chance
    people: int | None = None  # the greatest number of people that it gives


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """The step of a story; `number` is None where it is not known or there is none."""

    number: int | None
    value: str = ""  # of the facet `evidence`; empty where documents disagree or say nothing
    document: int | None = None  # the one whose sentence or record says so
    sentence: str = ""
    why: str = ""


def find_step(said: Sequence[Said], status: str = "") -> Step:
    """The step of a story, by its documents in the order of their weight; `status` of its paper: retracted …"""
    if status in ("retracted", "withdrawn"):
        return Step(number=None, why=f"its paper was {status}")
    found = [(one, read_value(one.values)) for one in said]
    given = [(one, value) for one, value in found if value]
    if not given:
        return _none(said)
    groups = {VALUES[value] for _, value in given}
    if len(groups) > 1 or not _phases_agree(said):
        values = dict.fromkeys(value for _, value in given)
        return Step(number=None, why=f"its documents differ: {', '.join(values)}")
    [group] = groups
    if group == PEOPLE:
        return _in_people(said, given)
    one, value = next(((one, value) for one, value in given if one.sentence), given[0])
    return Step(number=group, value=value, document=one.document, sentence=one.sentence, why=value)


def read_value(values: Sequence[str]) -> str:
    """The one value that a document gives, or nothing where its values do not go together."""
    if "review" in values or "in silico" in values[:1]:
        return ""
    people = [value for value in values if value in IN_PEOPLE]
    others = [value for value in values if value in VALUES and value not in people and value != "approved product"]
    if people and others:
        return ""
    if "first-in-human" in values:
        return "first-in-human"
    if phases := _phases(values):
        return min(phases)  # a phase 1/2 is the lower one
    return max((value for value in values if value in VALUES), key=lambda value: VALUES[value], default="")


def _phases(values: Sequence[str]) -> list[str]:
    return [value for value in values if value in PHASES]


def _phases_agree(said: Sequence[Said]) -> bool:
    named = [set(_phases(one.values)) for one in said if _phases(one.values)]
    return len(named) < 2 or bool(set.intersection(*named))


def _in_people(said: Sequence[Said], given: Sequence[tuple[Said, str]]) -> Step:
    """First people, or a controlled trial where something says so and nothing speaks against it."""
    value = min(
        (value for _, value in given), key=lambda value: (value != "first-in-human", value not in PHASES, value)
    )
    early, apart = value in EARLY, any(one.uncontrolled for one in said)
    counted = [one.people for one in said if one.people]
    few = bool(counted) and FEW[0] <= max(counted) <= FEW[1]
    controlled = None if early or apart else next((one for one in said if one.controlled), None)
    if controlled:
        return Step(
            number=CONTROLLED, value=value, document=controlled.document, sentence=controlled.controlled,
            why=f"{value}, with controls",
        )  # fmt: skip
    one = next((one for one, _ in given if one.sentence), given[0][0])
    if not (early or apart or few):
        return Step(
            number=None, value=value, document=one.document, sentence=one.sentence,
            why=f"{value}; whether there were controls is not said",
        )  # fmt: skip
    why = value if early else f"{value}; {'nothing to compare with' if apart else f'{max(counted)} people'}"
    return Step(number=PEOPLE, value=value, document=one.document, sentence=one.sentence, why=why)


def _none(said: Sequence[Said]) -> Step:
    """No step: the value that the documents have all the same, if they have only one."""
    values = {value for one in said for value in one.values}
    if len(values) != 1:
        return Step(number=None)
    [value] = values
    one = next((one for one in said if one.sentence), said[0])
    return Step(number=None, value=value, document=one.document, sentence=one.sentence, why=value)
