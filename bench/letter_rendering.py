"""Measures how letters are written: lines wider than 78 columns, and headers that are not exactly the intended ones.

    ./run.sh bench letter_rendering [--edition DIR] [--examples 300] [--json]

Set `made`: letters of any content that hypothesis makes (`bench/made_letters.py`: injections into headers, East
Asian titles, addresses of any length, control characters). Set `real`, only with `--edition`: the lines that this
edition (`bench/edition.py --out DIR`) gives for SEARCHES, 12 stories each, one search and several in a letter.
`wide_lines` counts lines of the text part, and `wrong_headers` messages whose headers, read back by Python's two
parsers, are not the intended ones, or are refused (a letter that cannot be sent). Anchor of both: 0.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from email import policy
from email.header import decode_header, make_header
from email.parser import BytesParser
from pathlib import Path
from typing import NamedTuple

from hypothesis import HealthCheck, Phase, given, settings

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.made_letters import SAMPLE, letters
from bench.opened_night import open_night
from publish.letters.channels.mail import MailError, Settings, header_text, render
from publish.letters.letter import Letter, Part
from publish.letters.line_rows import Known
from publish.letters.lines import make_lines, pick_before
from publish.letters.rendering import subject_of, tidy_letter
from publish.letters.wrapping import columns_of

WIDEST = 78
SEARCHES = (
    "retina*", "organoid", "kind:trial", "knee OR cartilage", '"neural crest"', 'disease:"Parkinson disease"',
    "줄기세포", "status:retracted", 'evidence:"clinical trial"', "CRISPR", "mesenchymal", "heart", "kind:news",
    "blood", "diabetes",
)  # fmt: skip
SENDER = Settings(sender="letters@stemwire.example")


class Seen(NamedTuple):
    """What was wrong with one letter."""

    wide: int
    wrong: int


def look(letter: Letter) -> Seen:
    """Render a letter as a mail and read it back."""
    moment = datetime(2026, 11, 22, 3, tzinfo=UTC)
    try:
        wire = render(letter, ident="1abc", to="reader@example.org", settings=SENDER, moment=moment)
    except MailError:
        return Seen(0, 1)
    message = BytesParser(policy=policy.default).parsebytes(wire)
    oldest = BytesParser(policy=policy.compat32).parsebytes(wire)
    body = message.get_body(("plain",))
    text = str(body.get_content()) if body else ""
    subject = header_text(subject_of(tidy_letter(letter)))
    right = (
        message["Subject"] == str(make_header(decode_header(oldest["Subject"]))) == subject
        and message["To"] == oldest["To"] == "reader@example.org"
        and [one.addr_spec for one in message["From"].addresses] == [SENDER.sender]
        and len(message.keys()) == len(set(message.keys())) in (13, 15)
        and not {"Bcc", "Cc", "Reply-To"} & set(message.keys())
    )
    return Seen(sum(columns_of(line) > WIDEST for line in text.splitlines()), not right)


def look_at_made(examples: int) -> list[Seen]:
    """Letters of any content."""
    seen: list[Seen] = []

    @settings(
        max_examples=examples, deadline=None, database=None, phases=[Phase.generate], derandomize=True,
        suppress_health_check=[*HealthCheck],
    )  # fmt: skip
    @given(letters())
    def one(letter: Letter) -> None:
        seen.append(look(letter))

    one()
    return seen


def make_real(known: Known) -> Iterator[Letter]:
    """Letters of what an edition holds."""
    parts = [_part(known, number, query) for number, query in enumerate(SEARCHES, 1)]
    for number, part in enumerate(parts):
        letter = replace(SAMPLE, about=(), changed=(), elsewhere=(), parts=(part,))
        yield letter
        yield replace(letter, parts=tuple(parts[number : number + 3]), about=SAMPLE.about, first=True)


def _part(known: Known, number: int, query: str) -> Part:
    edition = known.edition
    lines = make_lines(known, pick_before(edition, query, 12))
    return Part(
        subscription=number, name="", query=query, address=edition.address(query), lines=tuple(lines[:8]),
        before=tuple(lines[8:]), found_before=edition.count(query), more=3,
    )  # fmt: skip


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--edition", type=Path, help="folder of an edition of real documents (default: none)")
    parser.add_argument("--examples", type=int, default=300, help="letters that hypothesis makes")
    parser.add_argument("--json", action="store_true", help="one object a line")
    options = parser.parse_args(argv)
    sets = {"made": look_at_made(options.examples)}
    if options.edition:
        with open_night(options.edition) as known:
            sets["real"] = [look(letter) for letter in make_real(known)]
    bad = 0
    for name, seen in sets.items():
        for measure in ("wide_lines", "wrong_headers"):
            value = sum(one.wide if measure == "wide_lines" else one.wrong for one in seen)
            bad += value
            row = {"set": name, "measure": measure, "value": value, "anchor": 0, "n": len(seen)}
            print(json.dumps(row) if options.json else f"{name:5} {measure:14} {value} in {len(seen)} letters, reach 0")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
