"""The runner of cases: each format on small sets of our own, and the shared sets if they are next to the checkout."""

from __future__ import annotations

import ast
import json
import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from bench import cases
from bench.case_sets import NAMES, Case, CaseError, Verdict, attempt, crawl, desk, field, ours, prose, reading
from bench.case_sets.nights import Answer, edition_of, without_paths
from tests.nights import rss

ROOT = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("STEMWIRE_SHARED") or ROOT.parent / "shared") / "cases"
needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="../shared/cases is not here")

SOURCE = """\
name = "Probe"
kind = "news"
country = "GB"
lang = "en"
about = "Made for a test."
licence = "headline-and-link"
home = "https://probe.example"
scope = "all"
[[feed]]
url = "https://probe.example/feed"
[page]
fetch = false
"""
FEED = rss(
    ("1", "https://probe.example/1", "Stem cells mend a cornea"),
    ("2", "https://probe.example/2", "Zebrafish regrow fins"),
)
ANSWER = {"url": "https://probe.example/feed", "status": 200, "headers": {"content-type": "text/xml"}}


def a_set(folder: Path, rows: Sequence[Mapping[str, Any]], name: str = "cases.jsonl") -> Path:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return folder


def figures(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[dict[str, Any]]:
    """What the command prints with --json."""
    assert cases.main([*arguments, "--json"]) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def verdicts(folder: Path) -> dict[str, tuple[str, ...]]:
    """id -> what is wrong with the case."""
    form = cases.format_of(folder)
    found: list[Case] = [case for case in form.read(folder) if not case.prose]
    judged: list[Verdict] = list(form.judge(folder, found))
    return {verdict.case.id: verdict.wrong for verdict in judged}


def calls(folder: Path) -> Path:
    """A set of calls: five that are right, then three that are wrong in ways of their own."""
    feed = {"of": "index", "rule": {"feed": {"url": "https://probe.example/feed"}}, "url": "https://probe.example/feed"}
    rows: list[Mapping[str, Any]] = [
        {"id": "feed", "kind": "lists", "file": "feed.xml", "call": feed, "right": [
            ["entries", "len", 2], ["entries.0.title", "startswith", "Stem"], ["entries.*.title", "lacks", "rice"],
        ]},
        {"id": "page", "kind": "pages", "file": "page.html", "call": {"of": "page", "url": "https://probe.example/1"},
         "right": [["title", "eq", "Stem cells mend a cornea"]]},
        {"id": "date", "kind": "dates", "call": {"of": "date", "raw": "Tue, 17 Nov 2026 08:00:00 GMT"},
         "right": [["day", "in", ["2026-11-17", None]]]},
        {"id": "ids", "kind": "names", "call": {"of": "ids", "url": "https://doi.org/10.5555/abc"},
         "right": [["doi", "eq", "10.5555/abc"], ["pmid", "eq", None]]},
        {"id": "works", "kind": "names", "call": {"of": "works", "dois": ["10.5555/a", "10.5555/b", "10.5555/A"]},
         "right": [["works", "eq", 2], ["works", "min", 2], ["works", "max", 2]]},
        {"id": "other-day", "kind": "dates", "call": {"of": "date", "raw": "Tue, 17 Nov 2026 08:00:00 GMT"},
         "right": [["day", "eq", "2026-11-18"]]},
        {"id": "no-file", "kind": "pages", "file": "lost.html", "call": {"of": "page", "url": "https://probe.example/"},
         "right": [["title", "ne", ""]]},
        {"id": "no-such-field", "kind": "lists", "file": "feed.xml", "call": feed,
         "right": [["entries.0.x", "eq", None]]},
    ]  # fmt: skip
    a_set(folder, rows)
    (folder / "feed.xml").write_bytes(FEED)
    words = " ".join(["A laboratory grew a cornea from stem cells and watched it for a year."] * 12)
    (folder / "page.html").write_text(
        f"<html lang='en'><head><title>Stem cells mend a cornea</title></head><body><article>"
        f"<h1>Stem cells mend a cornea</h1><p>{words}</p></article></body></html>", "utf-8",
    )  # fmt: skip
    return folder


def test_calls_are_judged_one_by_one(tmp_path: Path) -> None:
    wrong = verdicts(calls(tmp_path / "calls"))
    assert [ident for ident, lines in wrong.items() if not lines] == ["feed", "page", "date", "ids", "works"]
    assert wrong["other-day"] == ("day is '2026-11-17', wanted eq '2026-11-18'",)
    assert wrong["no-file"][0].startswith("FileNotFoundError: ")
    assert wrong["no-such-field"][0].startswith("AttributeError: "), "a field that moved must not pass for null"


def test_json_rows_are_kinds_then_all(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = figures(capsys, str(calls(tmp_path / "calls")))
    assert rows == [
        {
            "set": "calls",
            "measure": "right",
            "kind": kind,
            "right": right,
            "of": of,
            "value": right / of,
            "anchor": None,
            "n": of,
        }
        for kind, right, of in [("lists", 1, 2), ("pages", 1, 2), ("dates", 1, 2), ("names", 2, 2), ("all", 5, 8)]
    ]


def test_a_group_counts_its_kinds_and_ids_once_all_were_run(tmp_path: Path) -> None:
    folder = calls(tmp_path / "calls")
    (tmp_path / "groups.toml").write_text(
        '[[group]]\nset = "calls"\nname = "days and names"\nwas = 2\ncases = ["dates", "works"]\n'
        '[[group]]\nset = "calls"\nname = "lost"\nwas = 0\ncases = ["dates", "gone"]\n'
        '[[group]]\nset = "others"\nname = "theirs"\nwas = 0\ncases = ["dates"]\n',
        "utf-8",
    )
    run = list(crawl.judge(folder, crawl.read(folder)))
    groups = cases.load_groups("calls", tmp_path / "groups.toml")
    assert ("days and names", 2, 3, 2) in cases.totals(run, groups)
    assert "lost" not in [row[0] for row in cases.totals(run, groups)]
    known = {group.name for name in ("crawl", "reading") for group in cases.load_groups(name)}
    assert len(known) == 3, "the groups that the project looks at can be read"


def test_kind_takes_kinds_ids_and_beginnings_of_ids(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = str(calls(tmp_path / "calls"))
    for wanted, right, of in [("dates", 1, 2), ("other-day", 0, 1), ("no-", 0, 2)]:
        assert figures(capsys, folder, "--kind", wanted)[-1] | {"set": ""} == {
            "set": "", "measure": "right", "kind": "all", "right": right, "of": of, "value": right / of, "anchor": None,
            "n": of,
        }  # fmt: skip
    assert figures(capsys, folder, "--kind", "ids", "--kind", "page")[-1]["of"] == 2
    assert cases.main([folder, "--kind", "nothing"]) == 2
    assert "dates, lists, names, pages" in capsys.readouterr().err


def test_verbose_says_what_came(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cases.main([str(calls(tmp_path / "calls")), "--verbose", "--kind", "dates"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[:3] == ["right date", "WRONG other-day", "      day is '2026-11-17', wanted eq '2026-11-18'"]
    assert lines[-1].split() == ["all", "1", "of", "2"]


def test_a_folder_that_is_no_set_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cases.main([str(tmp_path)]) == 2
    assert cases.main([str(tmp_path / "lost")]) == 2
    (tmp_path / "cases.jsonl").write_text("{", "utf-8")
    assert cases.main([str(tmp_path)]) == 2
    assert "cases.jsonl:1" in capsys.readouterr().err


def test_a_night_is_run_from_its_recording(tmp_path: Path) -> None:
    call = {"of": "night", "sources": {"probe": SOURCE}, "index": [ANSWER | {"file": "f/feed.xml"}],
            "nights": ["2026-11-22T03:00:00Z"]}  # fmt: skip
    right = [["SELECT count(*) FROM document", "eq", 2], ["SELECT count(*) FROM raw.capture", "min", 1],
             ["SELECT title FROM document ORDER BY 1", "contains", "Zebrafish regrow fins"],
             ["SELECT id, title FROM document WHERE title = 'none'", "eq", []]]  # fmt: skip
    folder = a_set(tmp_path / "nights", [
        {"id": "right", "kind": "night", "call": call, "right": right},
        {"id": "wrong", "kind": "night", "call": call | {"nights": []}, "right": right},
    ])  # fmt: skip
    (folder / "f").mkdir()
    (folder / "f" / "feed.xml").write_bytes(FEED)
    wrong = verdicts(folder)
    assert wrong["right"] == ()
    assert wrong["wrong"], "no night was run, so there is no document"


def test_values_operations_and_paths() -> None:
    assert crawl.value_at({"a": [{"b": 1}, {"b": 2}]}, "a.*.b") == [1, 2]
    assert crawl.holds((1, 2), "eq", [1, 2]) and not crawl.holds(None, "min", 1) and not crawl.holds(None, "max", 1)
    assert crawl.holds({"a": "é"}, "contains", "é") and crawl.holds([1], "lacks", 2)
    with pytest.raises(CaseError, match="near"):
        crawl.holds(1, "near", 1)


def test_texts_are_read_and_judged(tmp_path: Path) -> None:
    text = "Skin cells for mice\n\nIn 2024 the team treated 12 mice with mesenchymal stem cells at Kyoto University."
    wanted = {"has": [["SPECIES", "mice"]], "hasnt": [["DISEASE", "skin"]], "labels": {"species": ["mouse"]},
              "figures": [{"value": 12, "subject": "mice", "period": "2024|2023", "modifier": "!about"}],
              "no_figures": [2024], "concept": {"the Kyoto University": "ROR:*"}}  # fmt: skip
    other = {"has": [["DISEASE", "mice"]], "hasnt": [["SPECIES", "Mice"]], "labels": {"species": ["rat"]},
             "figures": [{"value": 13}], "no_figures": [12], "concept": {"Kyoto University": "none"}}  # fmt: skip
    wrong = verdicts(a_set(tmp_path / "texts", [
        {"id": "crash", "kind": "k", "text": "<?xml ?>", "right": {"has": []}},
        {"id": "right", "kind": "k", "text": text, "right": wanted},
        {"id": "wrong", "kind": "k", "text": text, "right": other},
        {"id": "unknown", "kind": "k", "text": text, "right": {"tone": "calm"}},
    ]))  # fmt: skip
    assert wrong["right"] == ()
    assert [line.split(",")[0][:12] for line in wrong["wrong"]] == [
        "no DISEASE '", "false SPECIE", "species is [", "no figure {'", "false figure", "'Kyoto Unive",
    ]  # fmt: skip
    assert wrong["crash"][0].startswith("CaseError: read ended with "), "the texts after it are read all the same"
    assert "the format has no 'tone'" in wrong["unknown"][0]


def test_what_a_case_may_mean_by_a_concept_or_a_figure() -> None:
    assert reading.is_meant({"CL:1"}, "CL:1|CL:2") and reading.is_meant({None}, "CL:1|none")
    assert not reading.is_meant({None, "CL:9"}, "CL:1|none") and not reading.is_meant(set(), "CL:1")
    assert reading.is_meant({"CL:2"}, "!CL:1") and not reading.is_meant({"CL:1"}, "!CL:1")
    assert reading.is_meant({"ROR:1"}, "ROR:*") and not reading.is_meant({"GO:1"}, "ROR:*")
    assert reading.fits(None, "period", None) and not reading.fits("2024", "period", None)
    assert reading.fits("USD", "unit", "!EUR") and not reading.fits("USD", "unit", "EUR|JPY")


def test_questions_of_the_field(tmp_path: Path) -> None:
    bank = "The Korea National Stem Cell Bank distributed stem cells in 81 cases in 2022 and in 68 cases in 2023."
    name = "Korea National Stem Cell Bank: stem cell distributions"
    series = {"what": "series", "country": "KR", "text": bank, "series": name}
    promise = {"what": "promise", "day": "2026-11-01", "text": "The first patients will be treated in 2029, they hope."}
    short = {"what": "abbreviation", "text": "Induced pluripotent stem cells (iPSC) grew.", "not": "stem cell"}
    same = {"what": "same indication", "terms": ["Parkinson Disease", "Parkinson's disease"]}
    rows: list[Mapping[str, Any]] = [
        series | {"points": {"2022": 81, "2023": 68}}, series | {"points": {"2023": 68}},
        promise | {"due": "2029"}, promise | {"due": None}, promise | {"due": "2030"},
        {"what": "ids", "text": "See nct01234567.", "ids": {"nct": "NCT01234567"}},
        {"what": "ids", "text": "See nct01234567.", "ids": {"isrctn": "NCT01234567"}},
        short | {"iPSC": "induced pluripotent stem cells"}, short | {"iPSC": "stem cells"},
        same | {"concepts": 1}, same | {"concepts": 2},
        {"what": "search", "on": "another site", "query": "mice", "must_find_all_of": "mouse"},
        {"what": "manner", "text": "Be kind.", "right": "kind"},
    ]  # fmt: skip
    folder = a_set(tmp_path / "field", rows)
    (folder / "groups.tsv").write_text('# facts\ndocument\tfact\tnote\n000\ta "number\tnone\n', "utf-8")
    wrong = verdicts(folder)
    assert [ident for ident, lines in wrong.items() if not lines] == [
        "series-1", "promise-1", "ids-1", "abbreviation-1", "same-indication-1",
    ]  # fmt: skip
    assert wrong["promise-2"] == ("promises due ['2029'], wanted none",)
    assert "no edition 'another site'" in wrong["search-1"][0]
    assert [case.kind for case in field.read(folder) if case.prose] == ["manner", field.FACTS]


def test_a_short_form_is_read_as_its_concept_or_reason_says() -> None:
    mention = {"name": "Stem cell", "why": "abbreviation of 'Somatic cell' in this document"}
    assert field.is_read_as(mention, "stem cell") and field.is_read_as(mention, "somatic cell")
    assert not field.is_read_as(mention, "somatic") and not field.is_read_as(mention, None)


def query(**row: object) -> dict[str, Any]:
    return {"q": "q", "must": ["a"], "stories": [["a", "b"]], "best_first": [], "why": "w"} | row


def answer(*groups: Sequence[str]) -> Answer:
    """Groups of hits; a hit is a word, each letter an address."""
    return Answer(groups=tuple(tuple(frozenset(hit) for hit in group) for group in groups))


@pytest.mark.parametrize(
    ("row", "shown", "right"),
    [
        (query(), answer(["b"]), True),
        (query(), answer(["c"], ["xa"]), True),  # a folded hit counts for its story
        (query(), answer(["c"]), False),
        (query(), answer([*"cdefghijkl", "a"]), False),  # the eleventh
        (query(stories=[["a"], ["b"]]), answer(["a"]), False),
        (query(stories=[[letter] for letter in "abcdefghijklm"]), answer(list("mlkjihgfed")), True),
        (query(stories=[[letter] for letter in "abcdefghijklm"]), answer(list("mlkjihgfe")), False),
        (query(best_first=["a"]), answer(["b", "a"]), False),
        (query(best_first=["a"]), answer(["xa", "b"]), True),
        (query(best_first=["a"]), answer(), False),
        (query(best_first=list("acdefgh")), answer(["b"]), True),  # too many to say which is best
        (query(must=[], stories=[]), answer(), True),
        (query(must=[], stories=[]), answer(["a"]), False),
    ],
)
def test_when_a_query_is_right(row: dict[str, Any], shown: Answer, right: bool) -> None:
    assert (attempt(desk.wrong_in, shown, row) == ()) == right


@pytest.fixture(scope="module")
def searches(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A set of searches with a newsroom of two lines."""
    rows = [
        query(q="cornea", stories=[["https://probe.example/1"]], best_first=["https://probe.example/1"]),
        query(q="stem", stories=[["https://probe.example/2"]], why="other"),
        query(q="rice", must=[], stories=[]),
        query(q="contry:KR", why="other"),
    ]
    folder = a_set(tmp_path_factory.mktemp("searches"), rows, "queries.jsonl")
    a_set(folder, [{"do": "GET /", "now": "500", "right": "200"}])
    for name in ("sources", "newsroom"):
        (folder / "newsroom" / name).mkdir(parents=True)
    crawl_only = '[paths]\ndata = "never"\n[crawl]\ncontact = "mailto:desk@stemwire.example"\ndelay = 0.0\n'
    (folder / "newsroom" / "config.toml").write_text(crawl_only, "utf-8")
    (folder / "newsroom" / "sources" / "probe.toml").write_text(SOURCE, "utf-8")
    (folder / "newsroom" / "newsroom" / "feed.xml").write_bytes(FEED)
    a_set(folder / "newsroom" / "newsroom", [ANSWER | {"file": "feed.xml"}], "index.jsonl")
    return folder


def test_searches_are_asked_of_the_sets_own_edition(searches: Path) -> None:
    wrong = list(verdicts(searches).values())
    assert wrong[0] == () and wrong[2] == ()
    assert wrong[1][0].startswith("0 of 1 stories among the first 10 of 1 hits")
    assert wrong[3] == ("CaseError: contry:KR: the search answers 400",)
    (said,) = (case for case in desk.read(searches) if case.prose)
    assert cases.covered([said], {}) == [(said, f"{said.id:<32} {said.id.rpartition('-')[2]}  none yet")]


def test_an_edition_needs_a_whole_newsroom(tmp_path: Path) -> None:
    with pytest.raises(CaseError, match=r"without config\.toml"), edition_of(tmp_path):
        pass


def test_only_the_paths_of_a_config_are_left_out() -> None:
    assert (
        without_paths('a = 1\n[paths]  # of the demo\ndata = "x"\n\n[site]\nname = "n"') == 'a = 1\n[site]\nname = "n"'
    )


def test_every_name_leads_to_something_of_ours() -> None:
    for name in NAMES:
        assert ours(name) is not None, name


def missing_tests(nodes: Sequence[str]) -> list[str]:
    """The pytest ids that name no test: a file, then classes, then a function."""
    missing = []
    for node in nodes:
        path, *names = node.partition("[")[0].split("::")
        found = (ROOT / path).is_file() and bool(names)
        body: Sequence[ast.stmt] = ast.parse((ROOT / path).read_text("utf-8")).body if found else []
        for name in names:
            held = [one for one in body if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)]
            match = next((one for one in held if one.name == name), None)
            found, body = found and match is not None, match.body if match else []
        if not found:
            missing.append(node)
    return missing


def test_every_test_that_covers_prose_exists() -> None:
    assert not missing_tests([node for nodes in prose.load_covered().values() for node in nodes])
    here = "tests/bench/test_cases.py"
    lost = [f"{here}::test_that_is_not_there", "tests/lost.py::test_x", here, f"{here}::{query.__name__}::inner"]
    assert missing_tests([f"{here}::test_every_test_that_covers_prose_exists", *lost]) == lost


def test_a_test_is_claimed_only_for_what_the_case_asks(tmp_path: Path) -> None:
    mine, other = ({"id": "L01", "do": do} for do in ("send twice", "send once"))
    table = tmp_path / "covered.tsv"
    table.write_text(f"case\tasks\ttest\nL01\t{prose.asks(mine)}\ttests/x.py::test_y\n", "utf-8")
    both = [prose.prose_case(row, kind="letters") for row in (mine, other)]
    said = [line.split(maxsplit=2)[2] for _, line in cases.covered(both, prose.load_covered(table))]
    assert said == ["tests/x.py::test_y", "none yet"]


@needs_shared
def test_cases_that_hold_go_on_holding(capsys: pytest.CaptureFixture[str]) -> None:
    *_, total = figures(capsys, str(SHARED / "crawl"), "--kind", "guard")
    assert total["of"] > 0 and total["right"] == total["of"]


@needs_shared
@pytest.mark.parametrize(
    ("name", "form"),
    [("crawl", crawl), ("reading", reading), ("field", field), ("desk", desk), ("letters", prose), ("faults", prose),
     ("house", prose)],
)  # fmt: skip
def test_what_a_set_holds_says_its_format(tmp_path: Path, name: str, form: ModuleType) -> None:
    for path in SHARED.joinpath(name).glob("*.jsonl"):
        shutil.copy(path, tmp_path)
    assert cases.format_of(tmp_path) is form
    assert form.read(tmp_path)
