"""MEDLINE's files as NLM distributes them (`pubmed26n0001.xml.gz`: a baseline and daily updates), read from a folder.

Files are read in the order of their names: an update repeats records of the baseline, and the later one counts. A file
with a checksum next to it (`….xml.gz.md5`) is compared with it first, and left out completely when it differs. Only one
block of a file and the record at its end are held in memory, so memory does not grow with the file.

A record that is plain XML (`pubmed_xml.is_plain_xml`; nearly all are) is read as it is. Any other, and every one that
cannot be read, goes through lxml first, which is strict. Everything wrong is a `Problem` in one line and costs as
little as possible: a record with an unknown entity or a broken tag is left out alone; a file that breaks off gives what
came before. Deletions (`DeleteCitation`) come after the records of their file.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from isal.igzip_lib import DECOMP_GZIP, IgzipDecompressor, IsalError
from lxml import etree

from core.ids import normalise
from core.text import one_line
from crawlers.lists.apis import ApiError
from crawlers.lists.apis.citation import RECORDS, REFERENCES, parse_citation, parse_text
from crawlers.lists.apis.pubmed_xml import is_plain_xml, make_plain_xml
from crawlers.lists.model import ListEntry

BLOCK = 2**17  # bytes, unpacked: small enough for the processor's cache
LARGEST = 64 * 2**20  # bytes of one record; more is damage
_KINDS = (b"PubmedArticle", b"PubmedBookArticle", b"MedlineCitation", b"DeleteCitation", b"DeleteDocument")
_BEGIN = re.compile(rb"<(" + b"|".join(_KINDS) + rb")[\s>]")
_END_OF = {kind: b"</" + kind + b">" for kind in _KINDS}
_ROOT = re.compile(rb"<([A-Za-z][\w.-]*)[\s>/]")
_DECLARED = re.compile(rb"<[?!][^>]*>")
_ENDS: tuple[bytes, ...] = (b"</PubmedArticle>", b"</PubmedBookArticle>")
_OLD_ENDS = (b"</MedlineCitation>",)
_ENCODING = re.compile(rb"""^\s*<\?xml[^>]*?encoding=["']([\w.-]+)["']""")
_CHECKSUM = re.compile(r"\b[0-9a-f]{32}\b", re.I)
_PMID = re.compile(rb"<PMID[^>]*>\s*(\d+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Deleted:
    """PubMed has deleted this record."""

    pmid: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What could not be read, in one line."""

    file: str
    text: str

    def __str__(self) -> str:
        return f"{self.file}: {self.text}"


Item = ListEntry | Deleted | Problem


def find_files(folder: Path) -> list[Path]:
    """The files of a folder in the order in which they are to be read. Raises ApiError when there is none."""
    files = sorted(path for path in folder.glob("*.xml*") if path.name.endswith((".xml", ".xml.gz")))
    if not files:
        raise ApiError("no *.xml.gz in it", where=str(folder), hint="NLM's baseline or update files belong there")
    return files


def read_files(paths: Sequence[Path], fetched: str) -> Iterator[Item]:
    """Every record, deletion and problem of these files. `fetched`: when they were, in ISO 8601."""
    for block in _blocks(paths):
        for item, _ in _items(block, fetched):
            yield item


def read_with_source(paths: Sequence[Path], fetched: str) -> Iterator[tuple[Item, bytes]]:
    """The same, each with the bytes that it was read from (none for a problem of a whole file)."""
    for block in _blocks(paths):
        for item, source in _items(block, fetched):
            yield item, bytes(source)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Block:
    """A part of a file, up to the end of the last record in it, or what is wrong with the file."""

    file: str
    data: bytes = b""
    end: int = 0
    encoding: str = "utf-8"
    problem: str | None = None


def _blocks(paths: Iterable[Path]) -> Iterator[_Block]:
    for path in paths:
        wrong = _wrong_sum(path)
        if wrong:
            yield _Block(file=path.name, problem=wrong)
        else:
            yield from _read_blocks(path)


def _wrong_sum(path: Path) -> str | None:
    beside = Path(f"{path}.md5")
    if not beside.is_file():
        return None
    told = _CHECKSUM.search(beside.read_text("ascii", "replace"))
    if told is None:
        return f"{beside.name} holds no checksum; the file is left out"
    with path.open("rb") as file:
        found = hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
    if found != told[0].lower():
        return f"its md5 is {found}, not {told[0].lower()} as {beside.name} says; the file is left out"
    return None


def _unpack(path: Path) -> Iterator[bytes]:
    """The bytes of a file, a block at a time. Raises ApiError where they cannot be unpacked any further."""
    with path.open("rb") as file:
        if path.suffix != ".gz":
            while data := file.read(BLOCK):
                yield data
            return
        unpack, held = IgzipDecompressor(flag=DECOMP_GZIP), b""
        while held or not unpack.needs_input or (held := file.read(BLOCK // 4)):
            try:
                data = unpack.decompress(held, BLOCK)
            except IsalError as error:  # type: ignore[misc]  # its stub names an instance
                raise ApiError(f"the gzip is damaged ({one_line(str(error))})") from error
            held = b""
            if data:
                yield data
            if unpack.eof:
                if not (held := unpack.unused_data or file.read(BLOCK // 4)):
                    return
                unpack = IgzipDecompressor(flag=DECOMP_GZIP)  # several gzip files in one
        raise ApiError("the gzip breaks off")


def _read_blocks(path: Path) -> Iterator[_Block]:
    """Blocks that end where a record ends, then what is left: deletions, and the end of the root."""
    name, head, ends = path.name, None, _ENDS
    held, encoding, broken = b"", "utf-8", None
    unpacked = _unpack(path)
    while True:
        try:
            more = next(unpacked, b"")
        except ApiError as error:
            broken, more = f"{error.what}; what came before is read", b""
        held += more
        if head is None and (begin := _BEGIN.search(held)) is not None:
            head, held = held[: begin.start()], held[begin.start() :]
            if said := _ENCODING.match(head):
                encoding = said[1].decode("ascii")
            if held.startswith(b"<MedlineCitation"):
                ends = _OLD_ENDS
        at = 0
        for end in ends if head is not None else ():
            if (last := held.rfind(end, at)) >= 0:
                at = last + len(end)
        if at:
            yield _Block(file=name, data=held, end=at, encoding=encoding)
            held = held[at:]
        if broken is None and len(held) > LARGEST:
            broken = f"no record ends within {LARGEST} bytes; the rest of the file is left out"
        if broken is not None:
            yield _Block(file=name, problem=broken)
            return
        if not more:
            yield _read_rest(name, held, head, encoding)
            return


def _read_rest(name: str, held: bytes, head: bytes | None, encoding: str) -> _Block:
    """The text after the last record, or of a file without any."""
    root = _ROOT.search(_DECLARED.sub(b"", held if head is None else head))
    closing = b"</" + root[1] + b">" if root is not None else b""
    rest = held.strip()
    if head is None:
        if root is not None and rest.endswith((closing, b"/>")):
            return _Block(file=name)  # whole, and empty
        opening = one_line(held[:80].decode("utf-8", "replace")) or "nothing"
        return _Block(file=name, problem=f"no file of PubMed records: {opening}")
    if not rest.endswith(closing):
        said = f"the file breaks off after {len(rest)} bytes of a record; what came before is read"
        return _Block(file=name, problem=said)
    return _Block(file=name, data=rest, end=len(rest) - len(closing), encoding=encoding)


def _items(block: _Block, fetched: str) -> Iterator[tuple[Item, memoryview]]:
    if block.problem is not None:
        yield Problem(file=block.file, text=block.problem), memoryview(b"")
        return
    quick = block.encoding.lower() in ("utf-8", "utf8", "us-ascii", "ascii")
    data = block.data
    view = memoryview(data)
    for begin, end in _records(data, block.end):
        items: Iterable[Item]
        references = data.find(REFERENCES, begin, end)  # they are not read, so their form does not matter
        stop = end if references < 0 else references
        try:
            if not (quick and is_plain_xml(data, begin, stop)):
                items = _read_strictly(data[begin:end], block, fetched)
            elif data.startswith(b"<Delete", begin):
                items = _deletions(data[begin:end], block.file)
            else:
                items = (parse_text(str(view[begin:stop], "latin-1"), fetched),)
        except ApiError:
            items = _read_strictly(data[begin:end], block, fetched)
        for item in items:
            yield item, view[begin:end]


def _records(data: bytes, stop: int) -> Iterator[tuple[int, int]]:
    """Where each record begins and ends; between them is white space."""
    at = 0
    while (begin := _BEGIN.search(data, at, stop)) is not None:
        end = _END_OF[begin[1]]
        at = data.find(end, begin.end(), stop)
        at = stop if at < 0 else at + len(end)
        yield begin.start(), at


def _read_strictly(record: bytes, block: _Block, fetched: str) -> list[Item]:
    """Through lxml, without the file's DOCTYPE: an entity that only a DTD defines is an error."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True, remove_comments=True, remove_pis=True
    )
    head = f'<?xml version="1.0" encoding="{block.encoding}"?>'.encode()
    try:
        node = etree.fromstring(head + record, parser)
        if node.tag in RECORDS:
            return [parse_citation(make_plain_xml(node), fetched)]
        return _deletions(make_plain_xml(node), block.file)
    except (etree.XMLSyntaxError, ApiError) as error:
        pmid = _PMID.search(record)
        who = f"record {pmid[1].decode()}" if pmid else "a record without PMID"
        why = error.what if isinstance(error, ApiError) else one_line(str(error.msg))
        return [Problem(file=block.file, text=f"{who} is left out: {why}")]


def _deletions(record: bytes, file: str) -> list[Item]:
    found = [(raw, normalise("pmid", raw)) for raw in map(bytes.decode, _PMID.findall(record))]
    return [
        Deleted(pmid=pmid) if pmid else Problem(file=file, text=f"a deletion of {raw}, which is no PMID")
        for raw, pmid in found
    ]
