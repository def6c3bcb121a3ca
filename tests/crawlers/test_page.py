"""Pages of our own in the habits of real sites: what comes out, and what stays outside."""

# Markup stands on long lines, as it does in the pages that it imitates.
# ruff: noqa: E501

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawlers.pages import PageError, PageRules, PageText, read_page

BODY = (
    "The bank keeps its lines in liquid nitrogen and thaws a vial only when a laboratory has asked for it.",
    "Every vial is typed before it leaves, and the report goes with it, so that nobody has to repeat the work.",
    "Laboratories pay the courier and nothing else, which is why small groups ask as often as large ones do.",
    "Next year the bank will add lines from patients with muscle diseases, made from a spoonful of blood.",
)
TEXT = "\n\n".join(BODY)


def read(
    page: str | bytes,
    url: str = "https://news.example/story",
    *,
    rules: PageRules | None = None,
    hint_title: str | None = None,
    hint_date: str | None = None,
) -> PageText:
    body = page.encode() if isinstance(page, str) else page
    return read_page(
        body, url=url, content_type=None, fetched="2026-03-01T04:00:00Z",
        rules=rules, hint_title=hint_title, hint_date=hint_date,
    )  # fmt: skip


def paragraphs(lines: Sequence[str] = BODY) -> str:
    return "".join(f"<p>{line}</p>" for line in lines)


def wordpress(inside: str = "", head: str = "", title: str = "The bank that lends cells") -> str:
    return f"""<!DOCTYPE html><html lang="en-GB"><head><title>{title} | Cell Weekly</title>
    <meta property="og:title" content="{title} | Cell Weekly"><meta property="og:site_name" content="Cell Weekly">{head}</head>
    <body class="single has-sidebar"><nav><ul><li><a href="/">Home</a></li></ul></nav>
    <article><header><h1 class="entry-title">{title}</h1></header>
    <div class="entry-content">{paragraphs()}{inside}</div></article>
    <footer>© 2026 Cell Weekly. All rights reserved.</footer></body></html>"""


def gnuboard(stamp: str) -> str:
    return f"""<!doctype html><html lang="ko"><head><meta charset="utf-8"><title>제대혈이란 무엇인가요 &gt; 질문과 답변 | 푸른 의원</title></head>
    <body><div id="hd"><h1 id="hd_h1">제대혈이란 무엇인가요 &gt; 질문과 답변</h1></div><article id="bo_v"><header>
    <h2 id="bo_v_title"><span class="bo_v_tit">제대혈이란 무엇인가요</span></h2></header>
    <section id="bo_v_info"><h2>페이지 정보</h2><span class="sound_only">작성자</span> <strong>최고관리자</strong>
    <span class="sound_only">댓글</span> 0건 <span class="sound_only">조회</span> 1,301회 {stamp}</section>
    <section id="bo_v_atc"><div id="bo_v_con">{"<br><br>".join(KOREAN)}</div></section>
    <section id="bo_vc"><h2>댓글목록</h2><p>등록된 댓글이 없습니다.</p></section><a href="#">목록</a></article></body></html>"""


KOREAN = (
    "제대혈은 아기가 태어난 뒤 탯줄과 태반에 남아 있는 피를 말하며 조혈모세포가 많이 들어 있습니다.",
    "보관은 액체 질소 탱크에서 이루어지고 필요할 때 녹여서 이식에 씁니다. 검사 결과는 함께 보관됩니다.",
    "이식이 가능한지는 주치의와 상담해야 하며 모든 질환에 쓸 수 있는 것은 아니라는 점을 알아 두십시오.",
)


def test_wordpress_gives_title_text_and_no_furniture() -> None:
    page = read(
        wordpress(
            '<div class="sharedaddy"><a href="#">Share on Facebook</a></div><p><a href="/x">Read more: How cells travel</a></p>'
            "<p>Subscribe to our newsletter to get news in your inbox.</p><p>3 Comments</p><p>Photo: Cell Weekly/Kim</p>"
        )
    )
    assert page.title == "The bank that lends cells"
    assert page.text == TEXT
    assert page.lang == "en"


def test_gnuboard_gives_the_post_and_its_day() -> None:
    page = read(gnuboard('<strong class="if_date"><span class="sound_only">작성일</span> 24-04-16 11:15</strong>'))
    assert page.title == "제대혈이란 무엇인가요"
    assert (page.published, page.published_from) == ("2024-04-16", "label")
    assert page.lang == "ko"
    assert all(sentence in page.text for sentence in KOREAN)
    for left in ("페이지 정보", "작성자", "조회", "등록된 댓글", "목록"):
        assert left not in page.text


def test_drupal_and_company_pages() -> None:
    page = read(
        f"""<html lang=en><head><title>A bank of cells : Harbour.net</title></head><body><div class="region-header"><h1>A bank of cells</h1></div>
        <div class="field--name-field-date">Release Date:2024-08-12</div><div class="field--name-body">{paragraphs()}<p>IMG_256</p>
        <p>hong@harbour.example</p></div><p><a href="/l">Return to List</a></p><p>Prve:<a href="/1">Another thing</a></p>
        <p>Next:<a href="/2">Yet another</a></p></body></html>"""
    )
    assert (page.title, page.published) == ("A bank of cells", "2024-08-12")
    assert page.text == TEXT


def test_amp_and_trackers_fold_onto_one_address() -> None:
    for url in (
        "https://amp.news.example/2025/cells/?utm_source=x&fbclid=1",
        "https://m.news.example/2025/cells/amp/#top",
        "https://news.example:443/2025/cells/?outputType=amp",
        "https://news-example.cdn.ampproject.org/c/s/news.example/2025/cells/",
    ):
        assert read(wordpress(), url=url).canonical == "https://news.example/2025/cells/"


def test_canonical_of_a_board_keeps_its_query() -> None:
    url = "https://clinic.example/bbs/board.php?bo_table=qa&wr_id=12&utm_medium=mail"
    assert read(wordpress(), url=url).canonical == "https://clinic.example/bbs/board.php?bo_table=qa&wr_id=12"


@pytest.mark.parametrize("said", ["https://elsewhere.example/a", "javascript:alert(1)", "/", "http://[broken", ""])
def test_a_canonical_link_that_cannot_be_is_not_believed(said: str) -> None:
    page = read(wordpress(head=f'<link rel="canonical" href="{said}">'), url="https://news.example/a?b=1")
    assert page.canonical == "https://news.example/a?b=1"


def test_translation_notice_becomes_a_field() -> None:
    page = read(wordpress("<p>※ This article has been translated by AI. Share your feedback here.</p>"))
    assert page.translated == "This article has been translated by AI"
    assert "translated" not in page.text
    assert read(wordpress()).translated is None
    about = "The protein is translated by ribosomes in the cell, and the report was written by the authors."
    assert read(wordpress(f"<p>{about}</p>")).translated is None


def test_links_that_name_papers_and_identifiers() -> None:
    page = read(
        wordpress(
            '<p>The <a href="https://doi.org/10.1000/xyz">paper</a> and the <a href="https://clinicaltrials.gov/study/NCT01234567">trial</a>,'
            ' not the <a href="https://shop.example/">shop</a>, are where the numbers in this story were taken from.</p>',
            head='<meta name="citation_doi" content="doi:10.1000/xyz"><meta name="citation_pmid" content="123">',
        )
    )
    assert page.links == ("https://doi.org/10.1000/xyz", "https://clinicaltrials.gov/study/NCT01234567")
    assert page.identifiers == {"doi": ["10.1000/xyz"], "pmid": ["123"]}


def test_authors_come_from_data_without_roles_and_accounts() -> None:
    data = {"@type": "NewsArticle", "author": [{"name": "Hong Sora"}, {"name": "admin"}, {"name": "Jan Kowalski"}]}
    page = read(wordpress(head=f'<script type="application/ld+json">{json.dumps(data)}</script>'))
    assert page.authors == ("Hong Sora", "Jan Kowalski")
    assert read(wordpress("<p>By Hong Sora</p>")).authors == ("Hong Sora",)


def test_rules_come_before_the_general_extractor() -> None:
    page = read(
        f"""<html><body><h1>Wrong</h1><h2 class=t>Right</h2><div class=who>Kim Nari</div><div class=d>2025.06.19</div>
        <div class=story>{paragraphs()}<div class=box>A box that the source knows to be no text at all, long as it is.</div></div>
        <p>{"This stands outside of the story and is long enough to be taken for one. " * 5}</p></body></html>""",
        rules=PageRules(title="h2.t", body=".story", date=".d", author=".who", drop=(".box",)),
    )
    assert (page.title, page.published, page.published_from) == ("Right", "2025-06-19", "rule")
    assert page.authors == ("Kim Nari",)
    assert page.text == TEXT


def test_a_selector_that_cannot_be_used_is_named() -> None:
    with pytest.raises(PageError, match="p:nonsense"):
        read(wordpress(), rules=PageRules(body="p:nonsense("))


def test_hints_fill_what_the_page_does_not_say() -> None:
    page = read(f"<html><body>{paragraphs()}</body></html>", hint_title="From the feed", hint_date="2025-05-05")
    assert (page.title, page.published, page.published_from) == ("From the feed", "2025-05-05", "hint")


def test_hidden_article_is_read_from_data() -> None:
    data = {"@type": "Article", "headline": "Cells", "articleBody": "\n".join(BODY * 2)}
    page = read(
        f'<html><head><script type="application/ld+json">{json.dumps(data)}</script></head><body><h1>Cells</h1>'
        "<p>Subscribers can read the whole story here.</p></body></html>"
    )
    assert page.text.startswith(BODY[0])


def test_a_page_that_is_too_large_is_refused_with_its_size() -> None:
    with pytest.raises(PageError, match="over the limit"):
        read(b"<html><body>" + b"<p>x</p>" * 300_000)
    with pytest.raises(PageError, match="9000000 bytes"):
        read(b"x" * 9_000_000)


def test_a_page_made_large_by_scripts_is_read() -> None:
    page = read(wordpress(head="<script>" + "x=1;" * 700_000 + "</script>"))
    assert page.text == TEXT


def test_titles_and_names_are_plain() -> None:
    page = read(wordpress(title="Cells \u202egrow\u202c &#xD800; &#0; tall\xad er"))
    assert page.title.isprintable()
    assert "\u202e" not in page.title and "\xad" not in page.title


@given(st.binary(max_size=3000))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_bytes_never_raise_anything_but_page_error(body: bytes) -> None:
    try:
        page = read(body)
    except PageError:
        return
    assert isinstance(page, PageText)


@given(
    st.lists(
        st.sampled_from(
            ["<p>", "</p>", "<div hidden>", "</div>", "<h1>", "<table><tr><td>", "<li>", "<br>", "<article>", "2025-13-45", "By ", "&#xD800;",
             "<script type='application/ld+json'>{\"@type\":\"Article\",\"datePublished\":5}</script>", "<meta name=date content=x>", "Cells. ",
             "<time datetime='99999999999'>", "<form>", "\u202e", "작성일 99-99-99", "<a href='http://['>", "<base href='x:'>", "<frameset>"]
        ),
        max_size=60,
    )
)  # fmt: skip
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_odd_markup_never_raises_anything_but_page_error(parts: list[str]) -> None:
    try:
        page = read("<html><body>" + "".join(parts) + "</body></html>")
    except PageError:
        return
    assert page.title.isprintable() or page.title == ""
