"""`vocab update` against a server of our own with small releases: taken, versioned, refused, or not reachable."""

from __future__ import annotations

import io
import json
import threading
import zipfile
from collections.abc import Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from core.errors import UsageError
from core.records import Json
from nlp.entities.vocabulary import parse_lexicon
from training.releases import VocabularyError, parse_obograph, parse_ror
from training.vocabulary_update import Change, Vocabulary, fetch, update

HEAD = "surface\tconcept\tlang\tsource\tlicence\tflags\n"
OBO = "http://purl.obolibrary.org/obo/"


def graph(prefix: str, terms: dict[str, str], *, version: str = "2026-06-02", gone: tuple[str, ...] = ()) -> bytes:
    """An OBO graph: number -> name; "name|synonym"; every term but the first is a child of the first."""
    nodes: list[dict[str, Any]] = []
    for number, names in terms.items():
        name, *synonyms = names.split("|")
        held = [{"pred": "hasExactSynonym", "val": synonym} for synonym in synonyms]
        meta = {"synonyms": held, "deprecated": number in gone}
        nodes.append({"id": f"{OBO}{prefix}_{number}", "lbl": name, "type": "CLASS", "meta": meta})
    nodes.append({"id": f"{OBO}GO_0000001", "lbl": "of another ontology"})
    first, *rest = terms
    edges = [{"sub": f"{OBO}{prefix}_{one}", "pred": "is_a", "obj": f"{OBO}{prefix}_{first}"} for one in rest]
    meta = {"version": f"{OBO}{prefix.lower()}/releases/{version}/{prefix.lower()}.json"}
    return json.dumps({"graphs": [{"id": f"{OBO}x.owl", "meta": meta, "nodes": nodes, "edges": edges}]}).encode()


def institute(ident: str, name: str, *aliases: str, status: str = "active", changed: str = "2026-01-02") -> Json:
    names: list[dict[str, Any]] = [{"value": name, "types": ["ror_display", "label"], "lang": "en"}]
    names += [{"value": alias, "types": ["alias"], "lang": None} for alias in aliases]
    return {
        "id": f"https://ror.org/{ident}", "status": status, "names": names,
        "locations": [{"geonames_details": {"country_code": "KR"}}],
        "admin": {"last_modified": {"date": changed}},
    }  # fmt: skip


def dump(*records: object, version: str = "2026-12-01") -> bytes:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as box:
        box.writestr(f"v2.0-{version}-ror-data.csv", "not this")
        box.writestr(f"v2.0-{version}-ror-data.json", json.dumps(records))
    return body.getvalue()


DISEASES = {"0000001": "disease", "0000002": "grey fever|ashen fever", "0000003": "red fever", "0000004": "blue fever"}


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """The address and the folder of a server on the loopback."""
    folder = tmp_path / "served"
    folder.mkdir()
    quiet = type("Quiet", (SimpleHTTPRequestHandler,), {"log_message": lambda *_: None})
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}", folder
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def out(tmp_path: Path) -> Path:
    folder = tmp_path / "lexicons"
    (folder / "hand").mkdir(parents=True)
    (folder / "disease.tsv").write_text(
        HEAD
        + "grey fever\tMONDO:0000002\ten\tMONDO 2026-05-05\tCC BY 4.0\tlabel\n"
        + "old fever\tMONDO:0000009\ten\tMONDO 2026-05-05\tCC BY 4.0\tlabel\n"
        + "scarlet fever\tMONDO:0000003\ten\tMONDO 2026-05-05\tCC BY 4.0\tlabel\n"
    )
    (folder / "hand" / "disease-cjk.tsv").write_text(HEAD + "열병\tMONDO:0000009\tko\tx\ty\tkeep\n")
    return folder


def test_a_newer_release_is_taken_versioned_and_told(shop: tuple[str, Path], out: Path) -> None:
    address, folder = shop
    (folder / "mondo.json").write_bytes(graph("MONDO", DISEASES))
    said: list[str] = []
    (change,) = update(["disease"], source=address, out=out, say=said.append)
    assert isinstance(change, Change)
    assert (change.before, change.after, change.written) == ("MONDO 2026-05-05", "MONDO 2026-06-02", True)
    assert change.added == ("MONDO:0000001", "MONDO:0000004")
    assert change.gone == ("MONDO:0000009",)
    assert change.renamed == ("MONDO:0000003",)
    assert change.orphans == ("MONDO:0000009",)
    assert said == [str(change)]
    assert "our hand lists still name MONDO:0000009" in said[0]
    rows = list(parse_lexicon((out / "disease.tsv").read_bytes(), where="disease.tsv"))
    assert {(row.surface, row.concept) for row in rows} >= {
        ("ashen fever", "MONDO:0000002"),
        ("red fever", "MONDO:0000003"),
    }
    assert {row.source for row in rows} == {"MONDO 2026-06-02"}
    assert [path.name for path in out.iterdir() if path.is_file()] == ["disease.tsv"], "no other file is left"


def test_the_same_again_changes_nothing(shop: tuple[str, Path], out: Path) -> None:
    address, folder = shop
    (folder / "mondo.json").write_bytes(graph("MONDO", DISEASES, version="2026-05-05"))
    before = (out / "disease.tsv").read_bytes()
    (change,) = update(["disease"], source=address, out=out, say=lambda _: None)
    assert not change.written
    assert "nothing to do" in str(change)
    assert (out / "disease.tsv").read_bytes() == before
    (forced,) = update(["disease"], source=address, out=out, say=lambda _: None, force=True)
    assert forced.written


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (graph("MONDO", {"0000001": "disease"}), "has 1 concepts, the lexicon at hand 3: not taken"),
        (graph("MONDO", DISEASES)[:-40], "is not an OBO graph in JSON"),
        (b"<html>moved</html>", "is not an OBO graph in JSON"),
        (b'{"graphs": [{"nodes": []}]}', "says no version"),
        (b"", "is not an OBO graph in JSON"),
    ],
)
def test_a_bad_release_is_refused_and_the_lexicon_stays(
    body: bytes, said: str, shop: tuple[str, Path], out: Path
) -> None:
    address, folder = shop
    (folder / "mondo.json").write_bytes(body)
    before = (out / "disease.tsv").read_bytes()
    with pytest.raises(VocabularyError, match=said):
        update(["disease"], source=address, out=out, say=lambda _: None)
    assert (out / "disease.tsv").read_bytes() == before


def test_without_a_network_one_line_says_so(out: Path) -> None:
    before = (out / "disease.tsv").read_bytes()
    with pytest.raises(VocabularyError) as caught:
        update(["disease"], source="http://127.0.0.1:9", out=out, say=lambda _: None)
    assert "http://127.0.0.1:9/mondo.json: cannot be reached (the lexicons at hand serve on)" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert (out / "disease.tsv").read_bytes() == before


def test_from_a_folder(tmp_path: Path, out: Path) -> None:
    (tmp_path / "mondo.json").write_bytes(graph("MONDO", DISEASES))
    (tmp_path / "cl-basic.json").write_bytes(graph("CL", {"0000001": "grey cell|ashen cell", "0000002": "red cell"}))
    (tmp_path / "uberon-basic.json").write_bytes(graph("UBERON", {"0000001": "grey matter", "0000002": "red bone"}))
    (tmp_path / "v2.0-2026-12-01-ror-data.zip").write_bytes(dump(institute("02kpeqv85", "Grey Fever University")))
    changes = update(source=tmp_path, out=out, say=lambda _: None)
    assert [(one.name, one.after, one.written) for one in changes] == [
        ("disease", "MONDO 2026-06-02", True),
        ("cell_type", "CL 2026-06-02", True),
        ("anatomy", "UBERON 2026-06-02", True),
        ("institution", "ROR 2026-12-01", True),
    ]
    assert "ashen cell\tCL:0000001\ten\tCL 2026-06-02\tCC BY 4.0\t\n" in (out / "cell_type.tsv").read_text()
    with pytest.raises(VocabularyError, match=r"mondo\.json: cannot be read"):
        update(["disease"], source=tmp_path / "nowhere", out=out, say=lambda _: None)


def test_ror_keeps_what_the_recipe_left_out_and_takes_what_is_new(tmp_path: Path, out: Path) -> None:
    row = "{}\tROR:02kpeqv85\ten\tROR 2026-11\tCC0 1.0\t{}\n"
    other = "GFU Hospital\tROR:02kpeqv85\ten\tOpenAlex 2026-11\tCC0 1.0\talias\n"
    lost = "Lost Hospital\tROR:00000lost\ten\tOpenAlex 2026-11\tCC0 1.0\talias\n"
    (out / "institution.tsv").write_text(HEAD + other + row.format("Grey Fever University", "label,country=KR") + lost)
    records = [
        institute(
            "02kpeqv85", "Grey Fever University", "Grey Hospital Group"
        ),  # left out by the recipe, not changed since
        institute("057zh3y96", "Red Fever University", "열병대학교", changed="2026-11-20"),
        institute("035t8zc32", "Closed University", status="withdrawn"),
    ]
    (tmp_path / "ror-data.zip").write_bytes(dump(*records))
    (change,) = update(["institution"], source=tmp_path, out=out, say=lambda _: None)
    assert change.added == ("ROR:057zh3y96",)
    surfaces = {line.split("\t")[0] for line in (out / "institution.tsv").read_text().splitlines()[1:]}
    assert surfaces == {"Grey Fever University", "GFU Hospital", "Red Fever University", "열병대학교"}
    assert "label,country=KR" in (out / "institution.tsv").read_text()


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"PK\x03\x04 torn", "is not a dump of ROR"),
        (b"{}", "is not a dump of ROR"),
        (b'[{"status": "active"}]', "not of ROR's schema 2"),
    ],
)
def test_a_bad_dump_is_refused(body: bytes, said: str) -> None:
    with pytest.raises(VocabularyError, match=said):
        parse_ror(body, where="v2.0-2026-12-01-ror-data.zip")


def test_a_dump_without_a_day_is_refused() -> None:
    with pytest.raises(VocabularyError, match="says no version"):
        parse_ror(b"[]", where="ror-data.json")


def test_the_newest_release_of_a_listing_is_fetched(shop: tuple[str, Path]) -> None:
    address, folder = shop
    (folder / "dump").write_bytes(dump(institute("02kpeqv85", "Grey Fever University")))
    files = [
        {"key": "notes.txt", "links": {"self": "x"}},
        {"key": "v2-2026-12-01-ror-data.zip", "links": {"self": f"{address}/dump"}},
    ]
    (folder / "list").write_text(json.dumps({"hits": {"hits": [{"files": files}]}}))
    one = Vocabulary(name="i", prefix="ROR", address=f"{address}/list", file="x", licence="y", listing=True)
    where, body = fetch(one, None)
    assert where == "v2-2026-12-01-ror-data.zip"
    assert parse_ror(body, where=where)[0] == "2026-12-01"
    (folder / "list").write_text('{"hits": {"hits": []}}')
    with pytest.raises(VocabularyError, match="lists no release"):
        fetch(one, None)


class Torn(BaseHTTPRequestHandler):
    """Promises more than it sends."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.wfile.write(b"{}")
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Says nothing."""


def test_a_torn_answer_is_no_release() -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Torn)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    one = Vocabulary(name="disease", prefix="MONDO", address="x", file="mondo.json", licence="y")
    try:
        with pytest.raises(VocabularyError, match=r"sent 2 of 1000 bytes|cannot be reached"):
            fetch(one, f"http://127.0.0.1:{server.server_address[1]}")
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_an_answer_without_end_is_no_release(monkeypatch: pytest.MonkeyPatch, shop: tuple[str, Path]) -> None:
    address, folder = shop
    (folder / "mondo.json").write_bytes(b"x" * 5000)
    monkeypatch.setattr("training.vocabulary_update.MOST", 4000)
    one = Vocabulary(name="disease", prefix="MONDO", address="x", file="mondo.json", licence="y")
    with pytest.raises(VocabularyError, match="is larger than 4000 bytes"):
        fetch(one, address)
    with pytest.raises(VocabularyError, match="is larger than 4000 bytes"):
        fetch(one, folder)
    with pytest.raises(VocabularyError, match="is not an http or https address"):
        fetch(one, "file:///etc")


def test_obsolete_terms_and_those_of_others_are_left_out() -> None:
    version, terms = parse_obograph(graph("MONDO", DISEASES, gone=("0000003",)), "MONDO", where="x")
    assert version == "2026-06-02"
    assert [term.id for term in terms] == ["MONDO:0000001", "MONDO:0000002", "MONDO:0000004"]
    assert terms[1].synonyms == (("ashen fever", "EXACT"),)
    assert terms[1].parents == ("MONDO:0000001",)


def test_an_unknown_name_is_an_error() -> None:
    with pytest.raises(UsageError, match="no vocabulary 'mesh'"):
        update(["mesh"], source=Path(), say=lambda _: None)
