"""Delivery reports (RFC 3464) that came back for letters which a relay had accepted.

The operator gives a folder with the mails that came to the sender's address: files, or a Maildir. For each, in order:
1. a mail that is no `multipart/report` with a `message/delivery-status` is no report: an answer, a notice of absence;
2. each recipient of a report is hard (`Action: failed` with a status 5.x.x, but not 5.2.2: a full mailbox) or soft;
   delivered and relayed letters are neither;
3. it belongs to the letter whose Message-ID the report quotes; if it quotes none, to the newest letter of the recipient
   at most RECENT days older than the report;
4. a hard one makes the letter `refused`: what it held counts as not sent and comes again. Three refused letters in a
   row, and the person is `refused`: no more letters until they subscribe again.

A letter counts once, however often its report is read. Anybody can forge a report; a forger who does not know the
number of a letter reaches only letters of the last days. Nothing here prints or stores an address.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from email import message_from_bytes, message_from_string
from email.message import Message
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Literal, TypedDict

from core import clock
from core.errors import UsageError
from core.store import Store
from publish.letters.given_up import give_up

CHANNEL = "mail"
MOST = 3  # refused letters in a row
RECENT = 7  # days
LARGEST = 2**20  # bytes that are read of a mail
FULL = "5.2.2"
_STATUS = re.compile(r"\b([245])\.\d{1,3}\.\d{1,3}\b")
_ID = re.compile(r"<([^<>@\s]+)@[^<>\s]*>")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounce:
    """What a report says of one recipient. `letter` is empty where the report does not quote the letter."""

    hard: bool
    status: str
    letter: str
    address: str
    day: str  # of the report, YYYY-MM-DD


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """What became of the reports of a folder; `stopped` are people who get no more letters now, by number."""

    mails: int
    reports: int
    hard: int
    soft: int
    unknown: int  # hard ones of letters or people that are not ours
    stopped: tuple[int, ...]


class LetterRow(TypedDict):
    """The letter that a report is about."""

    id: str
    subscriber: int
    number: int
    state: str


def count_bounces(letters: Store, folder: Path) -> Counted:
    """Read the reports of a folder and count them. Raises UsageError if there is no such folder."""
    mails, bounces, counts = 0, list[Bounce](), Counter[str]()
    for found in read_bounces(folder):
        mails += 1
        counts["report"] += bool(found)
        bounces += found
    stopped: list[int] = []
    with letters.writing():
        for bounce in sorted(bounces, key=lambda one: one.day):
            outcome, person = _count(letters, bounce)
            counts[outcome] += 1
            stopped += [person] if person else []
    return Counted(
        mails=mails, reports=counts["report"], hard=counts["hard"], soft=counts["soft"], unknown=counts["unknown"],
        stopped=tuple(stopped),
    )  # fmt: skip


def read_bounces(folder: Path) -> Iterator[Sequence[Bounce]]:
    """For each mail of a folder what it reports; nothing if it is no report. Raises UsageError without a folder."""
    if not folder.is_dir():
        raise UsageError("no such folder", where=str(folder), hint="a folder with mails as files, or a Maildir")
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder).parts
        if path.is_file() and not path.is_symlink() and "tmp" not in inside and not path.name.startswith("."):
            with path.open("rb") as file:
                yield read_report(file.read(LARGEST))


def read_report(raw: bytes) -> list[Bounce]:
    """What one mail reports, for each recipient that failed or waits; [] if it is no report."""
    mail = message_from_bytes(raw)
    if mail.get_content_type() != "multipart/report" or not mail.is_multipart():
        return []
    letter, day = _find_letter(mail), _find_day(mail)
    found = []
    for part in mail.walk():
        if part.get_content_type() != "message/delivery-status" or not part.is_multipart():
            continue
        for fields in part.get_payload():
            action = str(fields["Action"] or "").strip().lower() if isinstance(fields, Message) else ""
            if not isinstance(fields, Message) or action not in ("failed", "delayed"):
                continue  # the fields of the whole report, or a recipient that it reached
            status = _STATUS.search(str(fields["Status"] or ""))
            code = status[0] if status else ""
            recipient = str(fields["Original-Recipient"] or fields["Final-Recipient"] or "")
            hard = action == "failed" and code.startswith("5") and code != FULL
            address = recipient.rpartition(";")[2].strip().strip("<>")
            found.append(Bounce(hard=hard, status=code, letter=letter, address=address, day=day))
    return found


def _find_letter(mail: Message) -> str:
    """The id of the letter that a report quotes; empty if it does not."""
    for part in mail.walk():
        kind, payload = part.get_content_type(), part.get_payload()
        quoted: object = None
        if kind == "message/rfc822" and isinstance(payload, list) and payload:
            quoted = payload[0]
        elif kind == "text/rfc822-headers":
            quoted = message_from_string(payload if isinstance(payload, str) else "")
        if isinstance(quoted, Message) and (ident := _ID.search(str(quoted["Message-ID"] or ""))):
            return ident[1]
    return ""


def _find_day(mail: Message) -> str:
    """The day of a report; today where it gives none."""
    try:
        return clock.stamp(parsedate_to_datetime(str(mail["Date"])))[:10]
    except (TypeError, ValueError):
        return clock.stamp()[:10]


def _count(letters: Store, bounce: Bounce) -> tuple[Literal["hard", "soft", "unknown", "known"], int | None]:
    """What a bounce is, and the person who gets no more letters because of it. Inside `writing()`."""
    if not bounce.hard:
        return "soft", None
    letter = _letter_of(letters, bounce)
    if letter is None:
        return "unknown", None
    if letter["state"] not in ("sent", "uncertain"):
        return "known", None  # counted before
    give_up(letters, letter["id"], "refused", f"came back as undeliverable: {bounce.status}")
    in_a_row = letters.value(
        "SELECT count(*) AS n FROM letter r WHERE subscriber = :who AND state = 'refused' AND NOT EXISTS (SELECT 1"
        " FROM letter s WHERE s.subscriber = :who AND s.state = 'sent'"
        " AND s.number BETWEEN min(r.number, :number) AND max(r.number, :number))",
        {"who": letter["subscriber"], "number": letter["number"]},
    )
    stops = in_a_row >= MOST
    letters.execute(
        "UPDATE subscriber SET bounces = ?, state = CASE WHEN ? THEN 'refused' ELSE state END WHERE id = ?",
        (in_a_row, stops, letter["subscriber"]),
    )
    return "hard", letter["subscriber"] if stops else None


def _letter_of(letters: Store, bounce: Bounce) -> LetterRow | None:
    """The letter that a bounce is about."""
    if bounce.letter:
        return letters.first(
            LetterRow,
            "SELECT l.id, l.subscriber, l.number, l.state FROM letter l JOIN subscriber s ON s.id = l.subscriber"
            " WHERE l.id = ? AND s.channel = ?",
            (bounce.letter, CHANNEL),
        )
    oldest = clock.stamp(clock.parse(bounce.day) - timedelta(days=RECENT))[:10]
    return letters.first(
        LetterRow,
        "SELECT l.id, l.subscriber, l.number, l.state FROM letter l JOIN subscriber s ON s.id = l.subscriber"
        " JOIN night n ON n.number = l.night WHERE s.channel = ? AND lower(s.address) = lower(?)"
        " AND n.day BETWEEN ? AND ? AND l.state IN ('sent', 'uncertain', 'refused') ORDER BY l.number DESC LIMIT 1",
        (CHANNEL, bounce.address, oldest, bounce.day),
    )
