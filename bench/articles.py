"""Articles that name a journal, an author or an institution, made from real parts: what links of evidence are
measured on.

No public set pairs whole articles with papers and gives authors and affiliations, so they are made, the same from the
same seed:
- a paper of set 20 (abstract of 80 words or more, journal, a full author's name, an institution, a date);
- the real article of set 33 that is nearest to it in words, cut to 12 sentences: what else an article speaks of;
- a retelling: a third of the abstract's content words, in the order of the abstract, none of its sentences;
- one naming sentence in one of eight wordings: journal; author and institution; author; institution and journal;
  journal and author; two institutions; all three; a surname and a journal;
- a date up to 40 days after the paper's.

Each is asked twice: with its paper at hand (right: a link to it) and with its paper taken away (right: not
identified). The articles of set 33 as they are, which are about none of the papers, are asked too. Even papers are
for setting weights, odd ones for the figures.
"""

from __future__ import annotations

import gzip
import json
import random
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import cast

from sklearn.feature_extraction.text import TfidfVectorizer

from crawlers.lists.model import ListEntry
from relations.links.journal_names import Journals
from relations.links.literature import Paper
from relations.links.neighbours import Extra, Record, is_notice_record, make_work
from relations.links.paper_finder import News
from relations.links.scoring import Work

_NAMING = (
    "The results were published in {journal}.",
    "“We were surprised,” says {author} of {institution}.",
    "{author}, who led the work, warns that more is to be done.",
    "The team at {institution} reports in the journal {journal}.",
    "Writing in {journal}, {author} and colleagues describe what they saw.",
    "Scientists at {institution} and {other} took part.",
    "{author} ({institution}) presented it; it appears in {journal}.",
    "Dr. {surname} and colleagues published the study in {journal}.",
)


@dataclass(frozen=True, slots=True)
class Article:
    """A made article; `paper` is what it is about, None for one that is about none of them."""

    news: News
    paper: str | None
    odd: bool


def load_works(records: Iterable[ListEntry], journals: Journals) -> tuple[list[Work], list[Paper]]:
    """Records of set 20 as the link stage reads documents; notices are left out, as there."""
    works, papers = [], []
    for record in records:
        row: Record = {
            "id": f"pmid:{record.native}", "title": record.title, "authors": list(record.authors),
            "identifiers": record.identifiers, "extra": cast(Extra, record.extra),
            "published": (record.published or "")[:10] or None,
        }  # fmt: skip
        if is_notice_record(row["extra"]):
            continue
        work = make_work(row, journals.learn)
        works.append(work)
        papers.append(Paper(id=work.id, title=record.title, text=record.summary, journal=work.journal))
    return works, papers


def make_articles(
    works: Sequence[Work], papers: Sequence[Paper], frames: Sequence[News], journals: Journals
) -> list[Article]:
    """One article for each paper that has what it takes, then the frames as they are."""
    vectors = TfidfVectorizer(sublinear_tf=True, stop_words="english", max_features=30_000)
    table = vectors.fit_transform(frame.text for frame in frames)
    made = []
    for number, (work, paper) in enumerate(zip(works, papers, strict=True)):
        full = [name for name in work.authors if len([part for part in name.split() if len(part) > 1]) >= 2]
        shown = journals.shown.get(work.journal or "")
        if len(paper.text.split()) < 80 or not (full and shown and work.institutions) or len(work.published or "") < 10:
            continue
        dice = random.Random(f"{work.id} 11")
        nearest = frames[int((vectors.transform([paper.text]) @ table.T).toarray().argmax())]
        sentences = re.split(r"(?<=[.!?])\s+", nearest.text)[:12]
        author = full[0]
        naming = _NAMING[dice.randrange(len(_NAMING))].format(
            journal=re.sub(r"\s*[(:=].*$", "", shown), author=author, surname=author.split()[-1],
            institution=work.institutions[0], other=work.institutions[-1],
        )  # fmt: skip
        words = re.findall(r"[A-Za-z][\w-]{3,}", f"{paper.title} {paper.text}")
        kept = sorted(dice.sample(range(len(words)), len(words) // 3))
        retold = ". ".join(" ".join(words[at] for at in kept[i : i + 12]) for i in range(0, len(kept), 12))
        text = "\n\n".join([" ".join(sentences[:4]), retold + ".", naming, " ".join(sentences[4:])])
        day = date.fromisoformat((work.published or "")[:10]) + timedelta(days=dice.randrange(41))
        made.append(Article(News(title="", text=text, published=day.isoformat()), work.id, bool(number % 2)))
    return made + [Article(frame, None, True) for frame in frames]


def load_frames(folder: Path) -> list[News]:
    """Set 33: real releases and stories."""
    frames = []
    for path in sorted(folder.rglob("*.json.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            said = json.load(lines)
        stamp = said.get("publish_date")
        day = datetime.fromtimestamp(stamp, UTC).date().isoformat() if isinstance(stamp, int | float) else None
        if said.get("text"):
            frames.append(News(title=said.get("title") or "", text=said["text"], published=day))
    return frames
