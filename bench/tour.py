"""Twelve questions put to the site by clicks in a real Chromium; what pages weigh, and whether everybody can use them.

    ./run.sh bench tour [--config FILE] [--questions DIR] [--only questions,weights,kinds,hostile] [--write docs]

FILE is the config of a data folder that has an edition; without it, the demo's night is made in a temporary folder
(2 to 4 minutes). Nothing is asked for by its address: a path begins on the front page and follows links that are there,
by their text or by a selector, or types into a field of the page. In order:

1. `clicks`, `found`, `within` of each question (`bench/tour/*.toml`, or DIR): how many clicks, whether every expected
   text is on the page that is reached, and whether the lowest of them begins within 900 pixels (1280 wide);
2. `packed_kb`, `requests`, `nodes` of the front page, a search, a story and a thing, by a browser that has nothing yet;
3. `axe`, `wide`, `violations`, `errors`, `foreign` over one address of every kind of page, at 1280 and 320 pixels,
   light and dark;
4. `executed`: payloads of the hostile newsroom of the tests that run when the policy is switched off.

`--questions bench/tour/real` asks six of them of an edition of real material (`bench/edition.py`), by what kind
of link leads on and what must be there, since no word of it may be written down here.

`--write docs` makes docs/tour.md and its screenshots from the questions and the demo.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.browsing import HEIGHT, Watcher, chromium, judge, places_of, weigh, why_not
from bench.measure import ROOT, Board, Measure
from bench.page_kinds import list_kinds
from core.config import load_config

SET = "tour"
QUESTIONS = ROOT / "bench" / "tour"
MOST_CLICKS, LOWEST = 3, 900
STEPS = ("click", "css", "search", "fill", "press", "see")
SERVE = """
import sys, threading
from pathlib import Path
import pipeline
from core.config import load_config
from publish.pages.serve import serve
config = load_config(Path(sys.argv[1]))
data, port = sys.argv[2], int(sys.argv[3])
changes = {"site": config.site.model_copy(update={"url": f"http://127.0.0.1:{port}"})}
changes["letters"] = config.letters.model_copy(update={"desk": f"http://127.0.0.1:{port + 1}"})
if data:
    changes["paths"] = config.paths.model_copy(update={"data": data, "editions": f"{data}/editions"})
config = config.model_copy(update=changes)
if hasattr(pipeline, "serve_desk"):
    threading.Thread(target=pipeline.serve_desk, args=(config, "127.0.0.1", port + 1), daemon=True).start()
serve(config, port=port)
"""
HOSTILE = """
import sys
from pathlib import Path
from core.store import open_store
from publish.pages.serve import serve
from publish.stage import publish
from tests.publish.conftest import fill, make_config
config = make_config(Path(sys.argv[1]))
config = config.model_copy(update={"site": config.site.model_copy(update={"url": f"http://127.0.0.1:{sys.argv[3]}"})})
with open_store(config.data("work.db"), "work") as store:
    fill(store)
    publish(config, store)
serve(config, port=int(sys.argv[3]))
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What one asks, the way to the answer, and what the page must say there.

    A step is `click` (the beginning or a part of a link's or button's text), `css` (a selector), `search` (typed into
    the search field, and sent), `fill` (a text or a file for a text field), `press` (a button) or `see` (a text that
    is seen on the way). `answer` are texts, `parts` selectors of what holds the answer where its words may not be
    written down.
    """

    name: str
    question: str
    why: str
    see: str
    steps: tuple[tuple[str, str], ...]
    answer: tuple[str, ...]
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """Where a path led: `missing` are expected texts that are not there, `lowest` is where the last of them begins."""

    clicks: int
    missing: tuple[str, ...]
    lowest: int
    address: str
    lost: str = ""  # the step that could not be made

    @property
    def found(self) -> bool:
        return not self.lost and not self.missing


def read_questions(folder: Path) -> list[Question]:
    """The questions of a folder, by the names of their files. Raises ValueError for one that cannot be asked."""
    return [to_question(path.stem, tomllib.loads(path.read_text("utf-8"))) for path in sorted(folder.glob("*.toml"))]


def to_question(name: str, told: Mapping[str, Any]) -> Question:
    """A question as its file has it. Raises ValueError."""
    steps = tuple(next(iter(step.items())) for step in told["steps"])
    for step in told["steps"]:
        if len(step) != 1 or not set(step) <= set(STEPS):
            raise ValueError(f"{name}: a step is one of {', '.join(STEPS)}, not {step}")
    answer, parts = tuple(told.get("answer", ())), tuple(told.get("parts", ()))
    if not answer and not parts:
        raise ValueError(f"{name}: what would be the answer?")
    return Question(
        name=name, question=told["question"], why=told.get("why", ""), see=told.get("see", ""), steps=steps,
        answer=answer, parts=parts,
    )  # fmt: skip


def ask(page: Any, site: str, one: Question) -> Reached:
    """Go the way of a question."""
    page.goto(f"{site}/")
    clicks = 0
    seen: list[int | None] = []
    for kind, what in one.steps:
        try:
            if kind == "see":
                seen += places_of(page, [what])
            else:
                clicks += take(page, kind, what)
        except LookupError as error:
            return Reached(clicks=clicks, missing=one.answer, lowest=0, address=page.url, lost=str(error))
    on_the_way = [what for kind, what in one.steps if kind == "see"]
    places = [*seen, *places_of(page, one.answer)]
    wanted = (*on_the_way, *one.answer)
    missing = [text for text, place in zip(wanted, places, strict=True) if place is None]
    for part in one.parts:
        box = next((one for one in page.locator(part).all() if one.is_visible()), None)
        if box is None:
            missing.append(part)
        else:
            places.append(round(box.bounding_box()["y"] + page.evaluate("window.scrollY")))
    lowest = max((place for place in places if place is not None), default=0)
    return Reached(clicks=clicks, missing=tuple(missing), lowest=lowest, address=page.url)


def take(page: Any, kind: str, what: str) -> int:
    """One step; returns the clicks that it took. Raises LookupError where what is to be clicked is not there."""
    if kind == "search":
        field = find_visible(page, "input[type=search]", what)
        field.fill(what)
        with page.expect_navigation():
            field.press("Enter")
        return 1
    if kind == "fill":
        path = ROOT / what
        text = path.read_text("utf-8") if len(what) < 200 and path.is_file() else what
        find_visible(page, "main textarea, textarea", what).fill(text)
        return 0
    if kind == "press":
        with page.expect_navigation(timeout=120_000):
            find_visible(page, f"button:has-text({quoted(what)}), input[type=submit]", what).click()
        return 1
    selector = what if kind == "css" else f"a:has-text({quoted(what)})"
    link = find_visible(page, selector, what)
    if link.evaluate("(one) => one.tagName") == "SUMMARY":
        link.click()
    else:
        with page.expect_navigation():
            link.click()
    return 1


def quoted(text: str) -> str:
    return '"' + text.replace('"', '\\"') + '"'


def find_visible(page: Any, selector: str, what: str) -> Any:
    """The first of some elements that a reader sees. Raises LookupError."""
    found = next((one for one in page.locator(selector).all() if one.is_visible()), None)
    if found is None:
        raise LookupError(f"nothing to click: {what}")
    return found


def show_questions(board: Board, page: Any, site: str, questions: Sequence[Question]) -> list[Reached]:
    """Ask all, and print each."""
    reached = []
    for one in questions:
        found = ask(page, site, one)
        reached.append(found)
        good = found.found and found.clicks <= MOST_CLICKS and found.lowest < LOWEST
        said = found.lost or (f"missing: {', '.join(found.missing)}" if found.missing else f"at {found.lowest} px")
        board.say(f"{one.name}: {'good' if good else 'NOT GOOD'}: {found.clicks} clicks, {said} ({found.address})")
        board.show(Measure(set=SET, measure=f"clicks_{one.name[:14]}", value=found.clicks, anchor=None, n=1))
        board.show(Measure(set=SET, measure=f"place_{one.name[:15]}", value=found.lowest, anchor=None, n=1))
    few = [one for one in reached if one.found and one.clicks <= MOST_CLICKS]
    near = [one for one in few if one.lowest < LOWEST]
    board.show(Measure(set=SET, measure="answered_in_3_clicks", value=len(few), anchor=None, n=len(reached)))
    board.show(Measure(set=SET, measure="and_within_900_px", value=len(near), anchor=None, n=len(reached)))
    return reached


def show_weights(board: Board, browser: Any, site: str, kinds: Sequence[str]) -> None:
    """What four pages weigh."""
    for name, beginning in (("home", "/"), ("search", "/search?q"), ("story", "/story/"), ("thing", "/entity/")):
        addresses = [one for one in kinds if one == beginning or (beginning != "/" and one.startswith(beginning))]
        found = [weigh(browser, f"{site}{one}") for one in addresses]
        for measure, value in (
            ("packed_kb", max(one.packed for one in found) / 1000),
            ("requests", max(one.requests for one in found)),
            ("nodes", max(one.nodes for one in found)),
        ):
            board.show(Measure(set=SET, measure=f"{measure}_{name}", value=value, anchor=None, n=len(found)))


def show_kinds(board: Board, browser: Any, site: str, kinds: Sequence[str]) -> None:
    """What is wrong with each kind of page."""
    watcher = Watcher(site)
    context = browser.new_context()
    page = context.new_page()
    watcher.watch(page)
    for address in kinds:  # under the policy
        page.goto(f"{site}{address}")
    context.close()
    page = browser.new_page(bypass_csp=True)
    lines = [f"{address}: {line}" for address in kinds for line in judge(page, f"{site}{address}")]
    page.close()
    for line in (*lines, *watcher.violations, *watcher.errors):
        board.say(line)
    wide = [line for line in lines if line.endswith("pixels wide")]
    for measure, value in (
        ("axe", len(lines) - len(wide)), ("wide", len(wide)), ("violations", len(watcher.violations)),
        ("errors", len(watcher.errors)), ("foreign", len(watcher.foreign)),
    ):  # fmt: skip
        board.show(Measure(set=SET, measure=measure, value=value, anchor=None, n=len(kinds)))


def show_hostile(board: Board, browser: Any) -> None:
    """Payloads that run when the policy is switched off."""
    with tempfile.TemporaryDirectory() as folder, serving(HOSTILE, folder, "", 8790) as site:
        watcher = Watcher(site)
        page = browser.new_page(bypass_csp=True)
        watcher.watch(page)
        [edition] = Path(folder, "editions").glob("stemwire-*.db")
        kinds = [*list_kinds(edition), "/search?q=markup", "/search"]
        for address in kinds:
            page.goto(f"{site}{address}")
            page.wait_for_timeout(50)
        page.close()
    for line in watcher.executed:
        board.say(line)
    board.show(Measure(set=SET, measure="executed", value=len(watcher.executed), anchor=None, n=len(kinds)))
    board.show(Measure(set=SET, measure="foreign_hostile", value=len(watcher.foreign), anchor=None, n=len(kinds)))


@contextmanager
def serving(code: str, config: str, data: str, port: int) -> Iterator[str]:
    """The site in a process of its own, and its desk on the next port."""
    command = [sys.executable, "-c", code, config, data, str(port)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            for line in process.stdout:
                if "http://" in line:
                    break
            else:
                raise RuntimeError("the site did not start")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


@contextmanager
def demo_data() -> Iterator[str]:
    """A data folder with the night of the demo."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "pipeline.py", "demo", "--once", "--data", folder]
        subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        yield folder


def write_tour(page: Any, site: str, questions: Sequence[Question], folder: Path) -> None:
    """docs/tour.md, and a screenshot of each answer."""
    (folder / "tour").mkdir(exist_ok=True)
    for number, one in enumerate(questions, 1):
        reached = ask(page, site, one)
        if not reached.found:
            raise RuntimeError(f"{one.name}: {reached.lost or reached.missing}")
        page.screenshot(path=folder / "tour" / f"{number:02}.png")
    (folder / "tour.md").write_text(describe_tour(questions), "utf-8")


def describe_tour(questions: Sequence[Question]) -> str:
    """The text of docs/tour.md."""
    parts = [
        "# A tour in twelve questions",
        "`./run.sh demo` makes one night of our invented newsroom and serves it. Each question is answered from the"
        " front page by the clicks below; `./run.sh bench tour` makes them in a browser and measures them. This page is"
        " made from `bench/tour/*.toml` by `./run.sh bench tour --write docs`.",
    ]
    for number, one in enumerate(questions, 1):
        parts += [
            f"## {number}. {one.question}",
            one.why,
            "\n".join(f"{place}. {say(kind, what)}" for place, (kind, what) in enumerate(one.steps, 1)),
            one.see,
            f"![{one.see}](tour/{number:02}.png)",
        ]
    return "\n\n".join(parts) + "\n"


def say(kind: str, what: str) -> str:
    """A step in words."""
    if kind == "search":
        return f"Type `{what}` into the search field and press Enter."
    if kind == "see":
        return f"See “{what}”."
    if kind == "fill":
        return f"Paste the text of `{what}`." if (ROOT / what).is_file() else f"Paste `{what}`."
    if kind == "press":
        return f"Press **{what}**."
    if kind == "css":
        return f"Follow the link `{what}`."
    return f"Follow **{what}**."


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--config", type=Path, help="of a data folder that has an edition; else the demo is made")
    parser.add_argument("--data", help="a data folder of the demo, instead of the config's")
    parser.add_argument("--questions", type=Path, default=QUESTIONS)
    parser.add_argument("--only", default="questions,weights,kinds,hostile")
    parser.add_argument("--port", type=int, default=8780)
    parser.add_argument("--write", type=Path, metavar="docs")
    board = Board.start(__doc__.splitlines()[0], argv, parser)
    if reason := why_not():
        board.say(f"no browser: {reason}")
        return 2
    options = board.options
    if options.config or options.data:
        return run(board, options.config or ROOT / "demo" / "config.toml", options.data or "")
    with demo_data() as data:
        return run(board, ROOT / "demo" / "config.toml", data)


def run(board: Board, config: Path, data: str) -> int:
    """Everything that is asked for. Exit code 1 when a question is not answered, or a page is not as it should be."""
    options, only = board.options, board.options.only.split(",")
    questions = read_questions(options.questions)
    editions = Path(data, "editions") if data else load_config(config).editions
    with serving(SERVE, str(config), data, options.port) as site, chromium() as browser:
        page = browser.new_page(viewport={"width": 1280, "height": HEIGHT})
        if options.write:
            write_tour(page, site, questions, options.write)
            return 0
        if "questions" in only:
            show_questions(board, page, site, questions)
        page.close()
        kinds = list_kinds(Path(editions, "current.db").resolve())
        if "weights" in only:
            show_weights(board, browser, site, kinds)
        if "kinds" in only:
            show_kinds(board, browser, site, kinds)
        if "hostile" in only:
            show_hostile(board, browser)
    whole = re.compile("answered_in_3_clicks|and_within_900_px")
    none = re.compile("axe|wide|violations|errors|foreign.*|executed")
    bad = [
        one for one in board.shown
        if (whole.fullmatch(one.measure) and one.value != one.n) or (none.fullmatch(one.measure) and one.value)
    ]  # fmt: skip
    return int(bool(bad))


if __name__ == "__main__":
    sys.exit(main())
