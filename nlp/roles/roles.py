"""Roles of the mentions of one document, and its topics: what it is about and what it only names.

Pure: the same title, text and mentions give the same answer. `read_roles` is called at the end of enrich. A topic is
decided for each concept of the types that cards show:

- a disease is a topic if it is the subject of the text and is treated or studied there. A wide class (neoplasm,
  infectious disease) is one only in the title, or where no narrower disease is;
- an institution is one if the work is its own; else if the title names it, unless it publishes, comments or funds;
- a cell type is one in the title, in the lead and again, or where it comes back often; a kind of the same weight class
  as the most named;
- other types (journals, places) are only named: nobody asks what they are about.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.records import Mention, Topic
from core.text import fingerprint
from nlp.roles import diseases, institutions
from nlp.roles.cues import TABLE, find_cue
from nlp.roles.institutions import MEDIA
from nlp.roles.spots import Text, find_spots
from nlp.roles.topics import BROAD, WIDER, Group, choose_subjects, is_broad, is_wider, make_groups

DISEASE_ROLES = ("studied", "treated", "cause", "side_effect", "risk", "denied", "background", "advert")
INSTITUTION_ROLES = (
    "did_the_work", "treats", "makes", "funds", "publishes", "regulates", "comments", "mentioned",
)  # fmt: skip
SUBJECT = ("treated", "studied")
OWN = "did_the_work"
NOT_ITS_OWN = ("publishes", "comments", "funds")
TYPES = ("DISEASE", "CELL_TYPE", "INSTITUTION")  # for which it is decided


@dataclass(frozen=True, slots=True, kw_only=True)
class Roles:
    """The mentions of a document with their roles, and its topics."""

    mentions: tuple[Mention, ...]
    topics: tuple[Topic, ...]


def read_roles(title: str, text: str, mentions: tuple[Mention, ...]) -> Roles:
    """The same mentions, in their order, with `role`; and a topic for each concept of TYPES."""
    whole = find_spots(title, text, mentions)
    told = [cue.role if s.mention.type == "DISEASE" and (cue := find_cue(s, whole)) else None for s in whole.spots]
    of_diseases, subjects = diseases.find_roles(whole, told)
    of_institutions = institutions.find_roles(whole)
    roles = [one or other for one, other in zip(of_diseases, of_institutions, strict=True)]
    found = tuple(replace(m, role=role) for m, role in zip(mentions, roles, strict=True))
    topics = [
        *_find_diseases(whole, told, roles, subjects),
        *_find_cell_types(whole),
        *_find_institutions(whole, roles),
    ]
    return Roles(mentions=found, topics=tuple(topic for topic in topics if topic is not None))


def fingerprint_roles() -> str:
    """A fingerprint of the tables that roles and topics rest on."""
    return fingerprint(*(table.read_text("utf-8") for table in (TABLE, BROAD, WIDER, MEDIA)))


def _find_diseases(
    text: Text, told: Sequence[str | None], roles: Sequence[str | None], subjects: Sequence[Group]
) -> list[Topic | None]:
    groups = make_groups(text.spots, told, "DISEASE", text.bare)
    own = {group.key for group in subjects}
    topics = []
    for group in groups:
        role = _main_role(text, group, roles)
        if group.key not in own:
            topics.append(_make_topic(group, about=False, role=role, why="not the subject"))
        elif role not in SUBJECT:
            topics.append(_make_topic(group, about=False, role=role, why=f"named as {role}"))
        elif _stands_for(group, subjects):
            topics.append(_make_topic(group, about=False, role=role, why="a wide class next to a narrower disease"))
        else:
            topics.append(_make_topic(group, about=True, role=role, why=_why(group)))
    return topics


def _stands_for(group: Group, subjects: Sequence[Group]) -> bool:
    """Whether a wide class is next to a narrower subject that weighs as much."""
    if group.titled and group.weight >= max(subject.weight for subject in subjects):
        return False
    return any(
        is_wider(group.key, other.key) or (is_broad(group.key) and not is_broad(other.key))
        for other in subjects
        if other.key != group.key
    )


def _find_cell_types(text: Text) -> list[Topic | None]:
    groups = make_groups(text.spots, [None] * len(text.spots), "CELL_TYPE", text.bare)
    own = {group.key for group in choose_subjects(groups, alone_counts=True)}
    return [
        _make_topic(
            group, about=group.key in own, role=None, why=_why(group) if group.key in own else "not the subject"
        )
        for group in groups
    ]


def _find_institutions(text: Text, roles: Sequence[str | None]) -> list[Topic | None]:
    topics = []
    for group in make_groups(text.spots, [None] * len(text.spots), "INSTITUTION"):
        role = _main_role(text, group, roles)
        about = role == OWN or (group.titled and role not in NOT_ITS_OWN)
        topics.append(_make_topic(group, about=about, role=role, why=_why(group) if about else f"named: {role}"))
    return topics


def _main_role(text: Text, group: Group, roles: Sequence[str | None]) -> str:
    """The role of most mentions of a group; of two with as many the one that comes first."""
    ids = {id(spot) for spot in group.spots}
    own = [role for spot, role in zip(text.spots, roles, strict=True) if id(spot) in ids and role]
    return max(dict.fromkeys(own), key=own.count) if own else ""


def _make_topic(group: Group, *, about: bool, role: str | None, why: str) -> Topic | None:
    """The topic of a group, or None for a name without a concept."""
    m = group.spots[0].mention
    if m.concept is None:
        return None
    return Topic(
        document=m.document, concept=m.concept, about=int(about), weight=round(group.weight, 2), role=role or None,
        why=why,
    )  # fmt: skip


def _why(group: Group) -> str:
    """Where it is named, in words."""
    places = [word for word, there in (("in the title", group.titled), ("in the lead", group.leads)) if there]
    times = len(group.spots)
    return ", ".join([*places, f"named {times} times" if times > 1 else "named once"])
