"""What a number in a running text is a number of: its topic.

`RULES` are tried in order; the first that answers decides:

1. `match_series`: a row of `series.tsv` fits the sentence and the unit. Its wording becomes the subject, so that every
   outlet and language gives the same one;
2. `refer_back`: the number has no noun of its own and refers to something before it. A multiple ("1.8 times") refers to
   the last series; a measure to the last series with its unit; a bare number to the list that it is part of ("80 in
   2020"), to the series that "the number" or "it" refers to, or to what was counted just before ("sixteen have had no
   crisis");
3. `read_subject`: the sentence names the subject (`nlp.quantities.subject_rules`). If it does not, a measure in a
   language that puts time first takes the subject of the measure before it, a sum of money that of the sum before it
   in the sentence, and an English measure or decimal the subject that the trained model finds, where the model is sure
   ("sensitivity 0.70").

`Memory` holds what later numbers can refer to; `remember` updates it after each figure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from nlp.figures.series import Bank, find_row, name_series, unify_subject
from nlp.quantities import TIME, Quantity
from nlp.quantities.money import get_names
from nlp.quantities.subject_model import find_subject as find_by_model
from nlp.quantities.subject_rules import find_subject as find_by_rules
from nlp.quantities.subject_rules import is_loose

TIME_FIRST = frozenset({"ko", "ja", "zh"})  # languages that put the time before the number
MIN_PROBABILITY = 0.8  # of the trained model
MAX_DISTANCE = 4  # sentences over which "the number" can refer to a series

_BACK = re.compile(
    r"\b(?:the|that|this) (?:number|figure|total|count)s?\b|^(?:it|this|that)\b|, (?:that|this) is\b"
    r"|\bit (?:was|is|rose|fell)\b",
    re.I,
)
_ELLIPTIC = re.compile(
    r"(?: \(\d+(?:\.\d+)? ?%\))? (?:of (?:them|these|those)\b"
    r"|(?:who|have|had|were|are|was|did|do|could|would|will|said)\b"
    r"|(?:agreed|answered|waited|want(?:ed)?|survived?|died|contain(?:ed)?|used?|need(?:ed)?|received|stopped|finished"
    r"|responded|improved|developed|relapsed|saw|felt|took|reported|completed|withdrew|returned|showed)\b)",
    re.I,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """What a number is a number of."""

    subject: str
    unit: str
    series: str | None
    period: str | None  # YYYY or YYYY/YYYY
    sentence: int  # number of the sentence in its part of the page


@dataclass(slots=True, kw_only=True)
class Memory:
    """What a number without a noun can refer to. A part of a page begins with an empty one."""

    series: Topic | None = None  # the last figure of a series, with the latest period of its sentence
    counted: Topic | None = None  # the last count
    in_list: Topic | None = None  # the last figure of the same sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """A sentence with its quantities."""

    number: int
    words: str
    context: str  # where cues of a series are looked for: the words; of a line "2019: 66" also its headings
    lang: str | None
    bank: Bank
    quantities: Sequence[Quantity]


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """A quantity of a sentence, with its period."""

    quantity: Quantity
    period: str | None

    @property
    def unit(self) -> str:
        return self.quantity.unit or ("cases" if self.quantity.noun == "cases" else "")

    @property
    def is_bare(self) -> bool:
        return not self.quantity.unit and not self.quantity.noun

    @property
    def is_measure(self) -> bool:
        """Whether it has a unit, a part of a whole ("of 40") aside."""
        return bool(self.quantity.unit) and not self.quantity.unit.startswith("of ")


Rule = Callable[[Sentence, Number, Memory], Topic | None]


def find_topic(sentence: Sentence, number: Number, memory: Memory) -> Topic | None:
    """What the number is of; None where nothing says so, or it only structures the text ("three questions")."""
    topic = next((found for rule in RULES if (found := rule(sentence, number, memory))), None)
    return topic if topic and topic.subject and not is_loose(topic.subject) else None


def remember(memory: Memory, number: Number, topic: Topic) -> None:
    """Keep the topic for the numbers that follow."""
    q = number.quantity
    memory.in_list = None if q.modifier == "multiple" else topic
    if q.modifier == "multiple":
        return
    if topic.series:
        earlier = memory.series.period if memory.series else None
        memory.series = replace(topic, period=max(topic.period or "", earlier or "") or None)
    elif not number.is_measure and q.noun != "age" and (q.noun or memory.counted):
        memory.counted = topic


def match_series(sentence: Sentence, number: Number, _memory: Memory) -> Topic | None:
    """A row of `series.tsv`. A bare number fits a yearly row only."""
    row = find_row(sentence.context, sentence.words, number.quantity, sentence.bank)
    if row is None or (number.is_bare and not row.yearly):
        return None
    return _topic(sentence, number, row.subject, series=name_series(row, sentence.bank))


def refer_back(sentence: Sentence, number: Number, memory: Memory) -> Topic | None:
    """The topic that a number without a noun refers to."""
    found = find_antecedent(sentence, number, memory)
    if found is None:
        return None
    topic = _topic(sentence, number, found.subject, series=found.series)
    unit = topic.unit or ("" if found.unit.startswith("of ") else found.unit)
    inherits = number.quantity.modifier == "multiple"
    return replace(topic, unit=unit, period=topic.period or found.period if inherits else topic.period)


def read_subject(sentence: Sentence, number: Number, memory: Memory) -> Topic | None:
    """The subject that the sentence gives, else that of the measure before or of the model."""
    q, lang = number.quantity, sentence.lang
    subject = find_by_rules(sentence.words, q, lang)
    if not subject and lang in TIME_FIRST:
        subject = _repeat_measure(number, memory.in_list)
    if not subject and memory.in_list and {q.unit, memory.in_list.unit} <= get_names():
        subject = memory.in_list.subject  # "11 billion won, about $8 million"
    if not subject and lang == "en" and needs_model(q):
        subject = ask_model(sentence.words, q, sentence.quantities)
    if subject and lang in TIME_FIRST:
        subject = unify_subject(subject)
    return _topic(sentence, number, subject, series=None)


RULES: tuple[Rule, ...] = (match_series, refer_back, read_subject)


def find_antecedent(sentence: Sentence, number: Number, memory: Memory) -> Topic | None:
    """What a number refers to; None where it has a noun of its own or nothing fits."""
    q = number.quantity
    series = memory.series
    if series and sentence.number - series.sentence > MAX_DISTANCE:
        series = None
    if q.modifier == "multiple":
        return series if _BACK.search(sentence.words) or sentence.lang in TIME_FIRST else None
    if number.is_measure:
        return series if series and _continues(sentence, number, series) else None
    if q.noun:
        return None
    return _refer_from_bare(sentence, number, memory, series)


def _refer_from_bare(sentence: Sentence, number: Number, memory: Memory, series: Topic | None) -> Topic | None:
    """Of a number without unit and noun: its list, the series that a word refers to, or the last count."""
    in_list, counted, q = memory.in_list, memory.counted, number.quantity
    if not q.unit:
        if in_list and number.period and not in_list.unit.startswith("of "):
            return in_list
        if series and (_BACK.search(sentence.words) or (in_list and in_list.series)):
            return series
    if counted and sentence.number - counted.sentence <= 1 and is_elliptic(sentence.words, q):
        return counted
    return None


def _continues(sentence: Sentence, number: Number, series: Topic) -> bool:
    """Whether a measure is the next value of a series: same unit, with a period, at most one sentence later."""
    near = sentence.number - series.sentence <= 1
    return bool(number.period) and number.quantity.unit == series.unit and near


def _repeat_measure(number: Number, in_list: Topic | None) -> str:
    """The subject of the measure before in the sentence, where both have the same unit."""
    same = in_list and number.period and number.quantity.unit == in_list.unit
    return in_list.subject if in_list and same else ""


def _topic(sentence: Sentence, number: Number, subject: str, *, series: str | None) -> Topic:
    return Topic(subject=subject, unit=number.unit, series=series, period=number.period, sentence=sentence.number)


def needs_model(q: Quantity) -> bool:
    """Whether the trained model may say what a quantity is of: measures, and decimals ("sensitivity 0.70")."""
    if q.noun or q.unit in TIME or q.unit == "times" or q.unit.startswith("of "):
        return False
    return bool(q.unit) or q.value % 1 != 0


def ask_model(words: str, q: Quantity, quantities: Sequence[Quantity]) -> str:
    """The subject that the trained model finds; empty where the model is not sure."""
    spans = [(other.start, other.end) for other in quantities]
    found = find_by_model(words, (0, len(words)), (q.start, q.end), spans)
    return words[found[0] : found[1]] if found and found[2] >= MIN_PROBABILITY else ""


def is_elliptic(words: str, q: Quantity) -> bool:
    """Whether a verb or "of them" follows a whole number at once: "sixteen have had no crisis"."""
    return bool(_ELLIPTIC.match(words, q.end)) and q.value % 1 == 0
