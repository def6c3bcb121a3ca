"""The labelled sets that bench/labels.py reads, as texts with their class, and how they are parted.

Under the dev folder a text is for training or for measuring by the sha256 of its words (small letters, marks
dropped): one in five is measured. Sentences of one release stay on one side (by the release's number). Under any
other folder everything is measured, the dev folder is what is trained on, and a text of the dev folder that turns up
there is dropped and said so."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from crawlers.pages import read_file

PART = 5  # one in …
NOW = "2026-01-01T00:00:00Z"
LADDER = ("none", "correlation", "conditional cause", "cause")
_AUTHORS = re.compile(r"^\d+:\s+(?:[^.]*?\b[A-Z][\w'’-]+ [A-Z]{1,4}\b[^.]*)\.\s*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """A text with its class. `group` decides on which side it falls; `kind` is where the sentence was."""

    title: str
    text: str
    label: str
    group: str
    kind: str = ""


def words_only(text: str) -> str:
    return re.sub(r"\W+", " ", text.lower()).strip()


def is_measured(group: str) -> bool:
    return int(hashlib.sha256(words_only(group).encode("utf-8")).hexdigest(), 16) % PART == 0


def open_text(path: Path) -> io.StringIO:
    """A file, or the file of that name with .gz behind it."""
    packed = path.with_name(path.name + ".gz")
    if path.suffix != ".gz" and not path.exists() and packed.exists():
        path = packed
    body = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return io.StringIO(body.decode("utf-8"), newline="")


def study_class(label: str) -> str:
    """One of eight classes for the fifteen of the set."""
    low = label.lower()
    if low.startswith("animal"):
        return "animal"
    if "vitro" in low:
        return "in vitro"
    if "review" in low:
        return "review"
    if "protocol" in low:
        return "protocol"
    if "case-report" in low:
        return "case report"
    if "non-rct" in low:
        return "other clinical"
    return "RCT" if "rct" in low else "remaining"


def read_studies(folder: Path) -> Iterator[Labelled]:
    """Set 34."""
    for row in csv.DictReader(open_text(folder / "study_type.csv")):
        yield Labelled(
            title=row["title"], text=row["abstract"], label=study_class(row["accepted_label"]),
            group=f"{row['title']} {row['abstract']}",
        )  # fmt: skip


def read_claims(folder: Path) -> Iterator[Labelled]:
    """Set 31: `kind` is release (EurekAlert) or abstract (PubMed); `title` is set for a headline."""
    for kind, name in (("release", "annotated_eureka.csv"), ("abstract", "annotated_pubmed.csv")):
        if not (folder / name).exists() and not (folder / f"{name}.gz").exists():
            continue
        for row in csv.DictReader(open_text(folder / name)):
            ident = row.get("sentId") or ""
            release = re.sub(r"-\d+-(?:title|sentence)$", "", ident)
            yield Labelled(
                title="headline" if ident.endswith("-title") else "", text=row["sentence"],
                label=LADDER[int(row["label"])], group=release or row["sentence"], kind=kind,
            )  # fmt: skip


def read_conclusions(folder: Path) -> Iterator[Labelled]:
    """Set 30: conclusions of a release and of its abstract; `kind` ends in 30, as others labelled them."""
    for line in open_text(folder / "insciout.jsonl"):
        row = json.loads(line)
        for kind, part in (("release", "press_release"), ("abstract", "abstract")):
            yield Labelled(
                title="", text=row[f"{part}_conclusion"], label=LADDER[int(row[f"{part}_strength"])],
                group=str(row["original_file_id"]), kind=f"{kind}30",
            )  # fmt: skip


def read_stories(folder: Path) -> Iterator[Labelled]:
    """Set 33: release or news. `kind` says whether stem cells are named (ground-truth.json)."""
    for row in json.loads((folder / "ground-truth.json").read_text("utf-8")):
        page = json.load(open_text(folder / row["file"]))
        text = page.get("text") or ""
        label = "release" if "release" in row["kind"] else "news"
        named = "stem cell" if row.get("mentions_stem_cell") else ""
        yield Labelled(title=page.get("title") or "", text=text, label=label, group=text or row["file"], kind=named)


def read_clinics(folder: Path) -> Iterator[Labelled]:
    """Set 42: pages of clinics and of a directory of clinics, read as a night would."""
    for row in json.loads((folder / "ground-truth.json").read_text("utf-8")):
        path = folder / row["file"]
        body = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        title, text, _ = read_file(body, NOW)
        if path.suffix == ".md":  # its head is the title and the description
            head, _, text = text.removeprefix("---").partition("\n---")
            found = re.search(r'(?m)^title: "?(.*?)"?$', head)
            title = found[1] if found else title
        yield Labelled(title=title, text=text, label=row["label"], group=row["file"])


def read_topic(folder: Path) -> Iterator[Labelled]:
    """Set 41: papers on stem cells for injuries of the spinal cord."""
    for row in csv.DictReader(open_text(folder / "title_abstract_author.csv")):
        text = row["Abstract"].removeprefix("AB  - ")
        yield Labelled(title=row["Title"], text=text, label="in", group=f"{row['Title']} {text}")


def read_headings(folder: Path) -> Iterator[Labelled]:
    """Set 28: titles; in scope where a MeSH heading is about stem cells."""
    for line in open_text(folder / "mesh_labels.jsonl"):
        row = json.loads(line)
        title = _AUTHORS.sub("", row["citation"]).split(". ")[0]
        yield Labelled(title=title, text="", label="in" if row["stem_cell"] else "out", group=row["pmid"])


def read_names(folder: Path) -> Iterator[Labelled]:
    """Set 40: sentences in which somebody has marked names of stem cells."""
    for line in open_text(folder / "precise_sentences.jsonl"):
        sentence = json.loads(line)["sentence"]
        yield Labelled(title="", text=sentence, label="in", group=sentence)
