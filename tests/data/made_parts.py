"""Words of several scripts, and encodings, for made-up files."""

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

WORDS = {
    "latin": "warm dull film bright cast slow clever weak plot tender".split(),
    "accented": "été garçon schön façade naïve film après über señor plot".split(),
    "cyrillic": "фильм тёплый скучный яркий слабый сюжет умный актёр роль город".split(),
    "japanese": "映画 明るい 退屈 脚本 俳優 音楽 良い 弱い 物語 都市".split(),
    "hindi": "फिल्म अच्छी धीमी कहानी कलाकार शहर गीत नई बुरी सुंदर".split(),
    "arabic": "فيلم جميل ممل قصة ممثل مدينة قوي ضعيف جديد قديم".split(),
    "emoji": "😀 film 🎉 great 👍 plot 🚀 dull 😴 cast".split(),
}
ENCODINGS = ["utf-8", "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]
LOCAL = {"accented": "cp1252", "cyrillic": "cp1251", "japanese": "shift_jis", "latin": "ascii"}
SIGNS = ["", "", ".", "!", ", really", "; so", ' "quoted"', "\t", "|x", "#1", "'s"]


class MadeFile(NamedTuple):
    """A file, how to read it, and what is in it."""

    name: str
    content: bytes
    read: Callable[[Path], Any]
    expected: Any
    about: str


def some_text(rng: random.Random, script: str, least: int = 3) -> str:
    return " ".join(rng.choice(WORDS[script]) for _ in range(rng.randint(least, 7)))


def encoded(rng: random.Random, script: str, text: str) -> tuple[bytes, str | None, str]:
    """The bytes, the encoding that has to be given, and what it is."""
    encoding = LOCAL[script] if script in LOCAL and rng.random() < 0.4 else rng.choice(ENCODINGS)
    ascii_wide = encoding in ("utf-16-le", "utf-16-be") and script not in ("latin", "accented")
    given = encoding if (encoding in ("cp1251", "shift_jis") and rng.random() < 0.7) or ascii_wide else None
    return text.encode(encoding), given, encoding
