"""Made-up texts of several languages whose labels single characters decide: vowel signs, accents, ideographs."""

import random
import unicodedata

# For each language what stands around, and the words of either label, which differ in marks or single characters alone.
_WORDS = {
    "hindi": (" ", "यह वह है था में से को पर".split(), "काल दान माल जाल".split(), "किल दिन मिल जिल".split()),
    "thai": ("", "ฉัน เธอ มา ไป ที่ บ้าน เรา นี้".split(), "ดำ ปา มา ตา กา".split(), "ดี ปี มี ตี กี".split()),
    "chinese": ("", "这 部 电 影 我 看 了 和 朋 友".split(), "冷 烂 空 闷".split(), "美 暖 妙 温".split()),
    "arabic": (" ", "هَذَا فِي مِنْ عَلَى إِلَى".split(), "كَتَبَ دَرَسَ حَمَلَ".split(), "كُتِبَ دُرِسَ حُمِلَ".split()),
    "french": (
        " ",
        "le film est sur un air de cote".split(),
        "marche peche foret".split(),
        "marché pêché forêt".split(),
    ),
}
LANGUAGES = tuple(_WORDS)


def labelled(language, count=400, seed=0):
    """Different texts with their labels, half of each; French with its accents apart."""
    between, around, *telling = _WORDS[language]
    chance, made = random.Random(seed), {}
    while len(made) < count:
        number = len(made) % 2
        words = chance.choices(around, k=5) + chance.choices(telling[number], k=3)
        chance.shuffle(words)
        text = between.join(words) + (f"{chance.randrange(10**4)}" if language == "chinese" else "")
        made.setdefault(unicodedata.normalize("NFD" if language == "french" else "NFC", text), ("yes", "no")[number])
    return list(made.items())
