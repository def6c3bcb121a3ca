"""Recipe: how strong a claim is, on one ladder: none, correlation, conditional cause, cause.

The strength lies in the sentence's own words of change, link and hedging and in their order, and hardly in its
subject. So in addition to plain words a sentence is laid out as a line of tags (`claim_words.py`), as pairs of cues
in their order near each other, and with all other content words blanked. Where a sentence comes from (release or
abstract, headline or not) is a fact of its own, because the same words have other weights there."""

from __future__ import annotations

import re

from nlp.classify.claim_words import MAIN, MOOD, find_cue, is_cue, tag_words
from nlp.classify.claims import find_strength
from training.labels_model import LETTERS, TAGS, WORDS, Item, Member

THREE = {"ngram_range": (1, 3)}
FIVE = {"ngram_range": (1, 5), "token_pattern": r"\S+"}
LADDER = ("none", "correlation", "conditional cause", "cause")
_NUMBER = re.compile(r"\d+")
_CHANGE = re.compile(
    r"(?i)\b(?:may|might|could|can|would|appears? to|seems? to|likely to|potential(?:ly)?(?: to)?|promis\w+"
    r"|possibl\w+)"
    r" (?:[\w’'-]+ ){0,4}?(?:caus|increas|decreas|reduc|improv|prevent|protect|lead|result|affect|lower|rais"
    r"|help|enhanc|promot|inhibit"
    r"|induc|trigger|contribut|influenc|impact|delay|slow|worsen|harm|benefit|boost|be (?:effective|beneficial"
    r"|safe|useful))"
)
_LINKED = re.compile(
    r"(?i)\b(?:may|might|could|can|appears? to|seems? to|likely to"
    r"|suggest\w*) (?:[\w’'-]+ ){0,3}?(?:be )?(?:[\w’'-]+ ){0,1}?"
    r"(?:associat|correlat|link|relat|predict|risk factor|marker)"
)
_MADE = re.compile(
    r"(?i)\b(?:randomi[sz]ed|trial|placebo|treat\w+|intervention|administ\w+|vaccin\w+|surgery|supplement\w*"
    r"|program\w*|training|drug|dose|mice|rats|exercise|diet)\b"
)
_SEEN = re.compile(
    r"(?i)\b(?:cohort|retrospective\w*|survey\w*|population|cross-sectional|women|men|children|adults|people"
    r"|patients|prevalence|incidence|registry|genetic|gene|exposure|smok\w+|intake|consum\w+)\b"
)
_KEPT = frozenset(
    [
        "study",
        "studies",
        "results",
        "findings",
        "show",
        "shows",
        "showed",
        "found",
        "find",
        "finds",
        "trial",
        "trials",
        "treatment",
        "therapy",
        "use",
        "using",
        "people",
        "patients",
        "women",
        "men",
        "children",
        "adults",
        "new",
        "research",
        "future",
        "evidence",
        "role",
        "because",
        "due",
        "more",
        "most",
        "further",
        "needed",
        "than",
    ]
)


def item_of(sentence: str, *, kind: str, headline: bool) -> Item:
    """`kind`: release | abstract (or any name of a corpus that weighs words its own way)."""
    sentence = sentence.strip(" \"'")
    tagged = tag_words(sentence)
    facts: dict[str, float] = {f"kind={kind}": 1.0, "headline": float(headline), "words": len(tagged) / 10}
    cues = [(tag, word) for tag, word in tagged if word and is_cue(tag)]
    for at, (tag, word) in enumerate(cues):
        facts[f"c={tag}"] = facts[f"w={word}"] = 1.0
        for other, (later, after) in enumerate(cues[at + 1 : at + 7]):
            facts[f"pp={tag}>{later}"] = 1.0
            if other < 3:
                facts[f"pw={word}>{after}"] = 1.0
        if at + 1 < len(cues):
            facts[f"ad={tag}>{cues[at + 1][0]}"] = 1.0
        if at + 2 < len(cues):
            facts[f"tri={tag}>{cues[at + 1][0]}>{cues[at + 2][0]}"] = 1.0
    main = [cue for cue in cues if cue[0].split("_")[0] in MAIN]
    mood = [cue for cue in cues if cue[0] in MOOD]
    for name, group in (("main", main), ("mood", mood)):
        facts[f"{name}0"] = float(not group)
        facts[f"{name}set={'+'.join(sorted({tag.split('_')[0] for tag, _ in group}))}"] = 1.0
        if group:
            facts[f"{name}1={group[0][0]}"] = facts[f"{name}1w={group[0][1]}"] = facts[f"{name}L={group[-1][0]}"] = 1.0
    facts[f"mm={'+'.join(sorted({tag for tag, _ in mood}))}|{main[0][0] if main else '-'}"] = 1.0
    if tagged:
        facts[f"first={tagged[0][0]}"] = facts[f"last={tagged[-1][0]}"] = 1.0
    facts[f"rule={find_strength(sentence)}"] = 1.0
    facts |= _counted(sentence)
    line = [tag for at, (tag, _) in enumerate(tagged) if not (tag == "x" and at and tagged[at - 1][0] == "x")]
    return Item(
        views={"text": sentence, "letters": sentence, "line": " ".join(line), "blank": _blanked(tagged)},
        facts=facts, words=sentence,
    )  # fmt: skip


def members() -> list[Member]:
    everything = {"text": (1.0, WORDS), "blank": (1.0, TAGS), "line": (0.7, TAGS)}
    return [
        Member(views={"text": (1.0, WORDS), "blank": (1.0, TAGS)}, facts=0.06, vectors=0.06, cost=0.5),
        Member(views=everything | {"letters": (1.0, LETTERS)}, facts=0.05, vectors=0.06, cost=0.5),
        Member(views={"text": (1.0, THREE), "line": (1.0, FIVE)}, facts=0.06, vectors=0.08, cost=0.4),
        Member(facts=0.07, cost=0.3),
    ]  # fmt: skip


def _counted(sentence: str) -> dict[str, float]:
    change, linked = bool(_CHANGE.search(sentence)), bool(_LINKED.search(sentence))
    return {
        "hedged_change": float(change), "hedged_link": float(linked), "made": float(len(_MADE.findall(sentence))),
        "seen": float(len(_SEEN.findall(sentence))), "numbers": float(len(_NUMBER.findall(sentence))),
        "colon": float(":" in sentence), "asks": float("?" in sentence),
        "hedged_change_only": float(change and not linked),
    }  # fmt: skip


def _blanked(tagged: list[tuple[str, str | None]]) -> str:
    """Cue words and grammar unchanged; every other word as its shape, runs of them as one."""
    shown: list[str] = []
    for tag, word in tagged:
        if word is None:
            if shown[-1:] != [tag]:
                shown.append(tag)
        elif tag == "#" or word in _KEPT or find_cue(word) in MAIN | MOOD or not is_cue(tag):
            shown.append(word)
        else:
            shown.append(tag)
    return " ".join(shown)
