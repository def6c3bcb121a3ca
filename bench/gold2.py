"""Gold 2: 68 texts annotated by two readers, with roles and labels; halves by publisher.

The folder (`dev.jsonl`, `texts/`) is next to the inputs and is never part of this project; without it nothing is
measured. A text is read as `pipeline.py read --json` reads it. Only what is shown counts: a label under
`below_threshold` is not asked.

One half is for tuning, the other is looked at seldom, and its errors never: the publisher decides (`publisher_of`:
of set 33 the host of the page's address, behind web.archive.org and without `www.`, because the column `source` writes
one publisher in several ways; of set 02 the name in the document's id). sha256 of the name even: `tune`; odd: `held`.
On the 68 that gives 34 texts and 22 publishers to tune on, 34 texts and 18 publishers held.

| measure | what is counted |
|---|---|
| `<type>_f1` | surfaces, once a text and type; what only one reader marked is neither asked nor held against |
| `evidence_f1`, `stage_precision`, `stage_recall`, `stage_exact`, `stage_coverage` | stages; coverage: texts with one |
| `countries_…`, `species_label_…`, `headline_…`, `marketing_…` (`f1`, `precision`, `recall`) | these labels |
| `roles_macro_f1` | mean F1 of the roles of diseases that 15 or more surfaces of all texts have (see below) |
| `role_treated` … | the F1 of each role, also of the rare ones |
| `institution_roles_accuracy` | institutions found whose role is right |
| `top3_right` | of the first three concepts of a text (`first_concepts`), those that it is about |
| `top3_coverage` | texts of which one of these is right, of those that are about something a card can name |
| `false_species`, `false_person` (set `….other`) | surfaces in other languages that no reader marked |

A surface's role is the commonest of its mentions; where the readers differ either is right; a surface that is not found
is missed. What a text is about was judged from the text alone: `docs/judged/gold-2-about.jsonl`.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bench.gold import FETCHED, read_jsonl
from bench.judged import FOLDER, is_named
from bench.measure import INPUTS, Measure, find_set
from core.facets import facets
from core.reading import Read
from crawlers.pages import read_file

GOLD2 = INPUTS.parent / "nlp" / "news_gold_2"
ABOUT = FOLDER / "gold-2-about.jsonl"
TYPES = ("INSTITUTION", "CELL_TYPE", "DISEASE", "JOURNAL", "SPECIES", "ANATOMY", "PLACE", "PERSON")
APART = frozenset({"none", "human", "planned trial", "refused or withdrawn"})  # values that the guides draw apart
ENOUGH = 15  # surfaces that a role needs to count in the macro F1
FIRST = 3
FOLDERS = {"news": "HealthRelease", "story": "HealthStory"}
FILES = {"news": "news_reviews", "story": "story_reviews"}
KINDS = {"company release": "press release", "policy": "press release"}
ARCHIVED = re.compile(r"https?://web\.archive\.org/web/[^/]+/")
LABELS = {
    "evidence_stage": "stage", "countries_of_work": "countries", "species": "species_label",
    "only_in_animals": "headline", "marketing": "marketing",
}  # fmt: skip
Row = Mapping[str, Any]


@dataclass(slots=True)
class Tally:
    """What was found of what was asked, of one kind."""

    right: int = 0
    missed: int = 0
    false: int = 0

    @property
    def f1(self) -> float | None:
        whole = 2 * self.right + self.missed + self.false
        return 2 * self.right / whole if whole else None

    @property
    def asked(self) -> int:
        return self.right + self.missed

    @property
    def shown(self) -> int:
        return self.right + self.false

    def add(self, want: set[Any], got: set[Any], may: set[Any] | None = None) -> None:
        self.right += len(want & got)
        self.missed += len(want - got)
        self.false += len(got - (may or want))


@dataclass(slots=True)
class Sums:
    """Sums over the texts of one group."""

    texts: int = 0
    tallies: defaultdict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    shares: defaultdict[str, list[bool]] = field(default_factory=lambda: defaultdict(list))
    roles: defaultdict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))


def fold(surface: str) -> str:
    return re.sub(r"^(the|a|an) ", "", " ".join(surface.split()).lower())


def publisher_of(doc: str, inputs: Path) -> str:
    """The publisher of a text; its id where the page of set 33 is not here."""
    number, _, kind, rest = doc.split("-", 3)
    if number != "33":
        return rest.rsplit("-", 1)[0]
    folder = find_set(inputs, "33")
    path = folder / FOLDERS[kind] / f"{FILES[kind]}_{rest}.json.gz" if folder else None
    if path is None or not path.is_file():
        return doc
    address = ARCHIVED.sub("", json.loads(gzip.decompress(path.read_bytes()))["url"])
    host = urlsplit(address if "//" in address else f"//{address}").hostname or doc
    return host.removeprefix("www.")


def half_of(publisher: str) -> str:
    """tune or held."""
    return "held" if int(hashlib.sha256(publisher.encode()).hexdigest(), 16) % 2 else "tune"


def measure_gold2(
    folder: Path, inputs: Path, read: Callable[..., Read], say: Callable[[str], None], misses: str = ""
) -> Iterator[Measure]:
    """The figures of all texts and of each half. `say` gets the errors of the tuning half, of the kind `misses`."""
    rows = read_jsonl(folder / "dev.jsonl")
    about = {row["doc"]: row["about"] for row in read_jsonl(ABOUT)} if ABOUT.is_file() else {}
    sums: defaultdict[str, Sums] = defaultdict(Sums)
    for row in rows:
        doc = row["doc"]
        title, text, lang = read_file((folder / "texts" / f"{doc}.txt").read_bytes(), FETCHED)
        found = read(doc=doc, title=title, text=text, lang=lang)
        half = half_of(publisher_of(doc, inputs))
        tongue = "en" if row["labels"].get("lang") == "en" else "other"
        groups = [sums[name] for name in ("gold2", f"gold2.{half}", f"gold2.{tongue}", f"gold2.{half}.{tongue}")]
        for line in measure_text(row, found, about.get(doc), groups):
            if misses and half == "tune" and (misses == "ALL" or line.startswith(misses)):
                say(line)
    common = [role for role, n in count_roles(rows).items() if n >= ENOUGH]
    for name in sorted(sums):
        yield from show_sums(name, sums[name], common)


def count_roles(rows: Iterable[Row]) -> Counter[str]:
    """How many surfaces have a role, where the readers agree on it."""
    roles = (role for row in rows for role in row["roles"].get("DISEASE", {}).values())
    return Counter(role for role in roles if isinstance(role, str))


def measure_text(row: Row, found: Read, about: Sequence[str] | None, groups: Sequence[Sums]) -> list[str]:
    """Add a text to the groups; its errors, one a line."""
    errors: list[str] = []
    doc = row["doc"]
    got_of: dict[str, set[str]] = {kind: set() for kind in TYPES}
    roles_of: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for mention in found.mentions:
        got_of.setdefault(mention.type, set()).add(fold(mention.surface))
        if role := mention.role:
            roles_of[mention.type, fold(mention.surface)][role] += 1
    for group in groups:
        group.texts += 1
    for kind in TYPES:
        want = {fold(one) for one in row["agreed"].get(kind, ())}
        may = want | {fold(one) for one in row["optional"].get(kind, ())}
        errors += _tally(groups, kind.lower(), want, got_of[kind], may, doc)
    errors += _measure_labels(row, found, groups)
    errors += _measure_roles(row, got_of, roles_of, groups)
    if about is not None:
        first = first_concepts(found)
        right = [any(is_named(one, concept, name) for one in about) for concept, name in first]
        for (concept, name), fits in zip(first, right, strict=True):
            _note(groups, "top3_right", fits)
            errors += [] if fits else [f"ABOUT + {doc} {concept} {name}"]
        if about:
            _note(groups, "top3_coverage", any(right))
            errors += [] if any(right) else [f"ABOUT - {doc}"]
    return errors


def _tally(groups: Sequence[Sums], name: str, want: set[str], got: set[str], may: set[str], doc: str) -> list[str]:
    for group in groups:
        group.tallies[name].add(want, got, may)
    errors = [f"{name.upper()} + {doc} {one}" for one in sorted(got - may)]
    return errors + [f"{name.upper()} - {doc} {one}" for one in sorted(want - got)]


def _note(groups: Sequence[Sums], name: str, right: bool) -> None:
    for group in groups:
        group.shares[name].append(right)


def _measure_labels(row: Row, found: Read, groups: Sequence[Sums]) -> list[str]:
    errors: list[str] = []
    labels, doc = row["labels"], row["doc"]
    for key, name in LABELS.items():
        if labels.get(key) is None:
            continue
        want, got = get_values(labels[key]), get_values(found.labels.get(key))
        errors += _tally(groups, name, want, got, want, doc)
        if name == "stage":
            _note(groups, "stage_exact", want == got)
            _note(groups, "stage_coverage", bool(got))
    if labels.get("source_kind") is not None:
        kind = KINDS.get(labels["source_kind"], labels["source_kind"])
        _note(groups, "source_kind_accuracy", found.labels.get("source_kind") == kind)
    return errors


def get_values(said: object) -> set[str]:
    """The values of a label that are compared. A yes is a value, a no gives no value."""
    if isinstance(said, (list, tuple)):
        return {str(one) for one in said} - APART
    return {"yes"} if said is True else set()


def _measure_roles(
    row: Row, got_of: Mapping[str, set[str]], roles_of: Mapping[tuple[str, str], Counter[str]], groups: Sequence[Sums]
) -> list[str]:
    errors: list[str] = []
    for surface, role in row["roles"].get("DISEASE", {}).items():
        want = {role} if isinstance(role, str) else set(role)
        counted = roles_of.get(("DISEASE", fold(surface)), Counter[str]())
        said = min(counted, key=lambda one: (-counted[one], one)) if counted else None
        for group in groups:
            if said is not None and said in want:
                group.roles[said].right += 1
                continue
            for one in want:
                group.roles[one].missed += 1
            if said is not None:
                group.roles[said].false += 1
        if said not in want:
            errors.append(f"ROLE ! {row['doc']} {surface}: {said} for {' or '.join(sorted(want))}")
    for surface, role in row["roles"].get("INSTITUTION", {}).items():
        counted = roles_of.get(("INSTITUTION", fold(surface)), Counter[str]())
        if fold(surface) in got_of["INSTITUTION"]:
            said = min(counted, key=lambda one: (-counted[one], one)) if counted else None
            right = said in ({role} if isinstance(role, str) else set(role))
            _note(groups, "institution_roles_accuracy", right)
            errors += [] if right else [f"INSTITUTION_ROLE ! {row['doc']} {surface}: {said} for {role}"]
    return errors


def first_concepts(found: Read) -> list[tuple[str, str]]:
    """The concepts that a card shows first: what the text is about, of the types on cards, the heaviest first."""
    types = {facet.name for facet in facets().shown_in("card", "type")}
    names = {concept.id: concept.name for concept in found.concepts if concept.type.lower() in types}
    ranked = sorted((one for one in found.topics if one.about), key=lambda one: -one.weight)
    return [(one.concept, names[one.concept]) for one in ranked if one.concept in names][:FIRST]


def share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def show_sums(name: str, sums: Sums, common: Sequence[str]) -> Iterator[Measure]:
    """The figures of one group; of a group by language only how well names are found."""

    def row(measure: str, value: float | None, n: int) -> Measure:
        return Measure(set=name, measure=measure, value=value, anchor=None, n=n)

    if name.endswith(".other"):
        for kind in ("species", "person"):
            yield row(f"false_{kind}", float(sums.tallies[kind].false), sums.texts)
    for kind in TYPES:
        if sums.tallies[kind.lower()].asked:
            yield row(f"{kind.lower()}_f1", sums.tallies[kind.lower()].f1, sums.tallies[kind.lower()].asked)
    if name.endswith((".other", ".en")):
        return
    for label in LABELS.values():
        tally = sums.tallies[label]
        yield row("evidence_f1" if label == "stage" else f"{label}_f1", tally.f1, tally.asked)
        yield row(f"{label}_precision", share(tally.right, tally.shown), tally.shown)
        yield row(f"{label}_recall", share(tally.right, tally.asked), tally.asked)
    for measure in (
        "stage_exact", "stage_coverage", "source_kind_accuracy", "institution_roles_accuracy", "top3_right",
        "top3_coverage",
    ):  # fmt: skip
        some = sums.shares[measure]
        yield row(measure, share(sum(some), len(some)), len(some))
    scores = [sums.roles[role].f1 or 0.0 for role in common if sums.roles[role].asked]
    asked = sum(sums.roles[role].asked for role in common)
    yield row("roles_macro_f1", sum(scores) / len(scores) if scores else None, asked)
    for role in sorted(sums.roles):
        yield row(f"role_{role}", sums.roles[role].f1, sums.roles[role].asked)
