"""Whether each line of a letter shows what was asked for.

    ./run.sh bench letters --only sentences [--edition DIR] [--saga DIR] [--json]

A letter is made for each of LETTERS searches (bench/queries/edition.jsonl, a hash of the search decides which) over an
edition of real documents (`bench/edition.py --out DIR`), and for searches of our own over a night of the saga
(`bench/letter_saga.py`). The lines are those that a first letter would have.

sentence_holds_hit    share of lines whose title or sentence has set off what the search asks for. What is set off is
                      checked against the search again, by itself: each place must be a word of the search, a name that
                      the document's rows give for the thing, a value of a facet, or words of a notice. What only a
                      record says (an identifier, the phase of a trial) is shown where a chip or a reason names it.
                      Searches for a kind, a country or a source alone have nothing that a sentence could hold, and are
                      not counted
sentence_is_there     share of all lines that have a sentence
quoted_within_rights  share of closed texts of which at most 200 characters and a fifth are quoted, apart from what the
                      edition itself quotes or shows
retraction_told       share of the lines of `status:retracted` that say the day, the notice and what rests on the work
says_only_the_edition share of sentences that are, without what was cut, in the text, in the record or in the edition's
                      own words
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.measure import Board, Measure
from bench.opened_night import find_edition, open_night
from core.facets import facets
from core.text import one_line
from publish.letters.letter import Line
from publish.letters.line_rows import Known, Paper
from publish.letters.lines import FoundStory, make_lines, pick_before
from publish.letters.wishes import Answer, find_answers, find_wishes
from publish.search.fold import fold_words

QUERIES = Path(__file__).parent / "queries" / "edition.jsonl"
RETRACTED = "status:retracted"
SAGA = (
    'disease:"Parkinson disease"', RETRACTED, 'retina* OR "pigment cells" OR "geographic atrophy"', "knee",
    '"neural crest"', "animal:mouse", 'evidence:"phase 1"', "trial_status:terminated", "islet*", "mice",
)  # fmt: skip
LETTERS = 100
LINES = 7
QUOTE, SHARE = 200, 5


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--edition", type=Path, help="folder of an edition (default: one is made of the sets)")
    parser.add_argument("--saga", type=Path, help="folder of a night of the saga (default: none)")
    board = Board.start("lines of letters show the hit", argv, parser)
    with find_edition(board.inputs, board.options.edition) as real:
        for name, folder, queries in (("real", real, choose_queries()), ("saga", board.options.saga, SAGA)):
            if folder is None:
                continue
            board.found += 1
            with open_night(folder) as known:
                for measure in measure_lines(known, queries, name):
                    board.show(measure)
    return board.finish()


def choose_queries() -> list[str]:
    """LETTERS of the searches, the same ones each time."""
    asked = [json.loads(line)["q"] for line in QUERIES.read_text("utf-8").splitlines()]
    return sorted(asked, key=lambda query: hashlib.sha256(query.encode()).hexdigest())[:LETTERS]


def measure_lines(known: Known, queries: Sequence[str], name: str) -> Iterator[Measure]:
    """The figures of the letters of some searches."""
    held: list[bool] = []
    there: list[bool] = []
    within: list[bool] = []
    borne: list[bool] = []
    for query in queries:
        stories = pick_before(known.edition, query, LINES)
        for found, line in zip(stories, make_lines(known, stories), strict=True):
            paper = known.papers[line.key]
            there.append(line.sentence is not None)
            if line.sentence:
                borne.append(is_borne_out(line.sentence.text, paper, known))
                if paper.row["licence"] == "headline-and-link":
                    within.append(is_within_rights(line.sentence.text, paper, known))
            shown = holds_hit(known, found, line, paper)
            if shown is not None:
                held.append(shown)
                if not shown:
                    print(f"not shown: {query} | {line.title.text} | {line.why}", file=sys.stderr)
        if query == RETRACTED:
            told = [is_retraction_told(line) for line in make_lines(known, stories)]
            yield Measure(
                set=name,
                measure="retraction_told",
                value=sum(told) / len(told) if told else None,
                anchor=None,
                n=len(told),
            )
    figures = (("sentence_holds_hit", held), ("sentence_is_there", there), ("quoted_within_rights", within),
               ("says_only_the_edition", borne))  # fmt: skip
    for measure, some in figures:
        share = sum(some) / len(some) if some else None
        yield Measure(set=name, measure=measure, value=share, anchor=None, n=len(some))


def is_retraction_told(line: Line) -> bool:
    """Whether the line of a retracted work says on which day, by which notice, and how many documents rest on it."""
    said = line.sentence.text if line.sentence else ""
    chips = " ".join(chip.text for chip in line.chips if chip.grave)
    return bool(re.search(r"\d{1,2} \w+ \d{4}; notice ", said) and re.search(r"retracted on .+ rests? on it", chips))


def holds_hit(known: Known, found: FoundStory, line: Line, paper: Paper) -> bool | None:
    """Whether the line shows what was asked for; None where nothing of it could be shown."""
    if found.reading is None:
        return None
    wishes = find_wishes(found.reading)
    if all(wish.plain for wish in wishes):
        return None
    around = " ".join((*line.why, *(chip.text for chip in line.chips))).casefold()
    if found.reading.landing:
        value = found.reading.landing.value.casefold()
        return value in around
    answers = find_answers(wishes, paper, known.wider)
    words = {fold_words(word) for answer in answers for word in answer.surfaces}
    words |= {fold_words(paper.row["title"][start:end]) for answer in answers for start, end in answer.title}
    values = {value for answer in answers for _, value in answer.values}
    said = {one_line(sentence) for answer in answers for _, sentence in answer.said}
    if line.sentence and any(_plain(sentence) == _plain(line.sentence.text) for sentence in said):
        return True  # the sentence that says the value that was asked for
    if any(answer.values and not answer.said and _names(answer, around) for answer in answers):
        return True
    for text, title in ((line.title, True), (line.sentence, False)):
        for start, end in text.marks if text else ():
            marked = text.text[start:end] if text else ""
            if fold_words(marked) in words or any(value in marked.casefold() for value in values):
                return True
            if any((wish.loose.spans(marked, title=title) or wish.marks.spans(marked, title=title)) for wish in wishes):
                return True
            if any(wish.names.spans(marked) for wish in wishes):
                return True
            if any(fold_words(word) in fold_words(marked) for word in words if word):
                return True  # two names that touch
    return False


def _names(answer: Answer, around: str) -> bool:
    """Whether chips and reasons name the value that was asked for."""
    known = [(facets().find("label", name) or facets().find("status", name), value) for name, value in answer.values]
    words = {word for facet, value in known if facet for word in (value, facet.plurals.get(value, value))}
    return any(word.casefold() in around for word in words)


def is_within_rights(sentence: str, paper: Paper, known: Known) -> bool:
    """Whether a sentence of a closed text may be quoted, or is not of the text at all."""
    said = _plain(sentence)
    if said not in _plain(paper.text) or any(said in _plain(shown) for shown in _shown(paper, known)):
        return True
    return len(sentence) <= min(QUOTE, len(paper.text) // SHARE)


def is_borne_out(sentence: str, paper: Paper, known: Known) -> bool:
    """Whether a sentence is in the text, the edition's own words, or the record."""
    said = _plain(sentence)
    texts = [paper.text, paper.row["shown"], paper.summary, *_shown(paper, known)]
    texts += [one["text"] for one in paper.banners] + [one["text"] for one in paper.trials]
    if any(said in _plain(text) for text in texts):
        return True
    record = _plain(json.dumps(paper.extra, ensure_ascii=False) + paper.row["authors"] + paper.row["journal"])
    _, _, words = sentence.partition(": ")
    return all(_plain(word) in record.replace("_", " ") for word in re.split(r"[;,…] *", words) if word.strip())


def _shown(paper: Paper, known: Known) -> list[str]:
    """What the edition quotes or says of a document."""
    story = known.story_of(paper)
    labels = [one["sentence"] for one in paper.labels] + [one["sentence"] for one in paper.warnings]
    return [*paper.quotes, *labels, *([story.row["sentence"]] if story else [])]


def _plain(text: str) -> str:
    """Words alone, to compare: days of our own sentences are written in two ways."""
    days = re.sub(r"\b(\d\d?) ([A-Z][a-z]{2,8}) (\d{4})\b", r"\2 \1 \3", text.replace("…", " "))
    return " ".join(re.sub(r"\W+", " ", days).casefold().split())


if __name__ == "__main__":
    sys.exit(main())
