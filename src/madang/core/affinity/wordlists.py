"""What the reading of texts knows of languages: data only, published with the format.

Words that say nothing of a subject, and what Korean hangs on to a noun. Other languages are read by the same rules
without a list: common words then count little because they are common.
"""

from __future__ import annotations

from typing import Final

_ENGLISH = """
a about above after again against all also although am among an and any are as at be because been before being below
between both but by can cannot could did do does doing done down during each et etc few for from further had has have
having he her here hers herself him himself his how however if in into is it its itself just may me might more most must
my myself no nor not now of off on once only or other our ours ourselves out over own same shall she should so some such
than that the their theirs them themselves then there therefore these they this those through thus to too under until up
upon us very via was we were what when where whether which while who whom whose why will with within without would yet
you your yours yourself yourselves
"""
_GERMAN = """
aber als am an auch auf aus bei bis da damit das dass dem den der des die dies diese diesem diesen dieser dieses durch
ein eine einem einen einer eines er es für haben hat im in ist kann können mit nach nicht noch nur ob oder sein sich sie
sind sowie über um und unter uns unsere unser von vor war was welche wenn werden wie wir wird wo wurde wurden zu zum zur
zwischen
"""
_FRENCH = """
au aux avec ce ces cette comme dans de des du elle elles en est et être il ils la le les leur leurs mais ne nos notre
nous on ont ou où par pas plus pour qu que qui sa sans se ses si son sont sous sur un une vos votre vous
"""
_SPANISH = """
al como con de del desde donde el ella ellas ellos en entre es esta este esto estos ha han hasta la las lo los
más me muy ni no nos para pero por porque que se ser si sin sobre son su sus también un una unas uno unos y
"""
_KOREAN = """
및 등 또는 또한 그리고 그러나 하지만 따라서 그래서 위한 위해 위하여 통한 통해 통하여 대한 대해 대하여 관한 관해
관하여 의한 의해 의하여 따른 따라 따르 있는 있다 있으며 있고 있습니다 없는 없다 없습니다 이를 이는 이에 이와
이러한 그러한 어떤 여러 모든 각각 같은 같이 다른 다양한 본 이번 우리 저희 것을 것은 것이 것으로 것입니다 한다
하는 하여 하고 합니다 했다 된다 되는 되어 되고 됩니다 않는 않은 않고 수 더 매우 가장
"""

_ENDINGS = """
에서는 에서의 에서도 에서 에게서 에게는 에게 에는 에도 에 으로서의 으로서 으로써 으로부터 으로의 으로는 으로도
로서의 로서 로써 로부터 로의 까지의 까지 부터의 부터 처럼 보다 마다 조차 뿐만 의 들 하였습니다 하겠습니다
하였으며 하였다 하도록 하기 하는 하여 하고 하며 하면 하게 하지 하므로 했습니다 했으며 했다 합니다 한다 한 할
해서 해야 되었습니다 되었으며 되었다 되도록 되기 되는 되어 되고 되며 되면 됐다 됩니다 된다 된 될 됨 시키기
시키는 시켜 시킨 시킬 시킵니다 입니다 이다 이며 이고 이라는 라는 적으로 적인
"""

#: Words without a subject, as they stand after folding. Korean ones are looked up before and after their ending is cut.
STOP_WORDS: Final = frozenset((_ENGLISH + _GERMAN + _FRENCH + _SPANISH + _KOREAN).split())

#: What follows a Korean noun and is cut whatever stands before it, longest first.
ENDINGS: Final = tuple(sorted(_ENDINGS.split(), key=lambda ending: (-len(ending), ending)))
#: Particles that are cut only where they fit the last sound: after a consonant, and after a vowel.
AFTER_CONSONANT: Final = ("으로", "은", "이", "을", "과")
AFTER_VOWEL: Final = ("는", "가", "를", "와", "로")
#: Nouns that end like a particle and keep it.
KEPT_WHOLE: Final = (
    "도로",
    "경로",
    "통로",
    "선로",
    "항로",
    "수로",
    "회로",
    "진로",
    "활주로",
    "결과",
    "성과",
    "협의",
    "심의",
    "합의",
)

#: Scripts that put no spaces between words, as ranges of code points: Thai and Lao, Burmese, Khmer, kana, Han.
UNSPACED: Final = (
    (0x0E00, 0x0EFF),
    (0x1000, 0x109F),
    (0x1780, 0x17FF),
    (0x3005, 0x3007),
    (0x3040, 0x30FF),
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF),
    (0x20000, 0x3FFFF),
)
HANGUL: Final = (0xAC00, 0xD7A3)

#: A word of more than three letters that ends in `s` loses it unless it ends in one of these,
KEEPS_S: Final = ("ss", "us", "is")
#: and `es` where the `e` is there only for the plural (`buses`); `ies` becomes `y` in words of five letters and more.
SOUNDED_PLURALS: Final = ("ses", "xes", "zes", "ches", "shes")
#: How much of a word of spaced scripts counts then (`evaluation`, `evaluate`, `evaluator` are one term).
STEM: Final = 6
#: Letters without a space that are read in one go; longer runs are cut (no language needs them, an attack might).
LONGEST_RUN: Final = 1_000
