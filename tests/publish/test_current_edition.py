"""The current edition as letters read it."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import PublishError, UsageError
from publish.letters.current_edition import open_current
from publish.letters.in_words import describe_search
from tests.present import present
from tests.publish.rig import Doc, make_config, make_edition

RETT = ("disease", "MONDO:0010726", "Rett syndrome")


def test_the_search_page_is_the_sites_own_address(tmp_path: Path) -> None:
    config = make_config(tmp_path)
    make_edition(config, [Doc(key="plain"), Doc(key="rett", title="A mouse model", named=(RETT,))])
    with open_current(config) as opened:
        edition = present(opened)
        address = edition.address('"neural crest" kind:paper')
        assert address == "https://stemwire.example/search?q=%22neural+crest%22&kind=paper"
        assert edition.count("organoid") == 1 + 1  # the text of both
        assert describe_search(edition, "mouse disease:MONDO:0010726") == "mouse, Rett syndrome"
        with pytest.raises(UsageError):
            edition.count("contry:KR")


def test_no_edition_is_none(tmp_path: Path) -> None:
    with open_current(make_config(tmp_path)) as edition:
        assert edition is None


def test_a_damaged_edition_is_named(tmp_path: Path) -> None:
    config = make_config(tmp_path)
    path = make_edition(config, [Doc(key="plain")])
    path.write_bytes(b"not a database" * 100)
    with pytest.raises(PublishError, match=path.name), open_current(config) as opened:
        present(opened).count("organoid")
