"""Identifiers: one spelling for one thing, and nothing that only looks like one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.ids import SCHEMES, doi_of_url, find_ids, ids_of_url, normalise

DOI = "10.1007/s00401-020-02151-y"


@pytest.mark.parametrize(
    "raw",
    [
        DOI,
        DOI.upper(),
        f" {DOI} ",
        f"doi:{DOI}",
        f"DOI: {DOI}.",
        f"doi:doi:{DOI}",
        f"https://doi.org/{DOI}",
        f"http://dx.doi.org/{DOI}",
        f"doi.org/{DOI},",
        f"info:doi/{DOI}",
        f"urn:doi:{DOI}",
        "https://doi.org/10.1007%2Fs00401-020-02151-y",
        "10.1007%2fs00401-020-02151-y",
        "10.1007/s00401\u2013020\u201102151\u2212y",
        f"{DOI})",
        f"{DOI}].",
    ],
)
def test_one_spelling_of_a_doi(raw: str) -> None:
    assert normalise("doi", raw) == DOI


@pytest.mark.parametrize(
    "raw", ["", "10.", "10.1/x", "10.1007", "10.1007/", "10.1007/a b", "doi:", "11.1007/x", "10.x/y"]
)
def test_not_a_doi(raw: str) -> None:
    assert normalise("doi", raw) is None


def test_a_doi_may_end_in_a_bracket_that_it_opened() -> None:
    assert normalise("doi", "10.1016/S0140-6736(20)30183-5).") == "10.1016/s0140-6736(20)30183-5"
    assert normalise("doi", "(10.1016/x") is None
    text = "(see 10.1016/s0140-6736(20)30183-5)."
    assert [(hit.value, text[hit.start : hit.end]) for hit in find_ids(text)] == [
        ("10.1016/s0140-6736(20)30183-5", "10.1016/s0140-6736(20)30183-5")
    ]


def test_the_old_form_with_angle_brackets() -> None:
    sici = "10.1002/(SICI)1097-0258(19980815/30)17:15/16<1661::AID-SIM968>3.0.CO;2-2"
    assert normalise("doi", sici) == sici.lower()
    assert normalise("doi", sici.replace("<", "&lt;").replace(">", "&gt;")) == sici.lower()
    assert [hit.value for hit in find_ids(f"as in {sici}.")] == [sici.lower()]


@pytest.mark.parametrize(
    ("url", "doi"),
    [
        ("https://onlinelibrary.wiley.com/doi/10.1002/tax.12603?af=R", "10.1002/tax.12603"),
        ("https://onlinelibrary.wiley.com/doi/abs/10.1002/tax.12603", "10.1002/tax.12603"),
        ("https://stemcellsjournals.onlinelibrary.wiley.com/doi/epdf/10.1002/sctm.19-0123", "10.1002/sctm.19-0123"),
        ("https://www.tandfonline.com/doi/full/10.1080/123.2020.1/full?x=1#top", "10.1080/123.2020.1"),
        ("https://www.biorxiv.org/content/10.1101/2023.02.28.530540v1", "10.1101/2023.02.28.530540"),
        ("https://www.biorxiv.org/content/10.1101/2023.02.28.530540v2.full-text", "10.1101/2023.02.28.530540"),
        ("http://biorxiv.org/cgi/content/short/2023.02.28.530540v1?rss=1", "10.1101/2023.02.28.530540"),
        ("https://www.biorxiv.org/content/early/2018/01/02/241234", "10.1101/241234"),
        ("http://medrxiv.org/cgi/content/short/2020.03.01.20029769v2?rss=1", "10.1101/2020.03.01.20029769"),
        ("http://biorxiv.org/cgi/content/short/2025.12.28.530540v1?rss=1", None),
        ("https://www.nature.com/articles/s41586-020-2012-7", "10.1038/s41586-020-2012-7"),
        ("https://www.nature.com/articles/s41586-020-2012-7.pdf", "10.1038/s41586-020-2012-7"),
        ("https://www.nature.com/articles/ncomms12345", "10.1038/ncomms12345"),
        ("https://www.nature.com/articles/about", None),
        ("https://www.nature.com/subjects/stem-cells", None),
        ("https://link.springer.com/article/10.1007/s00401-020-02151-y", DOI),
        ("https://link.springer.com/content/pdf/10.1007%2Fs00401-020-02151-y.pdf", DOI),
        ("https://stemcellres.biomedcentral.com/articles/10.1186/s13287-020-01234-5", "10.1186/s13287-020-01234-5"),
        ("https://www.frontiersin.org/articles/10.3389/fcell.2020.00123/full", "10.3389/fcell.2020.00123"),
        ("https://iopscience.iop.org/article/10.1088/1758-5090/abcd12/meta", "10.1088/1758-5090/abcd12"),
        ("https://journals.plos.org/x?id=10.1371/journal.pone.0012345&type=printable", "10.1371/journal.pone.0012345"),
        ("https://x.example/landing?doi=10.1000%2Fabc.1&utm=1", "10.1000/abc.1"),
        ("https://elifesciences.org/articles/64250", "10.7554/elife.64250"),
        ("https://arxiv.org/abs/2101.00001v2", "10.48550/arxiv.2101.00001"),
        ("https://doi.org/10.1000/full", "10.1000/full"),
        ("ftp://doi.org/10.1000/abc", None),
        ("https://[broken/10.1000/abc", None),
        ("https://evilnature.com/articles/s41586-020-2012-7", None),
        ("https://example.org/news/10.html", None),
    ],
)  # fmt: skip
def test_doi_of_an_address(url: str, doi: str | None) -> None:
    assert doi_of_url(url) == doi


@pytest.mark.parametrize(
    ("scheme", "raw", "value"),
    [
        ("pmid", "PMID: 32123456", "32123456"),
        ("pmid", "https://pubmed.ncbi.nlm.nih.gov/32123456/", "32123456"),
        ("pmid", "https://www.ncbi.nlm.nih.gov/pubmed/32123456?dopt=Abstract", "32123456"),
        ("pmid", "0123", None),
        ("pmid", "123456789", None),
        ("pmid", "٣٢", None),
        ("pmcid", "pmc7012345", "PMC7012345"),
        ("pmcid", "https://www.ncbi.nlm.nih.gov/pmc/articles/PMC7012345/pdf/x.pdf", "PMC7012345"),
        ("pmcid", "https://pmc.ncbi.nlm.nih.gov/articles/PMC7012345/", "PMC7012345"),
        ("pmcid", "PMC7012345.1", "PMC7012345"),
        ("pmcid", "7012345", None),
        ("nct", "nct 01234567", "NCT01234567"),
        ("nct", "https://clinicaltrials.gov/study/NCT01234567", "NCT01234567"),
        ("nct", "https://clinicaltrials.gov/ct2/show/NCT01234567?term=x", "NCT01234567"),
        ("nct", "NCT0123456", None),
        ("isrctn", "ISRCTN 12345678", "ISRCTN12345678"),
        ("isrctn", "https://www.isrctn.com/ISRCTN12345678", "ISRCTN12345678"),
        ("isrctn", "ISRCTN123", None),
        ("eudract", "EudraCT number: 2015-001234-12", "2015-001234-12"),
        ("eudract", "EUCTR2015-001234-12-DE", "2015-001234-12"),
        ("eudract", "2015\u2013001234\u201312", "2015-001234-12"),
        ("eudract", "2022-500014-26-00", None),
        ("ctis", "2022-500014-26-00", "2022-500014-26-00"),
        ("ctis", "EU CT number 2022-500014-26", "2022-500014-26-00"),
        ("ctis", "2015-001234-12", None),
        ("ror", "https://ror.org/05dxps055", "05dxps055"),
        ("ror", "05DXPS055", "05dxps055"),
        ("ror", "03yrm5c26", "03yrm5c26"),
        ("ror", "05dxps056", None),
        ("orcid", "https://orcid.org/0000-0002-1825-0097", "0000-0002-1825-0097"),
        ("orcid", "0000-0002-1694-233x", "0000-0002-1694-233X"),
        ("orcid", "0000-0002-1825-0098", None),
        ("orcid", "1234-0002-1825-0097", None),
    ],
)
def test_the_other_schemes(scheme: str, raw: str, value: str | None) -> None:
    assert normalise(scheme, raw) == value


def test_unknown_scheme_is_an_error() -> None:
    with pytest.raises(KeyError):
        normalise("isbn", "x")


def test_find_in_running_text() -> None:
    text = (
        "The trial (NCT01234567; EudraCT 2015-001234-12, later 2022-500014-26-00) was reported in "
        "https://doi.org/10.1000/ABC.1, PMID 32123456 and PMC7012345; ISRCTN12345678. "
        "By 0000-0002-1825-0097 (https://ror.org/05dxps055). Call 2015-001234-1234 or 32123456."
    )
    assert [(hit.scheme, hit.value) for hit in find_ids(text)] == [
        ("nct", "NCT01234567"),
        ("eudract", "2015-001234-12"),
        ("ctis", "2022-500014-26-00"),
        ("doi", "10.1000/abc.1"),
        ("pmid", "32123456"),
        ("pmcid", "PMC7012345"),
        ("isrctn", "ISRCTN12345678"),
        ("orcid", "0000-0002-1825-0097"),
        ("ror", "05dxps055"),
    ]


def test_find_dois_side_by_side_and_before_korean() -> None:
    text = "10.1000/a.1;10.1000/b.2,doi:10.1000/c.3 논문(10.1000/d.4)에서 10.1000/e.5입니다"
    assert [hit.value for hit in find_ids(text)] == [f"10.1000/{x}" for x in ("a.1", "b.2", "c.3", "d.4", "e.5")]


def test_find_in_an_address_drops_what_is_not_the_doi() -> None:
    text = "at https://www.frontiersin.org/articles/10.3389/fcell.2020.00123/full?utm=1 and <b>10.1000/x</b>"
    assert [hit.value for hit in find_ids(text)] == ["10.3389/fcell.2020.00123", "10.1000/x"]


def test_ids_of_url() -> None:
    assert ids_of_url("https://pubmed.ncbi.nlm.nih.gov/32123456/?utm_source=x") == {"pmid": "32123456"}
    assert ids_of_url("https://clinicaltrials.gov/study/NCT01234567") == {"nct": "NCT01234567"}
    assert ids_of_url("https://pmc.ncbi.nlm.nih.gov/articles/PMC7012345/") == {"pmcid": "PMC7012345"}
    assert ids_of_url("https://example.org/") == {}


suffixes = st.text(
    st.characters(min_codepoint=33, max_codepoint=126, exclude_characters='"<>%&'), min_size=1, max_size=40
)


@given(suffixes)
def test_doi_round_trips(suffix: str) -> None:
    value = normalise("doi", f"10.1000/{suffix}")
    if value is not None:
        assert normalise("doi", value) == value
        assert normalise("doi", f"https://doi.org/{value}".replace("#", "%23").replace("?", "%3F")) == value
        assert normalise("doi", f"doi:{value}.") == value


@given(st.sampled_from(SCHEMES), st.text(max_size=60))
def test_normalise_is_idempotent_on_anything(scheme: str, raw: str) -> None:
    value = normalise(scheme, raw)
    if value is not None:
        assert normalise(scheme, value) == value


PIECES = [
    "10.1000/x",
    "NCT01234567",
    "(",
    ")",
    " ",
    "-",
    "%2F",
    "&amp;",
    "https://doi.org/",
    "v2",
    "PMID:",
    "1",
    "é",
    "줄",
]


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join) | st.text(max_size=80))
def test_what_is_found_stands_there(text: str) -> None:
    last = 0
    for hit in find_ids(text):
        assert last <= hit.start < hit.end <= len(text)
        assert normalise(hit.scheme, text[hit.start : hit.end]) == hit.value
        last = hit.end


@given(st.integers(0, 10**11 - 1))
def test_orcid_check_digit_catches_any_single_wrong_digit(number: int) -> None:
    body = f"0000{number:011d}"
    total = 0
    for char in body:
        total = (total + int(char)) * 2
    check = "0123456789X"[(12 - total % 11) % 11]
    good = "-".join((body + check)[i : i + 4] for i in range(0, 16, 4))
    assert normalise("orcid", good) == good
    wrong = good[:8] + str((int(good[8]) + 1) % 10) + good[9:]
    assert normalise("orcid", wrong) is None


@pytest.mark.parametrize(
    "text", ["10.1000/" + "(" * 50_000, "NCT" * 30_000, "10.1000/a," * 20_000, "PMID " + " " * 90_000]
)
def test_floods_end(text: str) -> None:
    find_ids(text)


@pytest.mark.parametrize(
    ("scheme", "raw", "value"),
    [
        ("geo", "GSE123456", "GSE123456"),
        ("geo", "gsm1234", "GSM1234"),
        ("geo", "GEO accession: GPL570", "GPL570"),
        ("geo", "https://www.ncbi.nlm.nih.gov/geo/query/acc.cgi?acc=GDS5826&targ=self", "GDS5826"),
        ("geo", "GSE12", None),
        ("geo", "GPL3", None),
        ("geo", "GSE012345", None),
        ("rrid", "RRID:AB_2138153", "AB_2138153"),
        ("rrid", "RRID: CVCL_b5p3", "CVCL_B5P3"),
        ("rrid", "IMSR_JAX:000664", "IMSR_JAX:000664"),
        ("rrid", "https://scicrunch.org/resolver/RRID:SCR_002798", "SCR_002798"),
        ("rrid", "RRID:Addgene_12260", "ADDGENE_12260"),
        ("rrid", "RRID:none_given", None),
        ("rrid", "AB-2138153", None),
    ],
)
def test_data_sets_and_resources(scheme: str, raw: str, value: str | None) -> None:
    assert normalise(scheme, raw) == value


def test_data_sets_and_resources_in_running_text() -> None:
    text = (
        "Data are in GEO (GSE123456, GSM7654321) under the GPL3 licence; antibody RRID:AB_2138153, mice "
        "(RRID:IMSR_JAX:000664), line CVCL_9773. EudraCT 2015-001234-12, CTIS 2022-500014-26-00, ISRCTN12345678, "
        "PMC1234567. Not: XGSE123456, CVCL_97731, AB_2138153, an RRID is needed."
    )
    assert [(hit.scheme, text[hit.start : hit.end]) for hit in find_ids(text)] == [
        ("geo", "GSE123456"),
        ("geo", "GSM7654321"),
        ("rrid", "AB_2138153"),
        ("rrid", "IMSR_JAX:000664"),
        ("rrid", "CVCL_9773"),
        ("eudract", "2015-001234-12"),
        ("ctis", "2022-500014-26-00"),
        ("isrctn", "ISRCTN12345678"),
        ("pmcid", "PMC1234567"),
    ]
