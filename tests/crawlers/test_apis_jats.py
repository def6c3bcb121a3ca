"""Full text in JATS, by an article of our own writing."""

from __future__ import annotations

import pytest

from crawlers.lists.apis import ApiError, jats

NOW = "2026-11-22T03:00:00Z"
ARTICLE = """<?xml version="1.0"?><!DOCTYPE article PUBLIC "-//NLM//DTD JATS//EN" "JATS-archivearticle1.dtd">
<article xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:mml="http://www.w3.org/1998/Math/MathML"
 article-type="research-article" xml:lang="en"><front><journal-meta><journal-title-group><journal-title>Cells of Test
</journal-title><abbrev-journal-title>Cells Test</abbrev-journal-title></journal-title-group>
<issn pub-type="epub">1234-5679</issn></journal-meta><article-meta>
<article-id pub-id-type="doi">10.5555/ABC.1</article-id><article-id pub-id-type="pmid">99000001</article-id>
<article-id pub-id-type="pmc">9900011</article-id>
<title-group><article-title>On <italic>stem</italic> cells<xref ref-type="fn" rid="n">*</xref></article-title>
</title-group>
<contrib-group><contrib contrib-type="author"><contrib-id contrib-id-type="orcid">https://orcid.org/0000-0002-1825-0097
</contrib-id><name><surname>Kim</surname><given-names>Ada</given-names></name><xref ref-type="aff" rid="a1">1</xref>
</contrib><contrib contrib-type="author"><collab>Cell Group<contrib-group><contrib contrib-type="author"><name>
<surname>Member</surname></name></contrib></contrib-group></collab></contrib><contrib contrib-type="editor"><name>
<surname>Editor</surname></name></contrib></contrib-group><aff id="a1"><label>1</label>Institute of Cells, Seoul</aff>
<pub-date pub-type="epub"><day>3</day><month>8</month><year>2026</year></pub-date>
<pub-date pub-type="ppub"><month>9</month><year>2026</year></pub-date><volume>7</volume><issue>2</issue>
<elocation-id>e1</elocation-id><permissions><license xlink:href="https://creativecommons.org/licenses/by/4.0/"/></permissions>
<related-article related-article-type="retracted-article" xlink:href="10.5555/old" ext-link-type="doi"/>
<abstract><sec><title>METHODS</title><p>We grew them at 37&nbsp;&deg;C.</p></sec></abstract>
<abstract abstract-type="graphical"><p>A picture.</p></abstract><kwd-group><kwd>organoid</kwd></kwd-group>
<funding-group><award-group><funding-source>NIH</funding-source><award-id>R01</award-id></award-group>
<funding-statement>Paid by the <italic>NIH</italic>.</funding-statement></funding-group>
</article-meta></front><body><sec><title>Introduction</title><p>Cells are <bold>many</bold>:
<inline-formula><alternatives><mml:math><mml:mi>n</mml:mi></mml:math><tex-math>$n$</tex-math></alternatives></inline-formula>
.</p><sec><title>Aim</title><p>More.</p></sec></sec><fig><caption><p>A caption.</p></caption></fig></body><back>
<fn-group><fn fn-type="con"><p>AK wrote.</p></fn>
<fn fn-type="COI-statement"><p>Ada Kim holds a patent.</p></fn></fn-group>
<ref-list><ref id="r1"><label>1</label><mixed-citation>Lee B. Old cells. <pub-id pub-id-type="doi">10.5555/ref</pub-id>
</mixed-citation></ref><ref id="r2"><mixed-citation>Park C.</mixed-citation></ref></ref-list></back></article>"""


def test_an_article_with_everything() -> None:
    (entry,) = jats.parse(ARTICLE.encode(), url="https://e.example", fetched=NOW).entries
    assert entry.title == "On stem cells"
    assert entry.identifiers == {"doi": ["10.5555/abc.1"], "pmid": ["99000001"], "pmcid": ["PMC9900011"]}
    assert entry.native == "doi:10.5555/abc.1" and entry.published == "2026-08-03" and entry.lang == "en"
    assert entry.summary == "Methods: We grew them at 37 °C."
    assert entry.content == "Introduction\n\nCells are many: n .\n\nAim\n\nMore."
    assert entry.authors == ("Ada Kim", "Cell Group")
    extra = entry.extra
    assert extra["people"][0] == {
        "name": "Ada Kim", "affiliations": ["Institute of Cells, Seoul"], "orcid": "0000-0002-1825-0097"
    }  # fmt: skip
    assert extra["contributors"] == 3 and extra["types"] == ["research-article"]
    assert (extra["journal"], extra["volume"], extra["issue"], extra["pages"]) == ("Cells of Test", "7", "2", "e1")
    assert extra["licence"] == "https://creativecommons.org/licenses/by/4.0/"
    assert extra["sections"] == [{"title": "Introduction", "level": 1}, {"title": "Aim", "level": 2}]
    assert extra["references"] == [
        {"id": "r1", "text": "Lee B. Old cells. 10.5555/ref", "doi": "10.5555/ref"}, {"id": "r2", "text": "Park C."}
    ]  # fmt: skip
    assert extra["grants"] == [{"id": "R01", "agency": "NIH"}] and extra["keywords"] == ["organoid"]
    assert extra["funding"] == "Paid by the NIH." and extra["interests"] == "Ada Kim holds a patent."
    (notice,) = extra["notices"]
    assert (notice["nature"], notice["about"], notice["notice"]) == (
        "retraction",
        "doi:10.5555/old",
        "doi:10.5555/abc.1",
    )


@pytest.mark.parametrize(
    ("old", "new", "licence"),
    [
        ('<license xlink:href="https://creativecommons.org/licenses/by/4.0/"/>', "", None),
        (
            '<license xlink:href="https://creativecommons.org/licenses/by/4.0/"/>',
            "<license><license-p>Under http://creativecommons.org/licenses/by-nc/3.0/.</license-p></license>",
            "http://creativecommons.org/licenses/by-nc/3.0/",
        ),
        (
            '<license xlink:href="https://creativecommons.org/licenses/by/4.0/"/>',
            "<license><license-p>Ask us.</license-p></license>",
            "Ask us.",
        ),
    ],
)
def test_licences(old: str, new: str, licence: str | None) -> None:
    (entry,) = jats.parse(ARTICLE.replace(old, new).encode(), url="https://e.example", fetched=NOW).entries
    assert entry.extra.get("licence") == licence


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "an empty answer"),
        (b"version https://git-lfs.example/spec/v1\noid sha256:00\nsize 9\n", "not XML"),
        (b"<error>no full text</error>", "a <error>, no JATS article"),
        (ARTICLE.encode()[:-200], "half an answer"),
        (ARTICLE.replace("&deg;", "&unheard;").encode(), "the unknown entity &unheard;"),
        (ARTICLE.replace("</bold>", "</bald>").encode(), "not well-formed"),
        (ARTICLE.replace("On <italic>stem</italic> cells", "").encode(), "an article without identifier or title"),
    ],
)
def test_what_is_no_article_is_named(body: bytes, said: str) -> None:
    with pytest.raises(ApiError) as raised:
        jats.parse(body, url="https://e.example", fetched=NOW)
    assert said in str(raised.value)


def test_an_old_doi_keeps_its_angle_brackets() -> None:
    old = "10.1002/(SICI)1097-0258(19980815)17:15&lt;1661::AID-SIM968&gt;3.0.CO;2-2"
    (entry,) = jats.parse(ARTICLE.replace("10.5555/ABC.1", old).encode(), url="https://e.example", fetched=NOW).entries
    assert entry.identifiers["doi"] == ["10.1002/(sici)1097-0258(19980815)17:15<1661::aid-sim968>3.0.co;2-2"]
