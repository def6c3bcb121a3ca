"""Letters to measure and to test with: one that has everything, and letters of any content, by hypothesis."""

from __future__ import annotations

from typing import get_args

from hypothesis import strategies as st

from publish.letters.letter import Chip, Elsewhere, Held, Letter, Line, Marked, Part, Update, UpdateKind
from publish.letters.records import Every

SITE = "https://stemwire.example"
DESK = "https://letters.stemwire.example"
INJECTIONS = (
    "=?utf-8?q?x=0D=0ABcc:_victim=40example.org?=",
    "=?utf-8?b?eA0KQmNjOiB2aWN0aW1AZXhhbXBsZS5vcmc=?=",
    "x\r\nBcc: victim@example.org",
    "x\nBcc: victim@example.org\n\nA body of my own",
    "==??utf-8?q?x=0A?=?=",
    "=\u200b?utf-8?q?x=0A?=",
    "x\u2028Bcc: victim@example.org\x85\x0b\x0c",
    'x" <victim@example.org>',
    "x, victim@example.org",
    "\ud800\x00\ufeff\u202e",
)

_SHEET = Line(
    title=Marked(text="First people get a pigment-cell sheet in a phase 1 trial", marks=((19, 31),)),
    page=f"{SITE}/d/87496555dbf7", kind="release", source="Hallam University", published="2026-11-21",
    url="https://hallam.example/news/1?a=1&b=2",
    chips=(
        Chip(text="phase 1"), Chip(text="15 people"), Chip(text="paper or.2026.1117", url=f"{SITE}/d/aaaaaaaaaaaa"),
        Chip(text="paper retracted", grave=True),
    ),
    cautions=("headline does not say: mice",),
    sentence=Marked(
        text="The sheet of retinal pigment epithelium was placed under the retina of 15 people.", marks=((13, 39),)
    ),
    why=("names retinal pigment epithelium (CL:0002586); you asked for retina*",),
    told_by="first: Hallam University; also Korea BioLife and 1 more", documents=("87496555dbf7", "5d1e0aa0b7ce"),
    key="87496555dbf7",
)  # fmt: skip
_KOREAN = Line(
    title=Marked(text="국내 연구진, 유도만능줄기세포로 만든 망막색소상피 시트를 환자 열다섯 명에게 이식해"),
    page=f"{SITE}/d/0d1e0aa0b7ce", kind="news", source="코리아 바이오라이프", published="2024-02-22",
    url="https://kbl.example/" + "%EC%A4%84" * 60, old="from 2024",
    sentence=Marked(text="视网膜色素上皮细胞片首次移植到十五名患者的视网膜下，一年后未见不良反应。", marks=((0, 7),)),
    why=("names 망막색소상피 (CL:0002586)",), documents=("0d1e0aa0b7ce",), key="0d1e0aa0b7ce",
)  # fmt: skip
RETRACTED = Update(
    kind="retraction", headline="Retracted: the paper behind 2 lines that we sent you, on 22 November 2026",
    detail="Ophthalmic Regeneration withdrew it because images could not be verified.", page=f"{SITE}/d/aaaaaaaaaaaa",
    url="https://pubmed.ncbi.nlm.nih.gov/99000300/", because="Retina cells", subject="work:doi:10.5555/or.2026.1117",
    number=2, documents=("aaaaaaaaaaaa",),
    held=(
        Held(title="First people get a pigment-cell sheet in a phase 1 trial", page=f"{SITE}/d/87496555dbf7",
             day="2026-11-21", key="87496555dbf7"),
        Held(title="망막색소상피 시트", page=f"{SITE}/d/5d1e0aa0b7ce", day="2026-11-22", key="5d1e0aa0b7ce"),
    ),
)  # fmt: skip
CORRECTED = Update(
    kind="number", headline="Correction: Korea BioLife now says 66 of 132, said 60 of 120", detail="", url=None,
    page=f"{SITE}/d/222222222222", because="knee cartilage", subject="edit:222222222222", number=2,
    documents=("222222222222",),
)  # fmt: skip
SAMPLE = Letter(
    site="Stemwire", home=SITE, day="2026-11-23", every="daily", first=False, about=(RETRACTED,),
    parts=(
        Part(subscription=1, name="Retina cells", query="retina*, news and papers",
             address=f"{SITE}/search?q=retina%2A", lines=(_SHEET,), more=12),
        Part(subscription=2, name="", query="knee cartilage", address=f"{SITE}/search?q=knee+cartilage",
             before=(_KOREAN,), found_before=9, covers="now also finds: cartilage of the knee joint"),
    ),
    changed=(CORRECTED,),
    elsewhere=(
        Elsewhere(title="Heart patch beats", page=f"{SITE}/d/333333333333", day="2026-11-20",
                  texts=("Han River Health: “Heart patch from stem cells”",), documents=("444444444444",)),
    ),
    nothing_on=("Neural crest",), manage=f"{DESK}/m/MQ.Ij23Dh-xJGCrc", stop=f"{DESK}/stop/MQ.Ij23Dh-xJGCrc",
    page=f"{DESK}/l/MQ.Ij23Dh-xJGCrc", replies_to=("1abc", "1def"),
)  # fmt: skip


def texts(size: int = 120) -> st.SearchStrategy[str]:
    """Any text, often with what has broken headers or lines before."""
    hard = st.sampled_from(["", *INJECTIONS, "줄기세포 " * 9, "视网膜色素上皮细胞片" * 9, "x" * 150, "👩\u200d🔬" * 40])
    return st.builds(lambda a, b, c: a + b + c, st.text(max_size=size), hard, st.text(max_size=size // 3))


def addresses() -> st.SearchStrategy[str]:
    """Addresses from outside, of any length, good or not."""
    long = st.integers(0, 60).map(lambda signs: f"https://daily.example/{'%EC%A4%84' * signs}")
    return long | st.sampled_from(
        ["javascript:alert(1)", "https://x.example/\r\nBcc: a@b.example", "", "http://[", "x"]
    )


def pages() -> st.SearchStrategy[str]:
    """Our own short addresses."""
    return st.text(alphabet="abcdef0123456789", min_size=12, max_size=12).map(lambda key: f"{SITE}/d/{key}")


def marked() -> st.SearchStrategy[Marked]:
    """A text with marks that may be anywhere."""
    place = st.tuples(st.integers(0, 60), st.integers(0, 80))
    return st.builds(Marked, text=texts(), marks=st.lists(place, max_size=3).map(tuple))


def _many(one: st.SearchStrategy[object], most: int = 2) -> st.SearchStrategy[object]:
    return st.lists(one, max_size=most).map(tuple)


def letters() -> st.SearchStrategy[Letter]:
    """Letters of any content."""
    day = st.sampled_from(["2026-11-20", "2025-12-31", "2026-02-28"])
    short, key = texts(40), st.text(alphabet="abcdef0123456789", max_size=12)
    chip = st.builds(Chip, text=short, url=st.none() | addresses(), grave=st.booleans())
    line = st.builds(
        Line, title=marked(), page=pages(), kind=st.sampled_from(["news", "paper"]) | short, source=short,
        published=st.none() | day | short, url=st.none() | addresses(), chips=_many(chip), cautions=_many(short),
        sentence=st.none() | marked(), why=_many(short), told_by=short, old=short, documents=_many(key), key=key,
    )  # fmt: skip
    held = st.builds(Held, title=texts(), page=pages(), day=day, key=key)
    update = st.builds(
        Update, kind=st.sampled_from(get_args(UpdateKind)), headline=texts(), detail=short, page=pages(),
        url=st.none() | addresses(), held=_many(held), because=short, subject=key, number=st.integers(0, 9),
        documents=_many(key),
    )  # fmt: skip
    part = st.builds(
        Part, subscription=st.integers(1, 9), name=texts(60), query=short, address=addresses(), lines=_many(line),
        more=st.integers(0, 9999), before=_many(line, 1), found_before=st.integers(0, 99), covers=short,
    )  # fmt: skip
    elsewhere = st.builds(Elsewhere, title=texts(), page=pages(), day=day, texts=_many(short), documents=_many(key))
    return st.builds(
        Letter, site=texts(60), home=st.just(SITE), day=day, every=st.sampled_from(get_args(Every)),
        first=st.booleans(), about=_many(update), parts=_many(part), changed=_many(update, 1),
        elsewhere=_many(elsewhere, 1), nothing_on=_many(short), manage=st.just(SAMPLE.manage),
        stop=st.just(SAMPLE.stop), page=st.just(SAMPLE.page), replies_to=_many(key | st.sampled_from(INJECTIONS)),
    )  # fmt: skip
