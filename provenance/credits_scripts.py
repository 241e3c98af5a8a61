"""Credited outlets in scripts without capital letters: Arabic, Chinese, Japanese, Korean.

Nothing there shows where a name begins, so the cue and the shape of the name are looked for together: a head
word that outlets' names have (社, 新聞, وكالة) beside a verb of reporting. Every repetition is bounded.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from provenance.credits_names import Name

if TYPE_CHECKING:
    from collections.abc import Iterator

_CONCERNED = re.compile("[\u0621-\u064a\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]")
_LATIN = "[A-Z][A-Za-z]{1,11}"
_PATTERNS = (
    # Chinese: 据新华社报道; 法新社报道称; the verb may stand off by a date or a place
    re.compile(
        rf"""(?:(?<=据)|(?<=據)|(?<=援引)|(?<![一-鿿]))
        (?P<name>(?![据據援引])[一-鿿]{{1,7}}?(?:通讯社|通訊社|电视台|電視台|新闻网|新聞網|时报|時報|日报|日報|晚报|晚報|周刊|社|报|報|网|網)|{_LATIN})
        (?:[（(][^）)]{{1,12}}[）)])?
        (?:[一-鿿\d]{{0,10}}?)(?:报道|報道|报导|報導|消息|援引|引述)""",
        re.VERBOSE,
    ),
    # Japanese: NHKによると; 共同通信は…伝えた
    re.compile(
        rf"""(?P<name>(?:[ァ-ヿ一-鿿A-Z・ー]{{1,10}}?(?:新聞|通信社?|テレビ|放送|時報|ニュース|スポーツ)|{_LATIN}(?:通信|ニュース|テレビ)?))
        (?:の[^。、\n]{{1,8}})?
        (?:に(?:よると|よれば)|(?:は|が)[^。\n]{{0,40}}?(?:報じ|伝え|報道し))""",
        re.VERBOSE,
    ),
    # Korean: 연합뉴스에 따르면; 조선일보는 …보도했다
    re.compile(
        rf"""(?P<name>[가-힣]{{0,6}}?(?:뉴스|일보|신문|통신|방송)|{_LATIN})
        (?:에\s?따르면|(?:은|는|이|가)[^.\n]{{0,40}}?(?:보도|전했))""",
        re.VERBOSE,
    ),
    # Arabic: a cue, then the kind of outlet, then its name
    re.compile(
        r"""\b(?:وفق[اًا]*|بحسب|حسب|حسبما\s\w+|نقل[اً]*\sعن|ذكرت|أفادت|قالت|نقلت|أعلنت|كشفت|أوردت|ونقلت|وذكرت|وأفادت|وقالت)
        \s+ل?(?:وكالة|صحيفة|قناة|شبكة|موقع|جريدة|إذاعة|مجلة)\s+
        (?:(?:ال)?أنباء\s+)?
        (?P<name>نيويورك\sتايمز|واشنطن\sبوست|وول\sستريت\sجورنال|سي\sإن\sإن|بي\sبي\sسي|فرانس\sبرس|أسوشيتد\sبرس
            |الشرق\sالأوسط|سكاي\sنيوز|روسيا\sاليوم|فوكس\sنيوز|[\w-]{2,20})""",
        re.VERBOSE,
    ),
)


def other_scripts(text: str) -> Iterator[Name]:
    """Give the outlets that are credited in these scripts."""
    if text.isascii() or not _CONCERNED.search(text):
        return
    for pattern in _PATTERNS:
        for match in pattern.finditer(text):
            yield Name(*match.span("name"), "outlet", match["name"], cued=True)
