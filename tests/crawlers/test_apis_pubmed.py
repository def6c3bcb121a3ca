"""PubMed records, from an answer and from a file, by records of our own writing."""

from __future__ import annotations

import gzip
import hashlib
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from crawlers.lists.apis import ApiError, pubmed
from crawlers.lists.apis.citation import parse_citation
from crawlers.lists.apis.medline import Deleted, Problem, find_files, read_files
from crawlers.lists.apis.pubmed_authors import parse_authors
from crawlers.lists.apis.pubmed_xml import element_text, element_texts, is_plain_xml, make_plain_xml
from crawlers.lists.model import ListEntry

NOW = "2026-11-22T03:00:00Z"
FULL = """<PubmedArticle><MedlineCitation Status="MEDLINE" Owner="NLM"><PMID Version="2">99000001</PMID>
<DateRevised><Year>2026</Year><Month>11</Month><Day>20</Day></DateRevised>
<Article PubModel="Print-Electronic"><Journal><ISSN IssnType="Electronic">1234-5679</ISSN><JournalIssue>
<Volume>7</Volume><Issue>2</Issue><PubDate><MedlineDate>2026 Sep-Oct</MedlineDate></PubDate></JournalIssue>
<Title>Cells &amp; Tests</Title><ISOAbbreviation>Cells Test</ISOAbbreviation></Journal>
<ArticleTitle>On <i>stem</i> cells<sup>2</sup> &lt; others.</ArticleTitle>
<Pagination><StartPage>1</StartPage><MedlinePgn>1-9</MedlinePgn></Pagination>
<ELocationID EIdType="doi" ValidYN="Y">10.5555/ABC.1</ELocationID>
<ELocationID EIdType="doi" ValidYN="N">10.5555/wrong</ELocationID>
<Abstract><AbstractText Label="METHODS" NlmCategory="METHODS">We <b>grew</b> them.</AbstractText>
<AbstractText/><AbstractText>They&#x2009;grew.</AbstractText><CopyrightInformation>© Ours.</CopyrightInformation>
</Abstract>
<AuthorList CompleteYN="Y"><Author ValidYN="Y"><LastName>Kim</LastName><ForeName>Ada</ForeName><Initials>A</Initials>
<Identifier Source="ORCID">http://orcid.org/0000-0002-1825-0097</Identifier><AffiliationInfo><Affiliation>Institute of
<i>Cells</i>, Seoul.</Affiliation></AffiliationInfo><AffiliationInfo><Affiliation>Cell Company.</Affiliation>
</AffiliationInfo></Author><Author ValidYN="Y"><LastName>Lee</LastName><Initials>B</Initials><Suffix>Jr</Suffix>
</Author>
<Author><CollectiveName>Cell Group</CollectiveName></Author></AuthorList><Language>eng</Language>
<DataBankList><DataBank><DataBankName>ClinicalTrials.gov</DataBankName><AccessionNumberList>
<AccessionNumber>NCT01234567</AccessionNumber></AccessionNumberList></DataBank></DataBankList>
<GrantList><Grant><GrantID>R01-1</GrantID><Agency>NIH</Agency><Country>United States</Country></Grant></GrantList>
<PublicationTypeList><PublicationType UI="D016428">Journal Article</PublicationType></PublicationTypeList>
<ArticleDate DateType="Electronic"><Year>2026</Year><Month>08</Month><Day>03</Day></ArticleDate></Article>
<MedlineJournalInfo><Country>Korea (South)</Country><ISSNLinking>1234-5679</ISSNLinking></MedlineJournalInfo>
<CommentsCorrectionsList><CommentsCorrections RefType="Cites"><RefSource>Old</RefSource><PMID Version="1">5</PMID>
</CommentsCorrections><CommentsCorrections RefType="RetractionIn"><RefSource>Cells. 2026</RefSource>
<PMID Version="1">99000009</PMID></CommentsCorrections><CommentsCorrections RefType="ErratumFor">
<RefSource>X</RefSource>
<PMID Version="1">99000008</PMID></CommentsCorrections><CommentsCorrections RefType="UpdateOf">
<RefSource>bioRxiv. 2025 May 1:2025.05.01.123456. doi: 10.1101/2025.05.01.123456.</RefSource></CommentsCorrections>
</CommentsCorrectionsList><MeshHeadingList><MeshHeading>
<DescriptorName UI="D013234" MajorTopicYN="Y">Stem Cells</DescriptorName>
<QualifierName UI="Q000166" MajorTopicYN="N">cytology</QualifierName></MeshHeading><MeshHeading>
<DescriptorName MajorTopicYN="N" UI="D006801">Humans</DescriptorName></MeshHeading></MeshHeadingList>
<KeywordList Owner="NOTNLM"><Keyword MajorTopicYN="N">organoid</Keyword></KeywordList></MedlineCitation>
<PubmedData><History><PubMedPubDate PubStatus="pubmed"><Year>2026</Year><Month>8</Month><Day>4</Day></PubMedPubDate>
</History>
<PublicationStatus>ppublish</PublicationStatus><ArticleIdList><ArticleId IdType="pubmed">99000001</ArticleId>
<ArticleId IdType="pmc">PMC9900011</ArticleId></ArticleIdList><ReferenceList><Reference><ArticleIdList>
<ArticleId IdType="doi">10.5555/other</ArticleId></ArticleIdList></Reference></ReferenceList>
</PubmedData></PubmedArticle>"""


def small(pmid: int = 99000001, inside: str = "", title: str = "On cells.", types: str = "") -> str:
    return (
        f'<PubmedArticle><MedlineCitation Status="MEDLINE"><PMID Version="1">{pmid}</PMID><Article><Journal>'
        f"<Title>Cells</Title></Journal><ArticleTitle>{title}</ArticleTitle>{types}</Article>{inside}"
        "</MedlineCitation></PubmedArticle>"
    )


def read(text: str) -> ListEntry:
    return parse_citation(text.encode(), NOW)


def dated(parts: str, history: str = "") -> ListEntry:
    text = small().replace("<Title>", f"<JournalIssue><PubDate>{parts}</PubDate></JournalIssue><Title>")
    data = f"<PubmedData><History>{history}</History></PubmedData></PubmedArticle>"
    return read(text.replace("</PubmedArticle>", data))


def test_a_record_with_everything() -> None:
    (entry,) = pubmed.parse(
        f"<PubmedArticleSet>{FULL}</PubmedArticleSet>".encode(), url="https://e.example", fetched=NOW
    ).entries
    assert entry.title == "On stem cells2 < others."
    assert entry.summary == "Methods: We grew them.\n\nThey grew."
    assert entry.authors == ("Ada Kim", "B Lee Jr", "Cell Group")
    assert entry.identifiers == {
        "pmid": ["99000001"], "pmcid": ["PMC9900011"], "doi": ["10.5555/abc.1"], "nct": ["NCT01234567"]
    }  # fmt: skip
    assert (entry.published, entry.updated, entry.lang) == ("2026-08-03", "2026-11-20", "en")
    extra = entry.extra
    assert extra["journal"] == "Cells & Tests" and extra["abbreviation"] == "Cells Test"
    assert extra["issn"] == ["1234-5679"] and extra["version"] == "2" and extra["pages"] == "1-9"
    assert extra["types"] == ["Journal Article"] and extra["keywords"] == ["organoid"]
    assert extra["abstract_parts"] == ["METHODS", "", ""]
    assert extra["mesh"] == [
        {"ui": "D013234", "name": "Stem Cells", "major": True,
         "qualifiers": [{"ui": "Q000166", "name": "cytology", "major": False}]},
        {"ui": "D006801", "name": "Humans", "major": False},
    ]  # fmt: skip
    assert extra["grants"] == [{"id": "R01-1", "agency": "NIH", "country": "United States"}]
    assert extra["affiliations"] == ["Institute of Cells, Seoul.", "Cell Company."]
    assert extra["people"][0] == {
        "name": "Ada Kim", "affiliations": extra["affiliations"], "orcid": "0000-0002-1825-0097"
    }  # fmt: skip
    assert extra["dates"]["published"] == {"medlinedate": "2026 Sep-Oct"}
    assert [each["type"] for each in extra["related"]] == ["RetractionIn", "ErratumFor", "UpdateOf"]
    assert extra["preprint_of"] == "10.1101/2025.05.01.123456"
    assert [(n["nature"], n["about"], n["notice"], n["day"]) for n in extra["notices"]] == [
        ("retraction", "pmid:99000001", "pmid:99000009", None),
        ("correction", "pmid:99000008", "pmid:99000001", "2026-08-03"),
    ]


def test_a_record_reads_the_same_in_every_way_of_writing_it(tmp_path: Path) -> None:
    plain = read(FULL)
    assert is_plain_xml(FULL.encode())
    strange = FULL.replace('Source="ORCID"', "Source='ORCID'").replace(
        "<Language>eng", "<!-- a > b --><Language><![CDATA[eng]]>"
    )
    assert not is_plain_xml(strange.encode())
    assert (
        parse_citation(make_plain_xml(etree.fromstring(strange, etree.XMLParser(remove_comments=True))), NOW) == plain
    )
    quoted = FULL.replace('UI="D013234"', "UI='D013234'")
    bracket = FULL.replace('Label="METHODS"', 'Label="METHODS" Nonsense="a > b"')
    for number, text in enumerate((FULL, strange, quoted, bracket)):
        path = tmp_path / f"{number}.xml"
        path.write_text(f"<?xml version='1.0'?><PubmedArticleSet>{text}</PubmedArticleSet>", "utf-8")
        assert list(read_files([path], NOW)) == [plain]


@pytest.mark.parametrize(
    ("parts", "history", "day"),
    [
        ("<Year>2026</Year><Month>Sep</Month><Day>30</Day>", "", "2026-09-30"),
        ("<Year>2026</Year><Month>02</Month><Day>30</Day>", "", None),
        ("<Year>2026</Year><Month>Sep</Month>", "", None),
        ("<Year>2026</Year><Season>Winter</Season>", "", None),
        ("<MedlineDate>2009 Sep-Oct</MedlineDate>", "", None),
        ("<Year>1900</Year><Month>01</Month><Day>01</Day>", "", None),
        ("<Year>2027</Year><Month>01</Month><Day>01</Day>", "", None),
        ("<Year>1985</Year><Month>Jan</Month><Day>5</Day>", "", "1985-01-05"),
        ("<Year>2026</Year>", '<PubMedPubDate PubStatus="pubmed"><Year>2026</Year><Month>3</Month><Day>4</Day>'
                              "<Hour>6</Hour></PubMedPubDate>", "2026-03-04"),
    ],
)  # fmt: skip
def test_days(parts: str, history: str, day: str | None) -> None:
    entry = dated(parts, history)
    assert entry.published == day
    assert entry.extra["dates"]["published"]


def test_a_type_alone_says_that_a_paper_is_retracted() -> None:
    types = "<PublicationTypeList><PublicationType>Retracted Publication</PublicationType></PublicationTypeList>"
    (notice,) = read(small(types=types)).extra["notices"]
    assert (notice["nature"], notice["about"], notice["notice"]) == ("retraction", "pmid:99000001", None)


def test_a_book_and_a_chapter() -> None:
    book = (
        '<PubmedBookArticle><BookDocument><PMID Version="1">99000002</PMID><ArticleIdList>'
        '<ArticleId IdType="bookaccession">NBK1</ArticleId><ArticleId IdType="doi">10.5555/book</ArticleId>'
        "</ArticleIdList><Book><Publisher><PublisherName>P</PublisherName></Publisher>"
        '<BookTitle book="b">All of Cells</BookTitle><PubDate><Year>2020</Year></PubDate>'
        '<AuthorList Type="editors"><Author><LastName>Editor</LastName></Author></AuthorList></Book>{}'
        "<Language>eng</Language></BookDocument></PubmedBookArticle>"
    )
    entry = read(book.format(""))
    assert entry.title == "All of Cells" and entry.extra["types"] == ["Book"] and entry.authors == ()
    chapter = read(book.format("<ArticleTitle>One cell</ArticleTitle>"))
    assert (chapter.title, chapter.extra["journal"], chapter.extra["types"]) == (
        "One cell",
        "All of Cells",
        ["Book Chapter"],
    )
    assert chapter.identifiers == {"pmid": ["99000002"], "doi": ["10.5555/book"]}


def test_old_forms() -> None:
    old = small().replace("<PubmedArticle>", "").replace("</PubmedArticle>", "")
    old = old.replace(
        "</ArticleTitle>",
        "</ArticleTitle><Affiliation>One for all.</Affiliation><VernacularTitle>Uj cim</VernacularTitle>",
    )
    entry = read(old)
    assert entry.extra["affiliations"] == ["One for all."] and entry.extra["vernacular_title"] == "Uj cim"


def test_a_search_names_records() -> None:
    (first,) = pubmed.requests('"stem cells"[MeSH]', date(2026, 11, 15), 250)
    assert "datetype=mdat" in first and "mindate=2026%2F11%2F15" in first and "retmax=250" in first
    ids = "".join(f"<Id>{number}</Id>" for number in range(1, 251))
    body = f"<eSearchResult><Count>250</Count><IdList>{ids}</IdList></eSearchResult>".encode()
    index = pubmed.parse(body, url=first, fetched=NOW)
    addresses = pubmed.records(index.names)
    assert len(addresses) == 3 and pubmed.named(addresses[2]) == tuple(map(str, range(201, 251)))
    assert pubmed.named(first) == ()


def test_a_day_with_too_many_is_told_and_a_window_is_halved() -> None:
    (first,) = pubmed.requests("x", date(2026, 11, 21), 20000)
    body = b"<eSearchResult><Count>20000</Count><IdList><Id>1</Id></IdList></eSearchResult>"
    newer, older = pubmed.parse(body, url=first, fetched=NOW).follow
    assert "mindate=2026%2F11%2F22&maxdate=3000" in newer and "mindate=2026%2F11%2F21&maxdate=2026%2F11%2F21" in older
    assert pubmed.stable(newer) == pubmed.stable(older)
    last = pubmed.parse(body, url=older, fetched=NOW)
    assert last.follow == () and "20000 records on one day" in last.problems[0]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "an empty answer"),
        (b"<html><title>Down</title></html>", "a page of HTML in place of XML: Down"),
        (b"<eSearchResult><ERROR>Invalid db name</ERROR></eSearchResult>", "PubMed says: Invalid db name"),
        (b"<eSearchResult><Count>5</Count><IdList/></eSearchResult>", "5 hits and no list"),
        (b"<eSearchResult><Count>5</Count><IdList><Id>1</Id></IdList></eSearchResult>", "half a list"),
        (b"<eSearchResult><Count>many</Count></eSearchResult>", "without a count"),
        (b"<eFetchResult><ERROR>Cannot retrieve</ERROR></eFetchResult>", "PubMed says: Cannot retrieve"),
        (b"<other/>", "neither a search nor records"),
        (f"<PubmedArticleSet>{FULL}".encode()[:900], "half an answer"),
        (f"<PubmedArticleSet>{small(title='a &nbsp; b')}</PubmedArticleSet>".encode(), "Entity 'nbsp' not defined"),
        (f"<PubmedArticleSet>{small(pmid=0)}</PubmedArticleSet>".encode(), "without PMID"),
        (b'{"error": "API rate limit exceeded"}', "not XML"),
    ],
)  # fmt: skip
def test_what_is_no_answer_is_named(body: bytes, said: str) -> None:
    with pytest.raises(ApiError) as raised:
        pubmed.parse(body, url="https://e.example/?retmax=100", fetched=NOW)
    assert said in str(raised.value)


def test_records_that_did_not_come_are_told() -> None:
    body = f"<PubmedArticleSet>{small()}</PubmedArticleSet>".encode()
    index = pubmed.parse(body, url=pubmed.records(["99000001", "99000777"])[0], fetched=NOW)
    assert index.problems == ("1 records did not come: 99000777",)
    with pytest.raises(ApiError, match="none of 1 records"):
        pubmed.parse(b"<PubmedArticleSet/>", url=pubmed.records(["99000777"])[0], fetched=NOW)


# files


def write(folder: Path, name: str, *records: str, tail: str = "") -> Path:
    path = folder / name
    body = "<?xml version='1.0' encoding='utf-8'?>\n<!DOCTYPE PubmedArticleSet SYSTEM 'x.dtd'>\n<PubmedArticleSet>\n"
    path.write_bytes(gzip.compress((body + "\n".join(records) + tail + "\n</PubmedArticleSet>").encode()))
    return path


def kinds(items: list[Any]) -> list[str]:
    return [item.native if isinstance(item, ListEntry) else str(getattr(item, "pmid", item)) for item in items]


def test_files_are_read_in_order_with_their_deletions(tmp_path: Path) -> None:
    tail = '<DeleteCitation><PMID Version="1">99000005</PMID><PMID Version="1">99000006</PMID></DeleteCitation>'
    write(tmp_path, "pubmed26n0002.xml.gz", small(99000003), tail=tail)
    write(tmp_path, "pubmed26n0001.xml.gz", small(99000001), small(99000002))
    items = list(read_files(find_files(tmp_path), NOW))
    assert kinds(items) == ["99000001", "99000002", "99000003", "99000005", "99000006"]
    assert [type(item) for item in items[3:]] == [Deleted, Deleted]


def test_an_empty_folder_says_so(tmp_path: Path) -> None:
    with pytest.raises(ApiError, match=r"no \*\.xml\.gz in it"):
        find_files(tmp_path)


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        (small(99000002, title="a &nbsp; b"), "record 99000002 is left out: Entity 'nbsp' not defined"),
        (small(99000002, title="a <b>b"), "record 99000002 is left out: Opening and ending tag mismatch"),
        (small(99000002).replace("</Article>", "</Artikel>"), "record 99000002 is left out: Opening and ending tag"),
        (small(99000002, inside="<MeshHeadingList><MeshHeading/>"), "record 99000002 is left out: Opening and ending"),
        (small(99000002).replace('<PMID Version="1">99000002</PMID>', ""), "a record without PMID is left out"),
    ],
)  # fmt: skip
def test_a_bad_record_is_left_out_alone(tmp_path: Path, bad: str, said: str) -> None:
    path = write(tmp_path, "a.xml.gz", small(99000001), bad, small(99000003))
    first, problem, last = read_files([path], NOW)
    assert kinds([first, last]) == ["99000001", "99000003"]
    assert isinstance(problem, Problem) and said in str(problem) and len(str(problem).splitlines()) == 1


def test_a_file_that_breaks_off_gives_what_stood_before(tmp_path: Path) -> None:
    path = write(tmp_path, "a.xml.gz", *(small(99000000 + number) for number in range(1, 200)))
    whole = path.read_bytes()
    path.write_bytes(whole[:-300])
    *entries, problem = read_files([path], NOW)
    assert 0 < len(entries) < 200 and "the gzip breaks off; what came before is read" in str(problem)
    path.write_bytes(whole[:100] + b"\xff" * 100 + whole[200:])
    assert "the gzip is damaged" in str(list(read_files([path], NOW))[-1])
    plain = tmp_path / "b.xml"
    plain.write_bytes(gzip.decompress(whole)[:-60])
    *entries, problem = read_files([plain], NOW)
    assert len(entries) == 198 and "the file breaks off" in str(problem)


def test_a_wrong_checksum_leaves_the_file_out(tmp_path: Path) -> None:
    path = write(tmp_path, "a.xml.gz", small())
    beside = tmp_path / "a.xml.gz.md5"
    beside.write_text(f"MD5(a.xml.gz)= {hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()}\n")
    assert kinds(list(read_files([path], NOW))) == ["99000001"]
    beside.write_text(f"MD5(a.xml.gz)= {'0' * 32}\n")
    (problem,) = read_files([path], NOW)
    assert "its md5 is" in str(problem) and "the file is left out" in str(problem)
    beside.write_text("nothing\n")
    assert "holds no checksum" in str(next(iter(read_files([path], NOW))))


@pytest.mark.parametrize(
    ("body", "said"), [(b"<html>no</html>", None), (b"hello", "no file of PubMed records: hello"), (b"", "nothing")]
)
def test_what_is_no_such_file(tmp_path: Path, body: bytes, said: str | None) -> None:
    (tmp_path / "a.xml").write_bytes(body)
    items = list(read_files([tmp_path / "a.xml"], NOW))
    assert (said is None and items == []) or (said is not None and said in str(items[0]))


def test_no_more_than_a_block_is_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crawlers.lists.apis.medline.BLOCK", 3000)
    path = write(tmp_path, "a.xml.gz", *(small(99000000 + number, title="x" * 500) for number in range(1, 60)))
    assert kinds(list(read_files([path], NOW))) == [str(99000000 + number) for number in range(1, 60)]
    monkeypatch.setattr("crawlers.lists.apis.medline.LARGEST", 2000)
    path = write(tmp_path, "b.xml.gz", small(99000001), small(99000002, title="y" * 9000))
    *_, problem = read_files([path], NOW)
    assert "no record ends within 2000 bytes" in str(problem)


def test_an_old_doi_keeps_its_angle_brackets() -> None:
    old = "10.1002/(SICI)1097-0258(19980815)17:15&lt;1661::AID-SIM968&gt;3.0.CO;2-2"
    (doi,) = read(FULL.replace("10.5555/ABC.1", old)).identifiers["doi"]
    assert doi == "10.1002/(sici)1097-0258(19980815)17:15<1661::aid-sim968>3.0.co;2-2"


@pytest.mark.parametrize(
    "parts",
    [
        [], [""], ["Kim", "Ada"], ["", "Kim", ""], ["a &lt; b", "c"], ["&lt;", ""], ["a&amp;b"], [" a", "b "],
        ["a  b", "c"], ["a\n", "b"], ["é"], ["a", "\u0338 b"], ["&lt;", "\u0338"], ["e\u0301", "f"], ["a\u200b", "b"],
        ["a", " b"], ["a\x01b"], ["\x7f"], ["&#60;", "&#x338;", "x"],
    ],
)  # fmt: skip
def test_many_are_flattened_as_each_is(parts: list[str]) -> None:
    raw = [part.encode().decode("latin-1") for part in parts]
    assert element_texts(raw) == [element_text(part) for part in raw]


def test_what_cannot_be_flattened_is_refused() -> None:
    for parts in (["a", "&nbsp;"], ["a", "\xff"]):
        with pytest.raises(ApiError):
            element_texts(parts)


def test_people_read_the_same_at_once_and_one_by_one() -> None:
    usual = (
        "<Author ValidYN='Y'><LastName>Kim</LastName><ForeName>Ada  M</ForeName><Initials>A</Initials>{}</Author>"
        "<Author><LastName>Lee &amp; Co</LastName><ForeName>B</ForeName><Initials>B</Initials>\n"
        '<Identifier Source="ORCID">0000-0002-1825-0097</Identifier>{}</Author>'
    )
    place = "<AffiliationInfo><Affiliation> Institute &amp; Co. </Affiliation></AffiliationInfo>"
    text = usual.format(place, place + place.replace("Institute", "Company"))
    people, affiliations = parse_authors(text)
    assert people == [
        {"name": "Ada M Kim", "affiliations": ["Institute & Co."]},
        {"name": "B Lee & Co", "affiliations": ["Institute & Co.", "Company & Co."], "orcid": "0000-0002-1825-0097"},
    ]
    group = "<Author><CollectiveName>Cell Group</CollectiveName></Author>"
    among, also = parse_authors(text + group)
    assert among == [*people, {"name": "Cell Group"}]
    assert list(dict.fromkeys(also)) == list(dict.fromkeys(affiliations)) == ["Institute & Co.", "Company & Co."]


def test_several_gzips_in_one_file_are_one(tmp_path: Path) -> None:
    whole = f"<PubmedArticleSet>{small(99000001)}{small(99000002)}</PubmedArticleSet>".encode()
    (tmp_path / "a.xml.gz").write_bytes(gzip.compress(whole[:200]) + gzip.compress(b"") + gzip.compress(whole[200:]))
    assert kinds(list(read_files([tmp_path / "a.xml.gz"], NOW))) == ["99000001", "99000002"]
