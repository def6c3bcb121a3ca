"""RIS and BibTeX: what names become, and that other libraries read back what was written."""

from __future__ import annotations

import io
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import pytest
import rispy
from pybtex.database import BibliographyData, parse_string
from pybtex.richtext import Text

from publish.pages.cite import Citation, Name, to_name
from publish.pages.cite_bibtex import make_key, to_bibtex
from publish.pages.cite_ris import to_ris
from tests.publish.reader import Newsroom, Reader

SITE = "https://desk.example"
TYPES = {
    "paper": ("JOUR", "article"), "preprint": ("UNPB", "misc"), "news": ("NEWS", "misc"), "trial": ("ELEC", "misc"),
    "release": ("ELEC", "misc"), "explainer": ("ELEC", "misc"), "clinic": ("ELEC", "misc"),
}  # fmt: skip


@pytest.mark.parametrize(
    ("written", "inverted"),
    [
        ("Ludwig van Beethoven", "van Beethoven, Ludwig"),
        ("Juan de la Vega III", "de la Vega, Juan, III"),
        ("Smith, Jane", "Smith, Jane"),
        ("Ito K", "Ito, K"),
        ("van der Berg JA", "van der Berg, JA"),
        ("Minji KIM", "KIM, Minji"),
        ("Anna Weber, MD, PhD", "Weber, Anna"),
        ("J. Smith Jr.", "Smith, J., Jr"),
        ("Easley CA 4th", "Easley, CA, 4th"),
        ("MD Lee", "Lee, MD"),
        ("Kawaja MD", "Kawaja, MD"),
        ("Dr. Anna Weber", "Weber, Anna"),
        ("김민지", "김민지"),
        ("김 민지", "김, 민지"),
        ("The ALS Consortium", "The ALS Consortium"),
        ("Seoul National University", "Seoul National University"),
        ("Press office", "Press office"),
        ("By Mara Okonjo", "Okonjo, Mara"),
        ("Reporter Mo Ah-ra", "Ah-ra, Mo"),
        ("Reuters", "Reuters"),
        ("Jane Roe and John Doe", "Jane Roe and John Doe"),
        ("Søren Åkesson", "Åkesson, Søren"),
    ],
)
def test_names(written: str, inverted: str) -> None:
    assert to_name(written).inverted == inverted


def make(**given: object) -> Citation:
    usual: dict[str, object] = {
        "kind": "paper", "key": "0a5e4ca8ac3e", "title": "Cells mend nerves", "lang": "en",
        "authors": (Name("Kim", "Minji"),), "journal": "Cell Fates & Repair", "outlet": "PubMed",
        "published": "2026-11-22", "doi": "10.5555/a_b%c", "pmid": "39990008", "pmcid": "", "registry": "",
        "issn": "1234-5679", "link": "https://x.example/a_b?c=1&d=2", "path": "/document/cells-0a5e4ca8ac3e",
        "read": "2026-11-23", "abstract": "", "notice": "",
    }  # fmt: skip
    return Citation(**{**usual, **given})  # type: ignore[arg-type]


def read_bibtex(text: str) -> BibliographyData:
    return parse_string(text, "bibtex")


def plain(tex: str) -> str:
    """What TeX would print."""
    return str(Text.from_latex(tex))


def test_ris_is_read_back() -> None:
    told = make(authors=(Name("Kim", "Minji"), Name("ALS Consortium")), notice="Retracted.", abstract="One.\n\nTwo.")
    [read] = rispy.load(io.StringIO(to_ris(told, SITE)))
    assert read["type_of_reference"] == "JOUR"
    assert read["authors"] == ["Kim, Minji", "ALS Consortium"]
    assert (read["title"], read["secondary_title"]) == (told.title, told.journal)
    assert (read["year"], read["date"], read["access_date"]) == ("2026", "2026/11/22", "2026/11/23")
    assert (read["doi"], read["issn"], read["accession_number"]) == (told.doi, told.issn, told.pmid)
    assert read["urls"] == [told.link]
    assert read["abstract"] == "One. Two."
    assert read["notes"] == ["Retracted.", f"Found at {SITE}{told.path}"]


@pytest.mark.parametrize(
    "title",
    ["100 % of $x_1$ & #2 ~ ^", "a { b", "}} c {", r"\input{x} \end", "Müller, Łódź, Sjögren, ß", "TGF-β", "줄기세포",
     'says "yes"', "@article{x,", "% not a comment"],
)  # fmt: skip
def test_bibtex_is_read_back_whatever_the_title(title: str) -> None:
    text = to_bibtex(make(title=title), SITE) + to_bibtex(make(key="ffffffffffff"), SITE)
    assert text.count("{") == text.count("}")
    read = read_bibtex(text)
    assert len(read.entries) == 2
    first = read.entries[make_key(make(title=title))]
    assert first.fields["doi"] == "10.5555/a_b%c"
    assert first.fields["url"] == "https://x.example/a_b?c=1&d=2"
    assert [str(person) for person in first.persons["author"]] == ["Kim, Minji"]
    assert (first.fields["year"], first.fields["month"].lower()[:3]) == ("2026", "nov")
    assert plain(read.entries[make_key(make(key="ffffffffffff"))].fields["title"]) == "Cells mend nerves"


def test_tex_means_the_letters_that_were_there() -> None:
    text = to_bibtex(make(title="Müller & 100 % of $x_1$", authors=(Name("Sørensen", "Åsa"),)), SITE)
    assert text.isascii()
    [entry] = read_bibtex(text).entries.values()
    assert plain(entry.fields["title"]).replace("\\", "") == "Müller & 100 % of $x_1$"
    assert r"{\$}x{\_}1{\$}" in text
    [author] = entry.persons["author"]
    assert plain(author.last_names[0]) == "Sørensen"


def test_a_group_stays_in_one_piece() -> None:
    [entry] = read_bibtex(to_bibtex(make(authors=(Name("Cells and Co Group"),)), SITE)).entries.values()
    [author] = entry.persons["author"]
    assert (author.first_names, author.last_names) == ([], ["{Cells and Co Group}"])


def test_keys_are_plain_and_lasting() -> None:
    assert make_key(make()) == "kim2026cells_0a5e4c"
    assert make_key(make(authors=(), outlet="Łódź Głos", title="줄기세포", published="")) == "lodzglos_0a5e4c"
    assert make_key(make(authors=(Name("김민지"),), title="줄기세포")) == "paper2026_0a5e4c"


def addresses(path: Path) -> list[tuple[str, str, str]]:
    with closing(sqlite3.connect(path)) as edition:
        return edition.execute("SELECT kind, slug || '-' || \"key\", title FROM document").fetchall()


def test_every_document_is_cited_and_read_back(reader: Reader, newsroom: Newsroom) -> None:
    met = set()
    for kind, name, title in addresses(newsroom[1]):
        met.add(kind)
        address = f"/document/{quote(name)}"
        ris, bibtex = reader.get(f"{address}.ris"), reader.get(f"{address}.bib")
        assert ris.headers["content-type"] == "application/x-research-info-systems; charset=utf-8"
        assert bibtex.headers["content-type"] == "application/x-bibtex; charset=utf-8"
        [read] = rispy.load(io.StringIO(ris.text))
        assert (read["type_of_reference"], read["title"]) == (TYPES[kind][0], " ".join(title.split()))
        [entry] = read_bibtex(bibtex.text).entries.values()
        assert entry.type == TYPES[kind][1]
        assert read.get("doi") == entry.fields.get("doi")
        if kind in ("news", "release"):  # the numbers found in it are those of the work that it is about
            assert "doi" not in read and "accession_number" not in read
    assert {"news", "paper", "preprint", "trial", "release", "clinic"} <= met


def test_a_story_is_cited_with_all_its_documents(reader: Reader, newsroom: Newsroom) -> None:
    with closing(sqlite3.connect(newsroom[1])) as edition:
        slug, key, documents = edition.execute(
            'SELECT slug, "key", documents FROM story ORDER BY documents DESC LIMIT 1'
        ).fetchone()
    assert documents > 1
    address = f"/story/{quote(slug)}-{key}"
    assert len(rispy.load(io.StringIO(reader.get(f"{address}.ris").text))) == documents
    assert len(read_bibtex(reader.get(f"{address}.bib").text).entries) == documents
    told = json.loads(reader.get(f"{address}.json").text)
    assert (told["version"], told["count"], len(told["documents"])) == (1, documents, documents)


def test_forms_follow_a_document_that_moved_or_went(reader: Reader, newsroom: Newsroom) -> None:
    _, name, _ = addresses(newsroom[1])[0]
    moved = reader.get(f"/document/an-older-title-{name.rpartition('-')[2]}.ris")
    assert (moved.status_code, moved.headers["location"]) == (301, f"/document/{quote(name)}.ris")
    with closing(sqlite3.connect(newsroom[1])) as edition:
        [stone] = edition.execute("SELECT slug || '-' || \"key\" FROM tombstone LIMIT 1").fetchone()
    for suffix in ("json", "ris", "bib"):
        gone = reader.get(f"/document/{quote(stone)}.{suffix}")
        assert gone.status_code == 410 and "No text of it is here" in gone.text
        assert reader.get(f"/document/none-000000000000.{suffix}").status_code == 404
