"""Editions of successive nights that a test writes row by row: a paper, a trial, texts, and what became of them."""

from __future__ import annotations

from core.store import Store
from publish.letters.current_edition import CurrentEdition
from publish.letters.facts import note_facts
from tests.publish.made import SITE, Made

PAPER, TRIAL = "doi:10.5555/or.2026.1117", "nct:NCT09087765"
NOTICE = "https://pubmed.ncbi.nlm.nih.gov/99000300/"


class Night(Made):
    """An edition of one night."""

    def paper(self, status: str = "", *, key: str = "aaaaaaaaaaaa", ident: str = PAPER) -> int:
        number = self.document("paper", key=key, ident=ident, title="A pigment epithelium sheet.")
        if status:
            self.banner(number, ident, status, own=1)
            for name in (ident, "pmid:99000231"):
                self.add("work_status", identifier=name, document=number, status=status, day="2026-11-22", url=NOTICE)
        return number

    def banner(self, document: int, about: str, status: str, *, own: int = 0) -> None:
        self.add(
            "banner", document=document, about=about, status=status, own=own, day="2026-11-22", url=NOTICE,
            text="This work was retracted on November 22, 2026; notice PubMed 99000300; source: PubMed",
        )  # fmt: skip

    def trial(self, status: str, **record: object) -> int:
        number = self.document("trial", key="bbbbbbbbbbbb", ident=TRIAL, title="A Sheet Compared With Waiting")
        self.add("trial", document=number, number=TRIAL, **record)
        self.status(number, status, own=1)
        return number

    def status(self, document: int, status: str, *, own: int = 0, alone: int = 1, reason: str = "") -> None:
        self.add(
            "trial_status", document=document, trial=TRIAL, other=document if own else None, status=status, own=own,
            alone=alone, reason=reason, day="2026-11-22",
        )  # fmt: skip

    def edit(self, document: int, replaced: str, kind: str = "number", *, part: str = "text", place: int = 0) -> None:
        self.add(
            "edit", document=document, replaced=replaced, place=place, part=part, kind=kind,
            before="Sixty of 120 have had it.", after="Sixty-six of 132 have had it.", why="60, 120 became 66, 132",
        )  # fmt: skip

    @property
    def read(self) -> CurrentEdition:
        return CurrentEdition(self.edition, "site-1", SITE)


def note(letters: Store, night: Night, number: int) -> int:
    with letters.writing():
        return note_facts(letters, night.read, number)
