"""The bundled newsroom: its index is whole, its lists lead somewhere, and its sentences are our own."""

from __future__ import annotations

import html
import json
import os
import re
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.parse import urljoin
from xml.etree import ElementTree

import pytest

from core.config import load_config, load_sources

DEMO = Path(__file__).resolve().parents[2] / "demo"
ROOM = DEMO / "newsroom"
SHARED = Path(os.environ.get("STEMWIRE_SHARED", DEMO.parent.parent / "shared"))
ROWS: list[dict[str, Any]] = [json.loads(line) for line in (ROOM / "index.jsonl").read_text("utf-8").splitlines()]
URLS = {row["url"] for row in ROWS}
NOTICE = "This article has been translated by AI"  # a mark of the outlets' habits, not a sentence of theirs
CHANGED = {  # what the second night finds otherwise
    "https://news.korea-biolife.example/feed/",  # announces a correction
    "https://news.korea-biolife.example/2026/11/05/knee-injection-trial-halfway/",
    "https://www.seolhwa-times.example/en/rss.xml",  # announces another story
    "https://www.corvane.example/feed",  # announces the release behind it
    "https://www.seolhwa-times.example/en/health/2026-11-18-eye-cells-fifteen-patients",  # a number, without a word
    "https://clinicaltrials.gov/api/v2/studies?query.term=corvane",  # a trial is halted
}
LONGEST_RUN = 8  # words that may be in the same order in a seed and here: names and dates do


def body(row: dict[str, Any]) -> bytes:
    return (ROOM / str(row["file"])).read_bytes()


def rows_under(folder: str) -> list[dict[str, Any]]:
    return [row for row in ROWS if row.get("file", "").startswith(f"{folder}/")]


def text_of(data: bytes, content_type: str) -> str:
    return data.decode("cp949" if "euc-kr" in content_type.lower() else "utf-8")


def links_in(row: dict[str, Any]) -> set[str]:
    """The addresses that a feed, sitemap or list of the newsroom leads to (read naively: it is our own writing)."""
    text = text_of(body(row), row["headers"]["content-type"])
    if row["file"].endswith(".json"):
        return {item["url"] for item in json.loads(text)["items"]}
    if row["file"].endswith(".html"):
        cells = re.findall(r"<(?:tr|li)\b.*?</(?:tr|li)>", text.split("<tbody>")[-1].split("</nav>")[0], re.S)
        found = [href for cell in cells for href in re.findall(r'href="([^"]+)"', cell)]
        return {urljoin(row["url"], html.unescape(href)) for href in found if "list.do" not in href}
    items = re.findall(r"<(?:item|entry|url|sitemap)\b.*?</(?:item|entry|url|sitemap)>", text, re.S)
    links = [re.search(r'<link>(.*?)</link>|<link [^>]*href="(.*?)"|<loc>(.*?)</loc>', item) for item in items]
    return {html.unescape(next(filter(None, link.groups()))) for link in links if link}


def test_a_row_says_what_a_recording_needs() -> None:
    for row in ROWS:
        assert set(row) <= {"url", "status", "headers", "file", "match"}, row
        assert row["url"].startswith("https://") and 200 <= row["status"] < 600, row
        assert all(name == name.lower() for name in row["headers"]), row
        assert row.get("match", "prefix") == "prefix", row
        if row["status"] == 200:
            assert row["headers"]["content-type"] and row["file"], row
        if row["status"] in (301, 302):
            assert row["headers"]["location"] in URLS, row


def test_every_file_is_there_and_used() -> None:
    named = {row["file"] for row in ROWS if "file" in row}
    stored = {str(path.relative_to(ROOM)) for path in ROOM.rglob("*") if path.is_file()} - {"index.jsonl"}
    assert named == stored


def test_an_address_has_more_than_one_answer_only_where_nights_differ() -> None:
    repeated = {url for url, count in Counter(row["url"] for row in ROWS).items() if count > 1}
    for url in repeated:
        nights = [body(row) for row in ROWS if row["url"] == url]
        assert len(set(nights)) == len(nights), url
    assert repeated == CHANGED


def test_hosts_cannot_exist_but_for_the_two_apis() -> None:
    for url in URLS:
        host = url.split("/")[2]
        assert host.endswith(".example") or host in ("eutils.ncbi.nlm.nih.gov", "clinicaltrials.gov"), url


def test_every_host_has_rules_for_robots() -> None:
    assert {url.split("/")[2] for url in URLS} == {url.split("/")[2] for url in URLS if url.endswith("/robots.txt")}


def test_there_is_enough_to_look_at() -> None:
    feeds = [
        name for name in (row["file"] for row in rows_under("feeds")) if re.search(r"\.(xml|atom|rdf|json)$", name)
    ]
    assert len({row["file"] for row in rows_under("pages")}) >= 30
    assert len([name for name in set(feeds) if "sitemap" not in name]) >= 5  # the broken one among them
    assert len(rows_under("api")) == 7


@pytest.mark.parametrize("row", rows_under("feeds"), ids=lambda row: str(row["file"]))
def test_lists_lead_to_pages_that_are_recorded(row: dict[str, Any]) -> None:
    if "login" in row["file"]:
        return
    links = links_in(row)
    assert links
    left_out = {url for url in links if "sitemap" in row["file"] and re.search(r"/arts/|/glossary/$|\.example/$", url)}
    assert links - left_out <= URLS


def test_feeds_are_well_formed_but_for_the_broken_one() -> None:
    broken = set()
    for row in rows_under("feeds") + rows_under("api"):
        if re.search(r"\.(xml|atom|rdf)$", row["file"]):
            text = re.sub(r"<\?xml.*?\?>", "", text_of(body(row), row["headers"]["content-type"]), count=1)
            try:
                ElementTree.fromstring(text.strip())
            except ElementTree.ParseError:
                broken.add(row["file"])
    assert broken == {"feeds/graft-report-broken.xml"}


@pytest.mark.parametrize(
    "row", [r for r in ROWS if "EUC-KR" in r["headers"].get("content-type", "")], ids=lambda r: r["file"]
)
def test_korean_bodies_are_declared_euc_kr_and_need_cp949(row: dict[str, Any]) -> None:
    data = body(row)
    assert "줄기세포" in data.decode("cp949")
    with pytest.raises(UnicodeDecodeError):
        data.decode("euc_kr")
    with pytest.raises(UnicodeDecodeError):
        data.decode("utf-8")


def test_the_journal_gives_each_item_two_identifiers_the_doi_first() -> None:
    (row,) = [row for row in ROWS if row.get("file") == "feeds/northlight.rdf"]
    items = re.findall(r"<item .*?</item>", body(row).decode(), re.S)
    assert len(items) == 4
    for item in items:
        first, second = re.findall(r"<dc:identifier>(.*?)</dc:identifier>", item)
        assert first.startswith("doi:10.5555/") and not second.startswith("doi:")


def test_identifiers_are_invented() -> None:
    everything = "\n".join(text_of(body(row), row["headers"]["content-type"]) for row in ROWS if "file" in row)
    assert all(doi.startswith("10.5555/") for doi in re.findall(r"\b10\.\d{4,9}/[^\s<\"&;]+", everything))
    assert all(nct.startswith("NCT09") for nct in re.findall(r"\bNCT\d{8}\b", everything))
    assert all(pmid.startswith("99") for pmid in re.findall(r"<PMID[^>]*>(\d+)", everything))


def test_the_registry_answers_agree_with_each_other() -> None:
    for name, number in (("pubmed", 7), ("pubmed-islets", 1)):
        searched = re.findall(r"<Id>(\d+)</Id>", (ROOM / f"api/{name}-esearch.xml").read_text("utf-8"))
        fetched = re.findall(
            r"<MedlineCitation.*>\s*<PMID Version=\"1\">(\d+)<", (ROOM / f"api/{name}-efetch.xml").read_text("utf-8")
        )
        assert searched == fetched and len(searched) == len(set(searched)) == number
    for name, number in (("studies", 3), ("corvane-1", 2), ("corvane-2", 2)):
        studies = json.loads((ROOM / f"api/clinicaltrials-{name}.json").read_text("utf-8"))
        assert studies["totalCount"] == len(studies["studies"]) == number


def test_sources_and_config_are_valid_and_recorded() -> None:
    for path in (DEMO / "sources").glob("*.toml"):
        assert tomllib.loads(path.read_text("utf-8"))["allow_private"] is True, path.name
    config = load_config(DEMO / "config.toml")
    sources, errors = load_sources(config.sources)
    assert not errors
    asked = [
        url
        for source in sources
        for url in (*(f.url for f in source.feed), *(s.url for s in source.sitemap), *(b.url for b in source.listing))
    ]
    assert len(asked) == len(set(asked))
    assert set(asked) <= URLS


SCRIPTS = re.compile(r"<(script|style)\b.*?</\1>", re.S)


def words_of(text: str) -> list[str]:
    return re.findall(r"[a-z0-9가-힣§]+", html.unescape(re.sub(r"<[^>]+>", " ", SCRIPTS.sub(" ", text))).lower())


def runs_of(words: list[str], length: int) -> set[tuple[str, ...]]:
    return {tuple(words[i : i + length]) for i in range(len(words) - length + 1)}


def copied_runs(theirs: list[str], ours: list[str]) -> set[tuple[str, ...]]:
    return runs_of(theirs, LONGEST_RUN + 1) & runs_of(ours, LONGEST_RUN + 1)


def test_a_copied_sentence_would_be_found() -> None:
    seed = words_of("It is a case study that shows what might be possible for the repair of nerves.")
    page = words_of("<p>He said: it is a case study <b>that</b> shows what might be possible, or not.</p>")
    assert copied_runs(seed, page)
    assert not copied_runs(seed, words_of("<p>A case study shows what might be possible with bones.</p>"))


def test_no_sentence_is_taken_from_the_documents_that_the_newsroom_tells_about() -> None:
    seeds = sorted((SHARED / "inputs" / "00_seeds").glob("*.txt"))
    if not seeds:
        pytest.skip("the seed documents (../shared/inputs/00_seeds) are not here")
    theirs = {seed.name: words_of(seed.read_text("utf-8")) for seed in seeds}
    for row in ROWS:
        if "file" not in row:
            continue
        ours = words_of(text_of(body(row), row["headers"]["content-type"]).replace(NOTICE, " § "))
        for name, words in theirs.items():
            found = copied_runs(words, ours)
            assert not found, f"{row['file']} shares with {name}: {' '.join(min(found))}"
