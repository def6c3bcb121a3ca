"""`new-source`: from an address to a file that loads, over a real server on loopback."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner

import pipeline
from core.config import ROOT, Config, Crawl, SourceFile, checked, load_sources
from core.errors import UsageError
from crawlers.authoring.discover import (
    find_country,
    find_sitemaps,
    guess_feeds,
    guess_include,
    make_ident,
    read_site,
)
from crawlers.authoring.new_source import Draft, draft_source, show_draft
from crawlers.authoring.trial_night import open_trial_night
from tests.nights import rss
from tests.wire import Reply, Wire

HTML = {"content-type": "text/html; charset=utf-8"}
FEED = {"content-type": "application/rss+xml"}
TITLES = (
    "Cells mend torn nerves",
    "A bank opens its freezers",
    "Clinic loses its licence",
    "Mice walk once more",
)


def page(body: str, head: str = "") -> Reply:
    text = f'<!doctype html><html lang="en-GB"><head>{head}</head><body>{body}</body></html>'
    return Reply(200, text.encode(), HTML)


def serve_articles(wire: Wire) -> list[str]:
    """Four pages below /news/; their addresses."""
    words = "Grafted cells mended the nerves of mice within eight weeks, and the animals walked better again. " * 3
    for number, title in enumerate(TITLES):
        dated = f'<meta property="article:published_time" content="2026-11-1{number}">'
        body = f"<article><h1>{title}</h1><p>{words}</p></article>"
        wire.route(f"/news/story-{number}", page(body, f"<title>{title} | Gate Courier</title>{dated}"))
    return [wire.url(f"/news/story-{number}") for number in range(len(TITLES))]


def feed_of(addresses: list[str]) -> Reply:
    return Reply(200, rss(*zip("abcd", addresses, TITLES, strict=False)), FEED)


def draft(url: str) -> Draft:
    crawl = Crawl(contact="mailto:desk@stemwire.example", delay=0.0, retries=0)
    with open_trial_night(Config(crawl=crawl)) as night:
        return draft_source(night, url, allow_private=True)


def loaded(found: Draft) -> SourceFile:
    return checked(SourceFile, {"id": found.source.id, **tomllib.loads(found.text)}, "draft")


def test_the_feed_that_the_head_names(wire: Wire) -> None:
    addresses = serve_articles(wire)
    head = "".join(
        f'<link rel="alternate" type="application/rss+xml" href="{path}">'
        for path in ("/comments/feed", "/few", "/all")
    )
    head += '<title>Home - Gate Courier</title><meta property="og:site_name" content="Gate Courier">'
    wire.route("/", page("<p>Welcome</p>", head))
    wire.route("/few", feed_of(addresses[:1]))
    wire.route("/all", feed_of(addresses))
    found = draft(wire.url("/"))
    source = loaded(found)
    assert source == found.source
    assert [rule.url for rule in source.feed] == [wire.url("/all")]
    assert (source.name, source.lang, source.country) == ("Gate Courier", "en", "GB")
    assert source.expect.entries.min == 1 and source.expect.filled.published == 0.9
    assert len(found.entries) == 4 and found.page is not None and found.failed is None
    assert "Grafted cells" in found.page["text"] and found.page["published"].startswith("2026-11-1")
    shown = "\n".join(show_draft(found))
    assert found.page["title"] in shown and "4 entries" in shown and "Grafted cells" in shown
    assert "/comments/feed" not in wire.paths() and "/feed" not in wire.paths()
    assert found.text.count("# check") == 4


def test_a_feed_at_a_usual_place(wire: Wire) -> None:
    addresses = serve_articles(wire)
    wire.route("/science", page("<p>Welcome</p>"))
    wire.route("/science/rss.xml", feed_of(addresses))
    assert [rule.url for rule in loaded(draft(wire.url("/science"))).feed] == [wire.url("/science/rss.xml")]


def test_an_address_that_is_a_feed(wire: Wire) -> None:
    wire.route("/x.rdf", feed_of(serve_articles(wire)))
    assert [rule.url for rule in loaded(draft(wire.url("/x.rdf"))).feed] == [wire.url("/x.rdf")]


def test_the_sitemap_that_robots_names(wire: Wire) -> None:
    addresses = [*serve_articles(wire), wire.url("/about/us"), wire.url("/contact")]
    wire.route("/", page("<p>Welcome</p>"))
    wire.route("/robots.txt", Reply(200, f"User-agent: *\nAllow: /\nSitemap: {wire.url('/map.xml')}\n".encode(), {}))
    locations = "".join(f"<url><loc>{address}</loc></url>" for address in addresses)
    body = f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{locations}</urlset>'
    wire.route("/map.xml", Reply(200, body.encode(), {"content-type": "application/xml"}))
    found = draft(wire.url("/"))
    (rule,) = loaded(found).sitemap
    assert (rule.url, rule.include) == (wire.url("/map.xml"), "/news/")
    assert len(found.entries) == 4 and found.page is not None and found.page["title"] in TITLES


def test_rows_that_look_like_a_list(wire: Wire) -> None:
    addresses = serve_articles(wire)
    rows = "".join(
        f'<li class="story n{n}"><a class="more" href="{address}">{title}</a><span>Nov 1{n}, 2026</span></li>'
        for n, (address, title) in enumerate(zip(addresses, TITLES, strict=True))
    )
    menu = (
        "<nav>" + "".join(f'<a class="m" href="/m/{n}">One of the many sections {n}</a>' for n in range(9)) + "</nav>"
    )
    wire.route("/", page(f"{menu}<ul>{rows}</ul>", "<title>Gate Courier</title>"))
    found = draft(wire.url("/"))
    (rule,) = loaded(found).listing
    assert rule.item in ("li.story", "a.more") and len(found.entries) == 4
    assert {row["url"] for row in found.entries} == set(addresses)


def test_what_cannot_be_read_says_why(wire: Wire) -> None:
    wire.route("/", page("<p>Welcome</p>"))
    with pytest.raises(UsageError, match="no feed, sitemap or list"):
        draft(wire.url("/"))
    wire.route("/robots.txt", Reply(200, b"User-agent: *\nDisallow: /\n", {"content-type": "text/plain"}))
    wire.forget()
    with pytest.raises(UsageError, match="robots"):
        draft(wire.url("/"))
    assert wire.paths() == []
    with pytest.raises(UsageError, match="no address"):
        draft("gate.example")


def test_a_private_address_is_not_dialled_for_a_person_either(wire: Wire) -> None:
    crawl = Crawl(contact="mailto:desk@stemwire.example", delay=0.0, retries=0)
    with open_trial_night(Config(crawl=crawl)) as night, pytest.raises(UsageError, match="loopback"):
        draft_source(night, wire.url("/"))
    assert wire.seen == []


def test_the_command_writes_a_file_once(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(
        f'[crawl]\ncontact = "mailto:desk@stemwire.example"\ndelay = 0.0\n'
        f'[paths]\ndata = "{tmp_path}/data"\nsources = "{tmp_path}/sources"\n', "utf-8",
    )  # fmt: skip
    arguments = ["--config", str(path), "new-source", "https://news.korea-biolife.example"]
    recorded = ["--recorded", str(ROOT / "demo" / "newsroom")]
    done = CliRunner().invoke(pipeline.main, [*arguments, "--dry-run", *recorded])
    assert done.exit_code == 0 and "14 entries" in done.output, done.output
    done = CliRunner().invoke(pipeline.main, [*arguments, *recorded])
    assert done.exit_code == 2 and "no folder of sources" in done.output
    (tmp_path / "sources").mkdir()
    assert load_sources(tmp_path / "sources") == ([], [])
    assert CliRunner().invoke(pipeline.main, [*arguments, *recorded]).exit_code == 0
    (source,), bad = load_sources(tmp_path / "sources")
    assert (source.id, source.feed[0].url, bad) == ("korea_biolife", "https://news.korea-biolife.example/feed/", [])
    again = CliRunner().invoke(pipeline.main, [*arguments, *recorded])
    assert again.exit_code == 2 and "--name" in again.output


@pytest.mark.parametrize(
    ("url", "ident", "country"),
    [
        ("https://www.koreabiomed.com/news", "koreabiomed", None),
        ("https://news.cell-bank.co.kr/", "cell_bank", "KR"),
        ("https://www.stem.ac.uk/", "stem", "GB"),
        ("https://lab.example.io/", "example", None),
        ("http://localhost:80/", "localhost", None),
    ],
)
def test_ids_and_countries_come_from_the_host(url: str, ident: str, country: str | None) -> None:
    assert (make_ident(url), find_country(url)) == (ident, country)


def test_small_guesses() -> None:
    robots = b"User-agent: *\nsitemap: https://a.example/s.xml\nSitemap: javascript:x\n"
    assert find_sitemaps(robots) == ["https://a.example/s.xml"]
    assert {"https://a.example/n/feed/", "https://a.example/rss.xml"} <= set(guess_feeds("https://a.example/n?x=1"))
    assert guess_include(["https://a.example/n/1", "https://a.example/m/1"], "https://a.example/n/") == "/n/"
    assert guess_include(["https://a.example/1"], "https://a.example/") == "."
    site = read_site(b"<html lang='ko'><title>Home</title></html>", url="https://a.example/", content_type=None)
    assert (site.name, site.lang, site.country, site.feeds, site.item) == ("Home", "ko", None, (), None)
