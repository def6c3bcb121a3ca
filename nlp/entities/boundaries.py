"""Where a name may begin and end in running text, by script.

Uses only the folded text and the span, no lexicon. In order:

1. Letters with spaces between words (Latin, Greek, Cyrillic …): no letter or digit may touch the name, except one
   of the scripts below ("KAIST는", "京都大学CiRA").
2. Korean: what follows a name must consist of particles and common nouns of our field (은, 에서, 환자, 치료제 …). A
   name of four syllables and more that begins its word may be followed by anything (줄기세포…). No syllable may be
   before a name of up to three syllables, unless it ends a word that often comes before names (급성, 자가, 유래 …):
   준비만 ("only to prepare") does not contain 비만 ("obesity").
3. Katakana: the run of katakana must be the name's own, except for words that often come before or after (ヒト,
   モデル): プラットフォーム ("platform") does not contain ラット ("rat").
4. Hiragana: only particles may be next to a name in hiragana: がんばる ("to try hard") is not がん ("cancer").
5. Chinese characters have no boundaries. But a name of one character must be separate from others, except a few that
   only join words (的, 在, 和 …). Compounds that contain a name by chance are `decoy` rows of the lexicons.
"""

from __future__ import annotations

import re

LONGEST_SUFFIX = 24  # syllables looked at behind a Korean name

NOUNS = (
    "환자|치료|연구|센터|교수|기반|유래|이식|은행|세포|조직|질환|모델|수술|재생|손상|진단|예방|의학|의과|대학|병원|분야|관련|"
    "발생|위험|증상|동물|실험|임상|국립|정부|시장|기업|배양|분화|생성|기증|투여|주사|약물|의약|신약|백신|개선|완화|"
    "발병|사망|유전|전이|재발|신경|혈관|전문|학회|협회|재단|그룹|본사|출신|현지|등지|식약|보건|과학|공동|당국|"
    "특허|기술|생물|바이오|제약|연합|지역|시민|국민|언론|뉴스|내과|외과|세균|항체|항원|단백|수용|표면|분비|추출|보관|은행"
)
PARTICLES = frozenset(
    re.findall(
        r"[^|]+",
        "은|는|이|가|을|를|의|에|와|과|도|로|으로|에서|에게|께서|부터|까지|만|및|등|이나|나|라|이란|"
        "란|인|인데|이며|며|처럼|보다|이라|라는|고|라고|하고|랑|든|한테|마다|조차|밖에|서|써|이다|다|"
        "입니다|였다|였던|이었다|이고|이지만|지만|이자|라며|이라며|들|간|내|외|시|후|전|중|용|별|별로|측|"
        "팀|군|주|증|제|장|급|성|형|판|산|계|구|실|팀장|원장|총장|박사|때문|같은|뿐|대비|적",
    )
)
NOUN = re.compile(NOUNS)
BEFORE = re.compile(
    "(?:급성|만성|자가|동종|이종|유래|기반|성인|소아|노인|환자|인간|사람|생쥐|마우스|정상|건강|초기|말기|희귀|난치|유전|가족|임신|"
    "신생아|여성|남성|골수|제대혈|지방|태반|양막|치수|피부|혈관|신경|심장|척수|연골|근육|망막|각막|췌장|조혈|중간엽|배아|성체|"
    "만능|분화|세포|또는|각종|모든|일반|전체|국내|해외|미국|한국|일본|중국|질환|치료|관절|중증|경증|진행|재발|전이|동물|"
    "난소|정상|무릎|코로나|치주|간질|선천|후천|[가-힣]성|[가-힣]형)$"
)
KATAKANA_BEFORE = re.compile(
    "(?:ヒト|マウス|ラット|モデル|ブタ|サル|ミニ|ヌード|ノックアウト|トランスジェニック|キメラ|オス|メス|ドナー)$"
)
KATAKANA_AFTER = re.compile(
    "(?:モデル|グループ|チーム|センター|プロジェクト|シグナル|ゲノム|レベル|サンプル|ドナー|バンク|メーカー|ベンチャー|"
    "コホート|データ|タンパク|キメラ|パッチ|シート|リスク|ワクチン|クリニック|スクール|ジャパン|サイエンス|ニューロン)"
)
HIRAGANA_AFTER = frozenset("のはがをにとでもやへかなだよ")
HIRAGANA_BEFORE = frozenset("のはがをにとでもやへかた、")
JOINTS = frozenset("的在和与及对从由将把用给與對從將給之为為中内內里裡上或等")  # parts of speech, not of words


def may_start(folded: str, start: int) -> bool:
    """False when nothing can begin here: the quick question, before a name is looked up."""
    if start == 0:
        return True
    before = folded[start - 1]
    return not before.isalnum() or is_cjk(folded[start]) or is_cjk(before)


def may_stand(folded: str, start: int, end: int) -> bool:
    """True when the known name at this span (end exclusive) is a word of its own. The caller asks `may_start` first."""
    first, last = folded[start], folded[end - 1]
    after = folded[end] if end < len(folded) else " "
    before = folded[start - 1] if start else " "
    if first < "\u3040" and last < "\u3040":  # Latin and similar scripts
        return not after.isalnum() or is_cjk(after)
    if is_hangul(last) and is_hangul(after) and not _ends_korean(folded, start, end):
        return False
    if is_hangul(first) and is_hangul(before) and _syllables(folded, start, end) < 4:
        return BEFORE.search(folded, max(0, start - 6), start) is not None
    if not _is_whole_kana(folded, start, end, before, after):
        return False
    if end - start == 1 and is_han(first):
        return (not is_han(before) or before in JOINTS) and (not is_han(after) or after in JOINTS)
    if not is_cjk(last):  # "CAR-T細胞H9" ends in Latin letters
        return not after.isalnum() or is_cjk(after)
    return True


def _is_whole_kana(folded: str, start: int, end: int, before: str, after: str) -> bool:
    """False when katakana or hiragana next to the name shows that it is a part of another word."""
    first, last = folded[start], folded[end - 1]
    if is_katakana(first) and is_katakana(before) and not KATAKANA_BEFORE.search(folded, max(0, start - 10), start):
        return False
    if is_katakana(last) and is_katakana(after) and not KATAKANA_AFTER.match(folded, end):
        return False
    if is_hiragana(first) and is_hiragana(before) and before not in HIRAGANA_BEFORE:
        return False
    return not (is_hiragana(last) and is_hiragana(after) and after not in HIRAGANA_AFTER)


def _ends_korean(folded: str, start: int, end: int) -> bool:
    size = _syllables(folded, start, end)
    if size >= 4 and not (start and is_hangul(folded[start - 1])):
        return True
    stop = end
    while stop < len(folded) and stop - end < LONGEST_SUFFIX and is_hangul(folded[stop]):
        stop += 1
    return NOUN.match(folded, end, stop) is not None or _are_particles(folded, end, stop)


def _are_particles(folded: str, start: int, stop: int) -> bool:
    """True when the stretch can be parted into particles."""
    reached = {start}
    for at in range(start, stop):
        if at in reached:
            reached |= {at + size for size in (1, 2, 3) if folded[at : at + size] in PARTICLES}
    return stop in reached


def _syllables(folded: str, start: int, end: int) -> int:
    """Characters of a name, spaces not counted."""
    return end - start - folded.count(" ", start, end)


def is_hangul(char: str) -> bool:
    return "가" <= char <= "힣"


def is_katakana(char: str) -> bool:
    return "\u30a1" <= char <= "\u30fc" and char != "\u30fb"


def is_hiragana(char: str) -> bool:
    return "\u3041" <= char <= "\u309f"


def is_han(char: str) -> bool:
    return "\u3400" <= char <= "\u9fff" or "\uf900" <= char <= "\ufaff"


def is_cjk(char: str) -> bool:
    """True for Korean syllables, kana and Chinese characters."""
    return "\u3040" <= char <= "\u9fff" or "가" <= char <= "힣" or "\uf900" <= char <= "\ufaff"
