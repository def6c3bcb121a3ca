"""Things that grow are files found by their names: the samples of the how-tos, in a copy of the checkout.

The copy gets the entity type, the label family, the channel and the page of the guides, file by file as they are
written there, and nothing else. A recorded night of two sources of the bundled newsroom then runs in it, with a
subscription by the new channel, and the site is served. Everything that lists facets, types, channels or pages must
know the new ones.
"""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from time import sleep
from urllib.error import HTTPError, URLError
from urllib.parse import quote
from urllib.request import urlopen

import pytest

from tests.checkout import copy_checkout

ROOT = Path(__file__).resolve().parent.parent
GUIDES = {"add-an-entity": 3, "add-a-label": 2, "add-a-channel": 2, "add-a-page": 2}  # guide -> files
SNIPPET = re.compile(r"^## \d\. [^`\n]*`([^`\n]+)`\n.*?^```\w+\n(.*?)^```$", re.M | re.S)
FACTOR = "UniProt:P01138"
QUERY = 'factor:"nerve growth factor"'


def snippets(guide: str) -> dict[str, str]:
    """path -> text of the files that a guide tells to write: the first block of code below each numbered heading."""
    return dict(SNIPPET.findall((ROOT / "docs" / "how-to" / f"{guide}.md").read_text("utf-8")))


@dataclass
class Copy:
    """A checkout with the files of the guides, after its night; `site` is where its pages are served."""

    root: Path
    site: str = ""

    def run(self, *command: str) -> str:
        """The output of Python in the copy; a failure shows it."""
        done = subprocess.run([sys.executable, *command], cwd=self.root, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{command}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
        return done.stdout

    def page(self, address: str) -> str:
        with closing(urlopen(self.site + address, timeout=60)) as answer:
            return str(answer.read().decode("utf-8"))

    def rows(self, table: str, **where: str) -> list[dict[str, object]]:
        """Rows of the edition, as JSON from the site."""
        asked = "&".join(f"{name}={quote(value)}" for name, value in where.items())
        found: list[dict[str, object]] = json.loads(self.page(f"/stemwire/{table}.json?_shape=array&{asked}"))
        return found


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Copy]:
    root = copy_checkout(tmp_path_factory.mktemp("growth") / "checkout")
    for guide in GUIDES:
        for name, text in snippets(guide).items():
            (root / name).write_text(text, "utf-8")
    made = Copy(root)
    config = ("--config", "demo/config.toml")
    made.run("pipeline.py", *config, "subscribe", "--daily", "--channel", "folder", "ann", QUERY)
    sources = ("--source", "hallam", "--source", "konkuk")
    made.run("pipeline.py", *config, "nightly", "--recorded", "demo/newsroom", *sources)
    port = free_port()
    serving = [sys.executable, "pipeline.py", *config, "serve", "--port", str(port)]
    server = subprocess.Popen(serving, cwd=root, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        made.site = f"http://127.0.0.1:{port}"
        wait_for(made, server)
        yield made
    finally:
        server.terminate()
        server.wait()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def wait_for(copy: Copy, server: subprocess.Popen[bytes]) -> None:
    while server.poll() is None:
        try:
            copy.page("/about")
            return
        except URLError:
            sleep(0.2)
    pytest.fail("the site of the copy did not start")


@pytest.mark.parametrize(("guide", "files"), GUIDES.items())
def test_a_guide_tells_to_write_so_many_new_files(guide: str, files: int) -> None:
    told = snippets(guide)
    assert len(told) == files, list(told)
    assert not [name for name in told if (ROOT / name).exists()]


@pytest.mark.parametrize("guide", GUIDES)
def test_the_plan_names_the_same_files(guide: str) -> None:
    told = snippets(guide)
    new = Path(next(iter(told))).stem
    plan = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    (row,) = [line for line in plan.splitlines() if line.startswith("|") and f"(how-to/{guide}.md)" in line]
    files = re.findall(r"`([^`]+/[^`]+)`", row.split(" | ")[1])
    assert set(files) == {name.replace(new, "x") for name in told}


def test_the_samples_pass_their_own_tests_and_the_linter(copy: Copy) -> None:
    written = [name for guide in GUIDES for name in snippets(guide)]
    copy.run("-m", "ruff", "check", *(name for name in written if name.endswith(".py")))
    copy.run("-m", "ruff", "format", "--check", *(name for name in written if name.endswith(".py")))
    tests = ("tests/nlp/test_goldens.py", "tests/nlp/test_classify.py", "tests/publish/test_folder.py")
    chosen = "growth_factor or without_type or family or folder"
    copy.run("-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", chosen, *tests)


def test_the_search_lists_the_new_type_and_label_and_filters_by_them(copy: Copy) -> None:
    everything = copy.page("/search")
    assert "<h2>Growth factor</h2>" in everything and "<h2>Funding</h2>" in everything
    named = copy.page(f"/search?factor={FACTOR}")
    assert "Growth factor:" in named and "/document/" in named
    by_name = copy.page("/search?q=growth_factor:%22nerve+growth+factor%22")
    assert by_name.count("<article") == named.count("<article") > 0
    paid = copy.page("/search?funding=charity")
    assert "a charity" in paid and "/document/" in paid


def test_a_search_says_which_values_the_label_has(copy: Copy) -> None:
    with pytest.raises(HTTPError) as refused:
        copy.page("/search?q=funding:lottery")
    with closing(refused.value) as answer:
        assert answer.code == 400 and "Funding: takes charity, public or company." in answer.read().decode("utf-8")


def test_a_document_shows_them(copy: Copy) -> None:
    (paid,) = set(re.findall(r'href="(/document/[^"]+)"', copy.page("/search?funding=charity")))
    shown = copy.page(paid)
    assert "<dt>Funding</dt>" in shown and "funded by the Hallam Trust" in shown
    named = re.findall(r'href="(/document/[^"]+)"', copy.page(f"/search?factor={FACTOR}"))[0]
    assert f'href="/entity/growth_factor/{FACTOR}"' in copy.page(named)


def test_the_type_has_its_pages_and_its_register(copy: Copy) -> None:
    assert "<h1>Growth factors</h1>" in copy.page("/entities/growth_factor")
    assert "https://www.uniprot.org/uniprotkb/P01138" in copy.page(f"/entity/growth_factor/{FACTOR}")


def test_the_search_help_explains_them(copy: Copy) -> None:
    about = copy.page("/about")
    assert (
        "<code>factor:&#34;nerve growth factor&#34;</code>" in about and "documents that name a growth factor" in about
    )
    assert "<code>funding:charity</code>" in about and "<code>funding:company</code>" in about


def test_machines_get_them(copy: Copy) -> None:
    assert {row["value"] for row in copy.rows("facet", facet="funding")} == {"charity"}
    assert FACTOR in {row["value"] for row in copy.rows("facet", facet="factor")}
    assert copy.rows("label", facet="funding") and copy.rows("mention", type="growth_factor")
    text = copy.root / "note.txt"
    text.write_text("NGF heals a nerve\n\nThe work was funded by the Hallam Trust.\n", "utf-8")
    read = json.loads(copy.run("pipeline.py", "read", "--json", str(text)))
    assert ("GROWTH_FACTOR", FACTOR) in {(one["type"], one["concept"]) for one in read["mentions"]}
    assert read["labels"]["funding"] == ["charity"]


def test_the_data_dictionary_describes_them(copy: Copy) -> None:
    told = copy.run("-m", "core.dictionary")
    assert "| `factor:`, `growth_factor:` |" in told and "Growth factors, linked to UniProt." in told
    assert "| `funding:` |" in told and "charity (a charity)" in told


def test_the_page_is_in_the_navigation_and_among_those_that_are_checked(copy: Copy) -> None:
    (address,) = re.findall(r'route="(/[^"(]+)"', "".join(snippets("add-a-page").values()))
    assert f'href="{address}"' in copy.page("/data")
    assert "<h1>" in copy.page(address)
    listed = "from publish.pages.site_map import own_pages; print([page.address for page in own_pages()])"
    assert f"'{address}'" in copy.run("-c", listed)
    assert "every page answers" in copy.run("pipeline.py", "--config", "demo/config.toml", "check")


def test_the_channel_brought_one_letter(copy: Copy) -> None:
    (letter,) = (copy.root / "data" / "folder" / "ann").glob("*.txt")
    said = letter.read_text("utf-8")
    assert "nerve growth factor" in said and "No more of these letters" in said
