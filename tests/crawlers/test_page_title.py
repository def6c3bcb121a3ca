"""Titles: whose words win, and what is cut off."""

# Markup stands on long lines, as it does in the pages that it imitates.
# ruff: noqa: E501

from __future__ import annotations

import json

import pytest

from crawlers.pages import read_page


def title(
    *, h1: str = "", og: str = "", linked: str = "", tag: str = "", h2: str = "", site: str = "", url: str = ""
) -> str:
    data = json.dumps({"@type": "NewsArticle", "headline": linked})
    parts = [
        f"<title>{tag}</title>" if tag else "",
        f'<meta property="og:title" content="{og}">' if og else "",
        f'<meta property="og:site_name" content="{site}">' if site else "",
        f'<script type="application/ld+json">{data}</script>' if linked else "",
    ]
    page = f"<html><head>{''.join(parts)}</head><body>{f'<h1>{h1}</h1>' if h1 else ''}{f'<h2>{h2}</h2>' if h2 else ''}<p>x</p></body></html>"
    return read_page(
        page.encode(),
        url=url or "https://cells.example/1",
        content_type="text/html; charset=utf-8",
        fetched="2026-01-01",
    ).title


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ({"h1": "Cells grow", "tag": "Cells grow | Morning Post", "site": "Morning Post"}, "Cells grow"),
        ({"tag": "Cells grow in the dark - Research - Morning Post", "site": "Morning Post"}, "Cells grow in the dark - Research"),
        ({"tag": "Cells of the north - a story", "site": "Morning Post"}, "Cells of the north - a story"),
        ({"h1": "Morning Post", "og": "Cells grow in the dark", "site": "Morning Post"}, "Cells grow in the dark"),
        ({"h1": "News", "og": "Cells grow in the dark"}, "Cells grow in the dark"),
        ({"h1": "<span class=kicker>Research</span> Cells grow in the dark", "og": "Cells grow in the dark"}, "Cells grow in the dark"),
        ({"h1": "Research: Cells grow in the dark", "og": "Cells grow in the dark"}, "Cells grow in the dark"),
        ({"tag": "줄기세포란 무엇인가요 &gt; 질문 | 푸른 의원", "h1": "줄기세포란 무엇인가요 &gt; 질문", "h2": "줄기세포란 무엇인가요"}, "줄기세포란 무엇인가요"),
        ({"tag": "Why cells grow | cells.example"}, "Why cells grow"),
        ({"h1": "»Cells must grow«", "og": "»Cells must grow«"}, "»Cells must grow«"),
        ({"linked": "Cells &quot;grow&quot;", "tag": "Cells \"grow\" - Post"}, 'Cells "grow"'),
    ],
)  # fmt: skip
def test_titles(given: dict[str, str], wanted: str) -> None:
    assert title(**given) == wanted


def test_an_empty_page_has_no_title() -> None:
    assert title() == ""
