"""Feeds of our own writing, in the shapes and the broken shapes that real ones have."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawlers.encoding import DecodeError
from crawlers.lists.feeds import MAX_ENTRIES, MAX_FEED, MAX_FIELD, Feed, FeedError, absolute_link, parse_feed
from crawlers.lists.feeds.author_names import parse_authors
from crawlers.lists.feeds.dates import parse_date
from crawlers.lists.feeds.html_text import html_to_line, html_to_text
from crawlers.lists.model import ListEntry

URL = "https://cells.example/news/feed.xml"
FETCHED = "2026-11-22T04:00:00Z"


def read(body: bytes | str, content_type: str | None = None) -> Feed:
    raw = body if isinstance(body, bytes) else body.encode()
    return parse_feed(raw, url=URL, content_type=content_type, fetched=FETCHED)


def rss(*items: str, head: str = "") -> str:
    return (
        f'{head}<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:content="http://purl.org/rss/1.0/modules/content/" '
        'xmlns:prism="http://prismstandard.org/namespaces/basic/2.0/">'
        f"<channel><title>Cell News</title>{''.join(items)}</channel></rss>"
    )


def item(**tags: str) -> str:
    return "<item>" + "".join(f"<{k}>{v}</{k}>" for k, v in tags.items()) + "</item>"


def only(feed: Feed) -> ListEntry:
    (entry,) = feed.entries
    return entry


def test_rss_2() -> None:
    feed = read(
        rss(
            item(
                title="A bank opens",
                link="https://cells.example/n/1",
                guid="n-1",
                description="It holds <b>eighty</b> lines.",
                pubDate="Mon, 06 Sep 2021 11:15:00 +0900",
                author="desk@cells.example (Min Park)",
                category="banks",
            )
        )
    )
    assert (feed.title, feed.kind, feed.encoding, feed.problems, feed.seen) == ("Cell News", "rss", "utf-8", (), 1)
    assert only(feed) == ListEntry(
        native="n-1",
        guid="n-1",
        url="https://cells.example/n/1",
        title="A bank opens",
        summary="It holds eighty lines.",
        published="2021-09-06T02:15:00Z",
        published_raw="Mon, 06 Sep 2021 11:15:00 +0900",
        authors=("Min Park",),
        categories=("banks",),
    )


def test_rss_091_without_guids_or_dates() -> None:
    feed = read(
        '<?xml version="1.0"?><!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" '
        '"http://my.netscape.com/publish/formats/rss-0.91.dtd"><rss version="0.91"><channel>'
        "<title>Old wire</title><language>en-us</language>"
        "<item><title>One</title><link>https://cells.example/1</link></item>"
        "<item><title>Two</title><link>https://cells.example/2</link></item></channel></rss>"
    )
    assert [(e.native, e.title, e.lang, e.published) for e in feed.entries] == [
        ("https://cells.example/1", "One", "en-us", None),
        ("https://cells.example/2", "Two", "en-us", None),
    ]


def test_atom_with_xml_base_and_xhtml() -> None:
    feed = read(
        '<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="ko" xml:base="https://lab.example/blog/">'
        "<title>Lab</title><entry><id>tag:lab.example,2024:7</id>"
        '<title type="html">On &lt;i&gt;Pax6&lt;/i&gt; &amp;amp; eyes</title>'
        '<link rel="self" href="https://lab.example/atom/7"/><link rel="alternate" href="posts/7"/>'
        "<published>2024-05-01T23:30:00-05:00</published><updated>2024-06-01T00:00:00Z</updated>"
        "<author><name>Ada Lovelace</name></author>"
        '<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>First.</p><p>Second.</p></div></content>'
        "</entry></feed>"
    )
    entry = only(feed)
    assert feed.kind == "atom"
    assert (entry.native, entry.url, entry.lang) == ("tag:lab.example,2024:7", "https://lab.example/blog/posts/7", "ko")
    assert (entry.title, entry.content, entry.summary) == ("On Pax6 & eyes", "First.\n\nSecond.", "First. Second.")
    assert (entry.published, entry.updated) == ("2024-05-02T04:30:00Z", "2024-06-01T00:00:00Z")
    assert entry.authors == ("Ada Lovelace",)


RDF = """<?xml version="1.0" encoding="UTF-8"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:prism="http://prismstandard.org/namespaces/basic/2.0/">
<channel rdf:about="https://journal.example/toc"><title>Journal of Crest Cells</title>
 <prism:publicationName>Journal of Crest Cells</prism:publicationName><prism:issn>1234-5679</prism:issn>
 <dc:rights>CC BY 4.0</dc:rights></channel>
<item rdf:about="https://journal.example/articles/a1"><title><![CDATA[Vesicles of <i>crest</i> cells]]></title>
 <link>https://journal.example/articles/a1</link>
 <dc:identifier>doi:10.1000/JCC.1</dc:identifier><dc:identifier>pmid:32123456</dc:identifier>
 <dc:creator>Kim, J.</dc:creator><dc:creator>Lee, S. H.</dc:creator><dc:date>2024-02-03</dc:date>
 <prism:volume>12</prism:volume><prism:number>3</prism:number><prism:section>Article</prism:section>
 <prism:startingPage>101</prism:startingPage><prism:endingPage>110</prism:endingPage></item>
<item rdf:about="https://journal.example/doi/full/10.1000/jcc.2?af=R"><title>Second</title>
 <link>https://journal.example/doi/full/10.1000/jcc.2?af=R</link>
 <prism:doi>https://doi.org/10.1000/jcc.2</prism:doi><prism:url>https://other.example/10.1000/jcc.9</prism:url></item>
</rdf:RDF>"""


def test_rdf_with_prism_and_two_identifiers() -> None:
    feed = read(RDF)
    first, second = feed.entries
    assert feed.kind == "rdf"
    assert first.identifiers == {"doi": ["10.1000/jcc.1"], "pmid": ["32123456"]}
    assert (first.title, first.published, first.authors) == (
        "Vesicles of crest cells",
        "2024-02-03",
        ("Kim, J.", "Lee, S. H."),
    )
    assert first.extra == {
        "journal": "Journal of Crest Cells",
        "issn": "1234-5679",
        "licence": "CC BY 4.0",
        "volume": "12",
        "issue": "3",
        "section": "Article",
        "pages": "101-110",
    }
    assert second.identifiers == {"doi": ["10.1000/jcc.2"]}


@pytest.mark.parametrize(
    ("tags", "found"),
    [
        ({"guid": "10.1000/abc.1"}, {"doi": ["10.1000/abc.1"]}),
        ({"guid": "doi:10.1000/abc.1"}, {"doi": ["10.1000/abc.1"]}),
        (
            {"link": "https://www.biorxiv.org/content/10.1101/2024.01.02.573999v2"},
            {"doi": ["10.1101/2024.01.02.573999"]},
        ),
        ({"link": "https://pubmed.ncbi.nlm.nih.gov/32123456/?utm=1"}, {"pmid": ["32123456"]}),
        ({"guid": "https://clinicaltrials.gov/study/NCT01234567"}, {"nct": ["NCT01234567"]}),
        ({"dc:identifier": "urn:issn:1234-5679", "prism:doi": "10.1000/x"}, {"doi": ["10.1000/x"]}),
        ({"prism:doi": "10.1000/x", "dc:identifier": "doi: 10.1000/X"}, {"doi": ["10.1000/x"]}),
        ({"dc:source": "Crest 12, 3 (2024); doi:10.1000/s.1"}, {"doi": ["10.1000/s.1"]}),
        ({"description": "as shown in doi:10.1000/of.others"}, {}),
    ],
)
def test_identifiers_come_from_every_field_that_names_the_item(
    tags: dict[str, str], found: dict[str, list[str]]
) -> None:
    assert only(read(rss(item(title="x", **tags)))).identifiers == found


@pytest.mark.parametrize(
    ("tags", "journal"),
    [
        ({"dc:source": "Crest Cell Reports"}, "Crest Cell Reports"),
        ({"dc:source": "Crest, Published online: 3 May 2024"}, None),
        ({"source": "Some Newspaper"}, None),
        ({"dc:source": "Other", "prism:publicationName": "Crest"}, "Crest"),
    ],
)
def test_journal(tags: dict[str, str], journal: str | None) -> None:
    assert only(read(rss(item(title="x", **tags)))).extra.get("journal") == journal


def test_json_feed() -> None:
    feed = read(
        json.dumps(
            {
                "version": "https://jsonfeed.org/version/1.1",
                "title": "줄기세포 소식",
                "language": "ko_KR",
                "items": [
                    {
                        "id": 7,
                        "url": "/n/7",
                        "title": "<b>새</b> 세포주",
                        "content_html": "<p>가</p><script>x()</script>",
                        "date_published": "2024-04-16T11:15:00+09:00",
                        "authors": [{"name": "김 민"}, "no object"],
                        "tags": ["bank", 3, None],
                    },
                    "no object",
                    {"id": "8", "author": {"name": "Min"}, "content_text": "1 < 2", "items": []},
                ],
            }
        )
    )
    first, second = feed.entries
    assert (feed.kind, feed.title, len(feed.problems)) == ("json", "줄기세포 소식", 1)
    assert (first.native, first.url, first.title, first.content) == (
        "7",
        "https://cells.example/n/7",
        "새 세포주",
        "가",
    )
    assert (first.published, first.authors, first.categories, first.lang) == (
        "2024-04-16T02:15:00Z",
        ("김 민",),
        ("bank", "3"),
        "ko-kr",
    )
    assert (second.native, second.summary, second.authors) == ("8", "1 < 2", ("Min",))


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (
            rss(item(title="똠방각하 뷁", guid="1"), head='<?xml version="1.0" encoding="euc-kr"?>').encode("cp949"),
            None,
        ),
        (rss(item(title="똠방각하 뷁", guid="1")).encode("cp949"), None),
        (rss(item(title="똠방각하 뷁", guid="1")).encode("cp949"), "text/xml; charset=EUC-KR"),
        (rss(item(title="똠방각하 뷁", guid="1"), head='<?xml version="1.0" encoding="utf-8"?>').encode("cp949"), None),
        (
            rss(item(title="똠방각하 뷁", guid="1"), head='<?xml version="1.0" encoding="UTF-16"?>').encode("utf-16"),
            None,
        ),
        (
            rss(item(title="똠방각하 뷁", guid="1"), head='<?xml version="1.0" encoding="UTF-16"?>').encode(
                "utf-16-be"
            ),
            None,
        ),
        (rss(item(title="똠방각하 뷁", guid="1")).encode("utf-8-sig"), "text/html; charset=iso-8859-1"),
    ],
)
def test_korean_in_every_encoding(body: bytes, content_type: str | None) -> None:
    assert only(read(body, content_type)).title == "똠방각하 뷁"


def test_markup_never_survives_as_markup() -> None:
    payloads = [
        "<svg/onload=alert(1)>cells",
        "<iframe/src=javascript:alert(1)>x</iframe>cells",
        "<img src=x onerror=alert(1)//cells",
        "cells<script>alert(1)</script>",
        "<a href='javascript:alert(1)'>cells</a>",
        "<body/onload=alert(1)>cells",
        "<style>*{x:y}</style>cells",
    ]
    for payload in payloads:
        escaped = payload.replace("&", "&amp;").replace("<", "&lt;")
        entry = only(read(rss(item(title=escaped, guid="1", description=escaped))))
        for text in (entry.title, entry.summary):
            assert "alert" not in text and "<" not in text, payload


def test_text_that_only_looks_like_markup_stays() -> None:
    assert html_to_line("p &lt; 0.05 and 3 &gt; 2") == "p < 0.05 and 3 > 2"
    assert html_to_line("p < 0.05 &amp;amp; more") == "p < 0.05 &amp; more"
    assert html_to_text("one<br>two<p>three</p>four\nfive <i>six</i>") == "one\ntwo\n\nthree\n\nfour five six"
    assert html_to_text("no tags\n\nbut paragraphs") == "no tags\n\nbut paragraphs"


@pytest.mark.parametrize(
    "href",
    ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "//", "https://", "http://[::1", "mailto:x@y"],
)
def test_links_are_http_or_dropped_with_a_problem(href: str) -> None:
    feed = read(rss(item(title="x", guid="g", link=href)))
    assert only(feed).url is None
    assert any("not http(s)" in problem for problem in feed.problems)


def test_absolute() -> None:
    assert absolute_link("../a b?q=세포", "https://x.example/n/f") == "https://x.example/a%20b?q=%EC%84%B8%ED%8F%AC"
    assert absolute_link("//cdn.example/x", "https://x.example/") == "https://cdn.example/x"
    assert absolute_link("https://x.example:99999/", URL) is None


@pytest.mark.parametrize(
    ("raw", "date"),
    [
        ("2021년 9월 6일", "2021-09-06"),
        ("2021년 9월 6일 (월) 오후 3시 05분", "2021-09-06"),
        ("2021年9月6日", "2021-09-06"),
        ("2021.09.06 11:15", "2021-09-06"),
        ("2021-13-06", None),
        ("Mon, 06 Mon 2021 00:00:00 GMT", None),
        ("99999999999999999999", None),
        ("06/09/2021", None),
        ("2021-09-06T11:15:00.123+09:00", "2021-09-06T02:15:00Z"),
        ("2021-09-06T24:00:00Z", "2021-09-07T00:00:00Z"),
        ("2021-02-30", None),
        ("Mon, 6 Sep 2021 11:15 KST", "2021-09-06T02:15:00Z"),
        ("Mon, 6 Sep 2021 11:15:00 XYZ", "2021-09-06"),
        ("Thu,28 Jul 2022 4:35:05 GMT", "2022-07-28T04:35:05Z"),
        ("Thu, 07 Dec 17 10:00:00 GMT", "2017-12-07T10:00:00Z"),
        ("Thu,28 Jul 2022 4:35:5 GMT+9", "2022-07-27T19:35:05Z"),
        ("Thu, 28 Jul 2022 04:35:05 UTC-03:30", "2022-07-28T08:05:05Z"),
        ("Jun 19, 2025", "2025-06-19"),
        ("Jun 19, 2025 10:00 PM EST", "2025-06-20T03:00:00Z"),
        ("Monday, September 6th, 2021", "2021-09-06"),
        ("6 September 2021", "2021-09-06"),
        ("Mon Sep 06 11:15:00 KST 2021", "2021-09-06T02:15:00Z"),
        ("20210906", "2021-09-06"),
        ("1989-12-31", None),
        ("1990-01-01", "1990-01-01"),
        ("2026-11-23", "2026-11-23"),
        ("2026-11-24", None),
        ("0000-00-00", None),
        ("yesterday", None),
        ("", None),
        (None, None),
    ],
)
def test_dates_are_right_or_none(raw: str | None, date: str | None) -> None:
    assert parse_date(raw, FETCHED) == date


def test_a_date_that_is_not_believed_keeps_its_words() -> None:
    feed = read(rss(item(title="x", guid="1", pubDate="2199-01-01"), item(title="y", guid="2", pubDate="soon")))
    assert [(e.published, e.published_raw) for e in feed.entries] == [(None, "2199-01-01"), (None, "soon")]
    assert feed.problems == ("dates not read or not believable: 2, such as '2199-01-01'",)


@pytest.mark.parametrize(
    ("raw", "people"),
    [
        (["Kim, J., Lee, S. H., Park, M."], ("Kim, J.", "Lee, S. H.", "Park, M.")),
        (["Ada Lovelace, Alan Turing, and Grace Hopper"], ("Ada Lovelace", "Alan Turing", "Grace Hopper")),
        (["Ada Lovelace and Alan Turing"], ("Ada Lovelace", "Alan Turing")),
        (["Lovelace, Ada; Turing, Alan"], ("Lovelace, Ada", "Turing, Alan")),
        (["Ada Lovelace, University of Crest, Example Town"], ("Ada Lovelace, University of Crest, Example Town",)),
        (["someone@cells.example"], ()),
        (["Park M", "et al."], ("Park M",)),
        (["By Min Park", "Min Park", ""], ("Min Park",)),
        (["김민, 이수"], ("김민, 이수",)),
    ],
)
def test_names(raw: list[str], people: tuple[str, ...]) -> None:
    assert parse_authors(raw) == people


@pytest.mark.parametrize(
    ("body", "came"),
    [
        (b"", "empty body"),
        (b" \n\t", "empty body"),
        (b"<!DOCTYPE html><html><head><title>Sign in</title></head><body><form></form></body></html>", "'Sign in'"),
        (b"Service temporarily unavailable", "Service temporarily"),
        (b'{"error": "no such feed"}', "JSON without a list of items"),
        (b"{not json", "JSON that cannot be read"),
        (b"[" * 50_000, "JSON that cannot be read"),
        (b"%PDF-1.4 ...", "PDF"),
        (b"x" * (MAX_FEED + 1), "at most"),
        (b"<rss><item " + b" ".join(b"a%d='1'" % i for i in range(20_000)) + b"/></rss>", "20000 attributes"),
    ],
    ids=lambda value: value if isinstance(value, str) else "body",
)
def test_what_is_no_feed_is_refused_in_one_line(body: bytes, came: str) -> None:
    with pytest.raises(FeedError, match=came) as caught:
        read(body)
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 300


def test_an_empty_feed_is_a_feed() -> None:
    feed = read(rss())
    assert (feed.entries, feed.seen, feed.title) == ((), 0, "Cell News")


def test_a_truncated_feed_keeps_what_came() -> None:
    whole = rss(*(item(title=f"t{i}", guid=f"g{i}", link=f"https://cells.example/{i}") for i in range(5)))
    feed = read(whole[: whole.index("t4") + 2])
    assert [entry.native for entry in feed.entries][:4] == ["g0", "g1", "g2", "g3"]
    assert any(problem.startswith("malformed:") for problem in feed.problems)


def test_two_feeds_pasted_together() -> None:
    one = rss(item(title="a", guid="a", link="https://cells.example/a"))
    two = rss(item(title="a", guid="a", link="https://cells.example/a"), item(title="b", guid="b"))
    feed = read(one + two)
    assert ([entry.native for entry in feed.entries], feed.seen) == (["a", "b"], 3)


def test_references_that_xml_forbids() -> None:
    feed = read(rss(item(title="a&#xD800;b&#0;c&#11;d&#150;e&#x1F9EC;", guid="1")) + "\x00\x0b")
    assert only(feed).title == "abcd–e🧬"


def test_undefined_entities_and_stray_ampersands() -> None:
    entry = only(read(rss(item(title="caf&eacute;&nbsp;R&D", guid="1", link="https://cells.example/?a=1&b=2"))))
    assert (entry.title, entry.url) == ("café R&D", "https://cells.example/?a=1&b=2")


BOMB = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))


def test_entities_are_not_expanded_and_nothing_is_fetched(tmp_path: Path) -> None:
    laughs = f'<!DOCTYPE rss [<!ENTITY e0 "ha">{BOMB}]>'
    entry = only(read(rss(item(title="&e9;", guid="1", description="calm"), head=laughs)))
    assert len(entry.title) < 1000
    secret = tmp_path / "secret"
    secret.write_text("10.1000/secret")
    outside = f'<!DOCTYPE rss [<!ENTITY x SYSTEM "{secret.as_uri()}"><!ENTITY y SYSTEM "http://127.0.0.1:9/">]>'
    named = {"dc:creator": "Min &x;", "prism:doi": "&x;", "prism:section": "&x;&y;"}
    entry = only(read(rss(item(title="a&x;b&y;", guid="1", **named), head=outside)))
    assert "secret" not in repr(entry)


def test_one_guid_for_many_links_is_many_entries() -> None:
    feed = read(rss(*(item(title="Daily", guid="same", link=f"https://cells.example/{i}") for i in range(50))))
    assert len({entry.native for entry in feed.entries}) == len(feed.entries) == 50
    again = read(rss(*(item(title="Daily", guid="same", link=f"https://cells.example/{i}") for i in (7, 3))))
    assert [entry.native for entry in again.entries] == ["https://cells.example/7", "https://cells.example/3"]


def test_true_duplicates_are_one_and_near_ones_are_not() -> None:
    same = item(title="a", guid="g", link="https://cells.example/a")
    other = item(title="A, corrected", guid="g", link="https://cells.example/a")
    feed = read(rss(same, same, other))
    assert [entry.title for entry in feed.entries] == ["a", "A, corrected"]
    assert len({entry.native for entry in feed.entries}) == 2
    assert feed.entries[0].native == "g"


def test_native_falls_back_to_doi_link_and_fingerprint() -> None:
    feed = read(
        rss(
            item(title="a", link="https://cells.example/a", **{"prism:doi": "10.1000/a"}),
            item(title="b", link="https://cells.example/b"),
            item(title="c", description="only words"),
            item(),
        )
    )
    assert [entry.native for entry in feed.entries[:2]] == ["doi:10.1000/a", "https://cells.example/b"]
    assert feed.entries[2].native.startswith("hash:1")
    assert (len(feed.entries), feed.seen) == (3, 4)
    assert "say nothing" in feed.problems[-1]


def test_caps_name_what_they_cut() -> None:
    feed = read(rss(*(item(guid=f"g{i}") for i in range(MAX_ENTRIES + 5))))
    assert len(feed.entries) == MAX_ENTRIES
    assert feed.problems == (f"{MAX_ENTRIES + 5} entries came, {MAX_ENTRIES} were read",)
    feed = read(rss(item(title="long", guid="1", description="x " * MAX_FIELD)))
    assert len(only(feed).summary) <= MAX_FIELD
    assert "cut to" in feed.problems[0]


def test_a_feed_can_be_pickled() -> None:
    feed = read(RDF)
    assert pickle.loads(pickle.dumps(feed)) == feed
    with pytest.raises(FeedError) as caught:
        read(b"")
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


def clean(text: str | None) -> bool:
    return text is None or not any((ord(c) < 32 and c != "\n") or 0xD800 <= ord(c) < 0xE000 for c in text)


PIECES = [
    b"<rss><channel>", b"<item>", b"</item>", b"<title>", b"</title>", b"<link>", b"javascript:x", b"http://[",
    b"&#xD800;", b"&#99999999999;", b"<![CDATA[", b"]]>", b"<feed xmlns='http://www.w3.org/2005/Atom'>", b"<entry>",
    b"</entry>", b"<guid>1</guid>", b"\xff\xfe", b"\x00", b"<pubDate>2021-13-99</pubDate>", b"<!--", b"&nbsp;", b"&",
    b"<dc:identifier>10.1000/\xed\xa0\x80", b'<?xml version="1.0" encoding="utf-7"?>', b'{"items":[{"id":', b"}]}",
    b"<!DOCTYPE x [<!ENTITY a 'b'>", b"\xec\xa4\x84", b"&a;", b"<author><name>x", b"<content type='xhtml'><div>",
    b"<content mode='base64'>!", b"xml:base='http://[' ", b"<rdf:RDF xmlns:rdf='x'>", b"<a:b c='", b">", b"<svg>",
]  # fmt: skip


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(st.sampled_from(PIECES) | st.binary(max_size=8), max_size=25).map(b"".join))
def test_any_bytes_give_a_feed_or_a_refusal(body: bytes) -> None:
    try:
        feed = read(body)
    except (FeedError, DecodeError):
        return
    for entry in feed.entries:
        assert entry.native
        assert entry.url is None or entry.url.startswith(("http://", "https://"))
        assert all(
            clean(text) for text in (entry.title, entry.summary, entry.content, entry.native, entry.published_raw)
        )


def test_the_caption_of_a_picture_is_not_the_text_of_an_item() -> None:
    media = "xmlns:media='http://search.yahoo.com/mrss/'"
    caption = "<media:description>A dish on a bench.</media:description>"
    item = f"<title>Cells</title><link>https://a.example/1</link>{caption}<description>They grew.</description>"
    feed = f"<rss version='2.0' {media}><channel><title>N</title><item>{item}</item></channel></rss>"
    (entry,) = parse_feed(feed.encode(), url="https://a.example/f", content_type=None, fetched=FETCHED).entries
    assert (entry.summary, entry.content) == ("They grew.", "")
    video = feed.replace(caption, f"<media:group>{caption}</media:group>").replace("They grew.", "")
    (entry,) = parse_feed(video.encode(), url="https://a.example/f", content_type=None, fetched=FETCHED).entries
    assert entry.summary == "A dish on a bench."
