"""The five seed documents put back into pages like those that they were copied from.

The seeds are read at run time. A seed is plain text with lines of the article and lines of boilerplate; `SEEDS` lists,
by the beginning of a line or by a pattern, which lines are boilerplate (and where on a page such a line is). The
templates are ours: a news site on WordPress, a Gnuboard board, a Drupal release page, a company site with its own
markup. Around the text are the usual parts of a page: menus, share bars, related stories, counters, comment forms.
"""

# Markup has long lines, as the pages that it imitates do.
# ruff: noqa: E501

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrapped:
    """A page, and what should come out of it: title, day, text, whether it says that it is translated."""

    name: str
    url: str
    page: bytes
    title: str
    date: str
    text: str
    furniture: tuple[str, ...]
    translated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Seed:
    """How a seed is read: its title (None: its first line), its day, and which of its lines are furniture."""

    number: str
    title: str | None
    date: str
    furniture: str  # pattern of lines
    template: Callable[[str, str, list[str], list[str]], str]
    url: str
    translated: bool = False


def wrap_seeds(folder: Path) -> list[Wrapped]:
    """Every seed that is there, wrapped."""
    pages = []
    for seed in SEEDS:
        for path in sorted(folder.glob(f"{seed.number}_*.txt")):
            pages.append(_wrap(seed, path))
    return pages


def _wrap(seed: Seed, path: Path) -> Wrapped:
    lines = [" ".join(line.split()) for line in path.read_text(encoding="utf-8").splitlines()]
    lines = [line for line in lines if line]
    pattern = re.compile(seed.furniture, re.IGNORECASE)
    furniture = [line for line in lines if pattern.search(line)]
    rest = [line for line in lines if not pattern.search(line)]
    title = seed.title or rest.pop(0)
    page = seed.template(title, seed.date, rest, furniture)
    return Wrapped(
        name=path.stem,
        url=seed.url,
        page=page.encode("utf-8"),
        title=title,
        date=seed.date,
        text="\n\n".join(rest),
        furniture=(*furniture, *_AROUND),
        translated=seed.translated,
    )


def _paragraphs(lines: list[str]) -> str:
    parts = []
    for line in lines:
        short = len(line) < 60 and not line.endswith((".", '"', "?"))
        parts.append(f"<h3>{html.escape(line)}</h3>" if short else f"<p>{html.escape(line)}</p>")
    return "\n".join(parts)


_MENU = "".join(
    f'<li><a href="/s/{name.lower()}">{name}</a></li>' for name in ("Home", "Research", "Clinic", "Board", "Contact")
)
_RELATED = "".join(
    f'<li><a href="/n/{number}">{text}</a></li>'
    for number, text in enumerate(
        (
            "Ten questions about cord blood that parents ask",
            "A new hall for the cell bank opens in spring",
            "What a ward round teaches about regeneration",
        )
    )
)
_AROUND = (
    "Ten questions about cord blood", "A new hall for the cell bank", "Subscribe to our newsletter", "All rights reserved",
    "Leave a comment", "Share on Facebook", "Most read",
)  # fmt: skip


def _wordpress(title: str, date: str, lines: list[str], furniture: list[str]) -> str:
    captions = "".join(
        f'<figure class="wp-block-image"><img src="a.jpg" alt=""><figcaption>{html.escape(line)}</figcaption></figure>'
        for line in furniture
        if "courtesy of" in line.lower()
    )
    closing = "".join(f"<p>{html.escape(line)}</p>" for line in furniture if "courtesy of" not in line.lower())
    return f"""<!DOCTYPE html><html lang="en-US"><head><meta charset="utf-8">
<title>{html.escape(title)} - The Morning Cell</title>
<meta property="og:title" content="{html.escape(title)} - The Morning Cell"><meta property="og:site_name" content="The Morning Cell">
<meta property="article:published_time" content="{date}T09:20:00+09:00"><meta property="article:modified_time" content="{date}T11:00:00+09:00">
</head><body class="single single-post has-sidebar">
<header class="site-header"><a class="site-title" href="/">The Morning Cell</a><nav><ul>{_MENU}</ul></nav></header>
<main><article class="post type-post hentry"><header class="entry-header"><h1 class="entry-title">{html.escape(title)}</h1>
<div class="entry-meta"><span class="posted-on"><time class="entry-date published" datetime="{date}T09:20:00+09:00">{date}</time></span>
<span class="byline">By <a rel="author" href="/a/hong">Hong Sora</a></span></div></header>
<div class="entry-content">{captions}{_paragraphs(lines)}{closing}
<div class="sharedaddy"><ul><li><a href="#">Share on Facebook</a></li><li><a href="#">Tweet</a></li></ul></div></div>
<div class="related-posts"><h2>Most read</h2><ul>{_RELATED}</ul></div></article>
<div id="comments" class="comments-area"><h3>Leave a comment</h3><form><textarea></textarea></form></div></main>
<aside class="widget-area"><p>Subscribe to our newsletter and never miss a cell.</p></aside>
<footer>© 2026 The Morning Cell. All rights reserved.</footer></body></html>"""


def _gnuboard(title: str, date: str, lines: list[str], furniture: list[str]) -> str:
    stamp = next((line for line in furniture if "작성일" in line), "")
    counters, _, day = stamp.partition("작성일")
    account = next((line for line in furniture if line.startswith("작성자")), "")
    path = next((line for line in furniture if ">" in line), "")
    empty = next((line for line in furniture if "댓글이" in line), "")
    text = "<br>\n".join(html.escape(line) + ("<br>" if len(line) > 60 else "") for line in lines)
    return f"""<!doctype html><html lang="ko"><head><meta charset="utf-8"><title>{html.escape(title)} &gt; Q&amp;A | 온누리 의원</title></head><body>
<div id="hd"><h1 id="hd_h1">{html.escape(title)} &gt; Q&amp;A</h1><ul id="gnb">{_MENU}</ul></div>
<div id="container"><h2 id="container_title"><span title="{html.escape(path)}">{html.escape(path)}</span></h2>
<article id="bo_v"><header><h2 id="bo_v_title"><span class="bo_v_tit">{html.escape(title)}</span></h2></header>
<section id="bo_v_info"><h2>페이지 정보</h2><div class="profile_info"><span class="sound_only">작성자</span> <strong>{html.escape(account.removeprefix("작성자").strip())}</strong></div>
<span class="sound_only">{html.escape(counters)}</span> <strong class="if_date"><span class="sound_only">작성일</span> {html.escape(day.strip())}</strong></section>
<section id="bo_v_atc"><h2 id="bo_v_atc_title">본문</h2><div id="bo_v_con">{text}</div>
<div id="bo_v_share"><a href="#">Share on Facebook</a></div></section>
<section id="bo_vc"><h2>댓글목록</h2><p id="bo_vc_empty">{html.escape(empty)}</p></section>
<div id="bo_v_bot"><ul class="bo_v_nb"><li class="btn_prv"><span class="nb_tit">이전글</span><a href="#">Ten questions about cord blood that parents ask</a><span class="nb_date">24.03.02</span></li></ul>
<ul><li><a href="#">목록</a></li><li><a href="#">글쓰기</a></li></ul></div></article></div>
<div id="ft"><p>온누리 의원 대표 홍소라 사업자등록번호 000-00-00000</p><p>Copyright © onnuri.example All rights reserved.</p></div></body></html>"""


def _company(title: str, date: str, lines: list[str], furniture: list[str]) -> str:
    stamp = next((line for line in furniture if "date" in line.lower()), "")
    back = [line for line in furniture if re.match(r"return|prve|next", line, re.IGNORECASE)]
    text = _paragraphs(lines).replace("<h3>IMG_", "<h3 class='i'>IMG_")
    images = [line for line in furniture if line.startswith("IMG_")]
    middle = "".join(f"<p>{html.escape(line)}</p>" for line in images)
    head, _, tail = text.partition("\n")
    links = "".join(
        f'<p class="pn"><a href="/news/{n}.html">{html.escape(line)}</a></p>' for n, line in enumerate(back)
    )
    return f"""<html><head><meta http-equiv="Content-Type" content="text/html; charset=utf-8"><title>{html.escape(title)}_Company News_Harbour Cell Group</title></head>
<body><div class="top"><ul class="menu">{_MENU}</ul></div>
<div class="wrap"><div class="left"><h3>Most read</h3><ul>{_RELATED}</ul></div>
<div class="news_show"><h1>{html.escape(title)}</h1><div class="time">{html.escape(stamp)}</div>
<div class="content">{head}{middle}{tail}</div>{links}</div></div>
<div class="foot">Copyright © 2024 Harbour Cell Group All rights reserved. <a href="#">Subscribe to our newsletter</a></div></body></html>"""


def _drupal(title: str, date: str, lines: list[str], furniture: list[str]) -> str:
    credit = [line for line in furniture if line.startswith("A research team") or line.endswith(")")]
    other = [line for line in furniture if line not in credit]
    day = next((line for line in other if re.search(r"\d{4}$", line)), date)
    section = next((line for line in other if "/" in line and len(line) < 20), "")
    by = next((line for line in other if line.lower().startswith("by ")), "")
    mail = next((line for line in other if "@" in line), "")
    captions = "".join(f"<p class='txt-caption'>{html.escape(line)}</p>" for line in credit[:1])
    plain_captions = "".join(f"<p>{html.escape(line)}</p>" for line in credit[1:])
    return f"""<!DOCTYPE html><html lang="en" dir="ltr" prefix="og: https://ogp.me/ns#"><head><meta charset="utf-8">
<title>{html.escape(title)} : Harbour.net</title><meta property="og:title" content="{html.escape(title)} : Harbour.net"><meta property="og:site_name" content="Harbour.net : The official website"></head>
<body class="path-node page-node-type-article"><div class="region region-header"><nav role="navigation"><ul>{_MENU}</ul></nav></div>
<main role="main"><div class="block block-system"><article role="article" class="node node--type-article">
<div class="field field--name-field-section"><a href="/sci">{html.escape(section)}</a></div>
<h1 class="page-title"><span class="field field--name-title">{html.escape(title)}</span></h1>
<div class="field field--name-field-date">{html.escape(day)}</div>
<ul class="sns-share"><li>Share on Facebook</li></ul>
<div class="field field--name-body">{captions}{plain_captions}<p>{html.escape(by)}</p>{_paragraphs(lines)}<p>{html.escape(mail)}</p></div>
</article></div><div class="views-element-container"><h2>Most read</h2><ul>{_RELATED}</ul></div></main>
<footer class="region region-footer"><p>Subscribe to our newsletter</p><p>All rights reserved</p></footer></body></html>"""


SEEDS = (
    Seed(
        number="000", title="Cell bank hands out 133 lines in a year", date="2025-01-20", template=_wordpress,
        furniture=r"/courtesy of|translated by ai", url="https://morning.example/2025/01/20/cell-bank-133/", translated=True,
    ),
    Seed(
        number="001", title=None, date="2024-04-16", template=_gnuboard, furniture=r"^Q&A >|페이지 정보|작성자|작성일|댓글이 없습니다",
        url="https://onnuri.example/bbs/board.php?bo_table=qa&wr_id=12",
    ),
    Seed(
        number="002", title=None, date="2024-08-12", template=_company, furniture=r"^release date|^IMG_\d+$|^return to list|^prve:|^next:",
        url="https://harbour.example/news/412.html",
    ),
    Seed(
        number="003", title=None, date="2024-03-05", template=_wordpress, furniture=r"^$",
        url="https://clinic.example/regenerative-medicine-around-the-globe/",
    ),
    Seed(
        number="004", title="Neural crest cells from urine help nerves grow back", date="2025-06-19", template=_drupal,
        furniture=r"^sci/tech$|^jun 19, 2025$|pictured is|^by \w+ \w+$|@", url="https://harbour.example/articles/view?id=273411",
    ),
)  # fmt: skip
