"""One walk over every source file that exists, ours and the demo's."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pytest
from parsel import Selector

from core.config import ROOT, ApiRule, SourceFile, load_sources
from crawlers.lists.apis.interface import find_api
from crawlers.lists.source_rules import get_hosts, get_rules

FOLDERS = [ROOT / "crawlers" / "sources", ROOT / "demo" / "sources"]


def sources(folder: Path) -> list[SourceFile]:
    good, bad = load_sources(folder)
    assert not bad, "\n".join(map(str, bad))
    return good


OURS = sources(FOLDERS[0])


def test_there_are_enough_of_every_kind() -> None:
    assert len([source for source in OURS if source.enabled]) >= 8
    assert {"news", "stem_cell_bank", "journal", "preprint", "explainer", "clinic", "registry"} <= {
        s.kind for s in OURS
    }


@pytest.mark.parametrize("source", [s for folder in FOLDERS for s in sources(folder)], ids=lambda source: source.id)
def test_a_source_says_what_it_should(source: SourceFile) -> None:
    assert source.expect.entries.min >= 1, "without a floor a dead source looks like a quiet one"
    assert source.expect.entries.max, "without a ceiling a board's flood goes unnoticed"
    assert source.home or not source.enabled
    for rule in get_rules(source):
        if isinstance(rule, ApiRule):
            assert find_api(rule.api)
            assert not source.page.fetch, "a record is its own document"
        else:
            assert urlsplit(rule.url).hostname
    page = Selector("<html></html>")
    css = [source.page.title, source.page.body, source.page.date, source.page.author, *source.page.drop]
    css += [part for rule in source.listing for part in (rule.item, rule.link, rule.title, rule.date, rule.next)]
    for selector in filter(None, css):
        page.css(selector)


@pytest.mark.parametrize("source", OURS, ids=lambda source: source.id)
def test_ours_stay_outside_and_show_what_they_may(source: SourceFile) -> None:
    assert not source.allow_private
    if source.kind in ("news", "press_release", "explainer", "clinic", "stem_cell_bank"):
        assert source.licence == "headline-and-link"
    assert all("." in host for host in get_hosts(source))
