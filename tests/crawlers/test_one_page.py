"""One page that a person names: fetched from a real server, under every guard of the crawl."""

from __future__ import annotations

import gzip

import pytest

from crawlers.documents.read_given import NotText, read_given
from crawlers.fetch.one_page import NotFetched, Terms, fetch_page
from crawlers.fetch.settings import REDIRECTS
from tests.crawlers.test_pdf import make_pdf
from tests.wire import Reply, Wire

TERMS = Terms(contact="mailto:desk@stemwire.example", timeout=5, max_size=200_000, opened=frozenset({"127.0.0.1"}))
PAGE = (
    b"<!doctype html><html lang=en><head><title>Cells in mice</title></head><body><article><h1>Cells in mice</h1>"
    b"<p>A group grew cells in mice and saw that the mice walked again after eight weeks of care.</p>"
    b"<p>The work is <a href='https://doi.org/10.5555/cfr.2026.008'>here</a>, and it is about nerves of mice.</p>"
    b"</article></body></html>"
)
HTML = {"Content-Type": "text/html"}


def test_a_page_is_fetched_with_an_honest_name(wire: Wire) -> None:
    wire.route("/a", Reply(body=PAGE, headers=HTML))
    page = fetch_page(wire.url("/a"), TERMS)
    assert page.body == PAGE
    assert wire.paths(robots=True) == ["/robots.txt", "/a"]
    assert wire.seen[-1].headers["user-agent"] == "Stemwire/1.0 (+mailto:desk@stemwire.example)"


@pytest.mark.parametrize("host", ["127.0.0.2", "localhost", "127.1", "2130706434", "[::1]", "0.0.0.0"])
def test_addresses_that_are_not_public_are_refused(wire: Wire, host: str) -> None:
    with pytest.raises(NotFetched):
        fetch_page(f"http://{host}:{wire.port}/a", TERMS)
    with pytest.raises(NotFetched, match="its address is"):
        fetch_page(f"http://{host}/a", TERMS)
    assert not wire.seen


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.org/a", "file:///etc/passwd", "http://", "javascript:alert(1)", "http://a b/", "http://[::1",
        "http://user:secret@example.org/", "http://example.org:22/", "http://example.org/\r\nX: y",
        "http://" + "a" * 3000,
    ],
)  # fmt: skip
def test_what_is_no_address_of_the_web_is_refused(url: str) -> None:
    with pytest.raises(NotFetched):
        fetch_page(url, TERMS)


def test_a_redirect_to_an_address_that_is_not_public_is_refused(wire: Wire) -> None:
    wire.route("/a", Reply(status=302, headers={"Location": wire.url("/secret", host="127.0.0.2")}))
    with pytest.raises(NotFetched, match=r"port|loopback"):
        fetch_page(wire.url("/a"), TERMS)
    wire.route("/b", Reply(status=302, headers={"Location": "http://127.0.0.2/secret"}))
    with pytest.raises(NotFetched, match="loopback"):
        fetch_page(wire.url("/b"), TERMS)
    assert {seen.host for seen in wire.seen} == {"127.0.0.1"}


def test_redirects_end(wire: Wire) -> None:
    wire.route("/a", Reply(status=302, headers={"Location": "/a"}))
    with pytest.raises(NotFetched, match="redirects more than"):
        fetch_page(wire.url("/a"), TERMS)
    assert wire.paths().count("/a") == REDIRECTS + 1


def test_robots_are_obeyed(wire: Wire) -> None:
    wire.route("/robots.txt", Reply(body=b"User-agent: *\nDisallow: /private\n"))
    wire.route("/private/a", Reply(body=PAGE, headers=HTML))
    wire.route("/open", Reply(status=302, headers={"Location": "/private/a"}))
    for path in ("/private/a", "/open"):
        with pytest.raises(NotFetched, match=r"robots\.txt disallows"):
            fetch_page(wire.url(path), TERMS)
    assert "/private/a" not in wire.paths()


def test_without_readable_robots_nothing_is_fetched(wire: Wire) -> None:
    wire.route("/robots.txt", Reply(status=503))
    with pytest.raises(NotFetched, match=r"robots\.txt .* cannot be read"):
        fetch_page(wire.url("/a"), TERMS)
    assert not wire.paths()


def test_size_is_limited_before_and_after_unpacking(wire: Wire) -> None:
    wire.route("/long", Reply(body=b"x" * 300_000, headers=HTML))
    wire.route("/endless", Reply(body=b"x" * 10_000, chunks=100_000, headers=HTML))
    wire.route("/bomb", Reply(body=gzip.compress(b"x" * 50_000_000), headers={**HTML, "Content-Encoding": "gzip"}))
    for path in ("/long", "/endless", "/bomb"):
        with pytest.raises(NotFetched, match="larger than"):
            fetch_page(wire.url(path), TERMS)


def test_packed_pages_are_unpacked_and_damage_is_named(wire: Wire) -> None:
    packed = gzip.compress(PAGE)
    wire.route("/good", Reply(body=packed, headers={**HTML, "Content-Encoding": "gzip"}))
    wire.route("/bad", Reply(body=b"no gzip at all", headers={**HTML, "Content-Encoding": "gzip"}))
    wire.route("/other", Reply(body=b"x", headers={**HTML, "Content-Encoding": "br"}))
    assert fetch_page(wire.url("/good"), TERMS).body == PAGE
    with pytest.raises(NotFetched, match="damaged"):
        fetch_page(wire.url("/bad"), TERMS)
    with pytest.raises(NotFetched, match="not asked for"):
        fetch_page(wire.url("/other"), TERMS)


def test_time_is_limited(wire: Wire) -> None:
    wire.route("/slow", Reply(body=PAGE, delay=3))
    hasty = Terms(contact="mailto:desk@stemwire.example", timeout=1, opened=frozenset({"127.0.0.1"}))
    with pytest.raises(NotFetched, match="no answer in 1 seconds"):
        fetch_page(wire.url("/slow"), hasty)


def test_answers_that_are_no_page_are_named(wire: Wire) -> None:
    wire.route("/gone", Reply(status=404))
    with pytest.raises(NotFetched, match="answered 404"):
        fetch_page(wire.url("/gone"), TERMS)


def test_a_page_gives_title_text_and_links(wire: Wire) -> None:
    wire.route("/a", Reply(body=PAGE, headers=HTML))
    read = read_given(url=wire.url("/a"), contact=TERMS.contact, timeout=5, max_size=200_000, opened=("127.0.0.1",))
    assert read["title"] == "Cells in mice"
    assert "walked again" in read["text"]
    assert any("10.5555/cfr.2026.008" in link for link in read["links"])


def given(body: bytes) -> str:
    read = read_given(body=body, contact=TERMS.contact, timeout=5, max_size=200_000)
    return str(read["text"])


def test_plain_text_is_cleaned() -> None:
    assert given("Mice\u202e walked\u200b.\r\n\r\n\r\n\r\nThey did.".encode()) == "Mice walked.\n\nThey did."
    assert given("줄기세포 133건 분양, 다섯 해 평균의 1.8배".encode("cp949")).startswith("줄기세포 133건")
    assert given("Mice walked.".encode("utf-16")) == "Mice walked."
    assert "consent" in given(make_pdf(["Every bank names the consent of its donors, for each line."]))


@pytest.mark.parametrize(
    "body",
    [
        b"", b" \n ", b"\x00\x01\x02\x03", b"\x89PNG\r\n\x1a\n\x00\x00", b"PK\x03\x04\x00\x00", b"text with \x00 in it",
        b"\x1b\x1b\x1b\x02\x03 text", "\u202e\u200b\u2066".encode(), b"%PDF-1.7 nothing more", b"x" * 300_000,
        b"<html></html>", b"!!! ??? ...",
    ],
)  # fmt: skip
def test_what_is_no_text_is_named(body: bytes) -> None:
    with pytest.raises(NotText) as caught:
        given(body)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 200
