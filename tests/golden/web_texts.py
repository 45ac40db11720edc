"""Texts that are read alike in Python and JavaScript: for `web_cases.py`, hostile ones above all."""

TEXTS = [
    "A wonderful film: funny, touching and beautifully played.",
    "It's neither good nor bad, it's JUST there... YouTube, iPod, McDonald's, B2B",
    "The U.N.'s men paid $1,000.5 (in Rome), didn't they? J. Smith, U.S.A. and AT&T",
    "https://example.org/a?b=c, www.example.com/x mail me.you+that@some-host.co.uk now",
    "22-year-old 1996-08-22 .500 12:30 1/2 -- --- .. ... a.b.c x@y",
    "Isn\u2019t the cafe\u0301 \u2019open\u2019, co\u00adoperative?",
    "rock \u2019n\u2019 roll, l\u02bceau, O`Brien d\u00b4Or 5\u2032 it\uff07s \u05d4\u05f3\u05d0 \u201bt was",
    "",
    " \t\r\n \x0b\x0c ",
    # Blanks of one language and of the other:
    "\x1c\x1d\x1e\x1f\x85a\x1cb\x85c\u2028d\u2029e\u00a0f\u3000g\u200bh\ufeffi",
    "nul\0behind it, control\x01\x07\x7f\x9f",
    "e\u0301\u0323 o\u0302\u0301 \u1e69 s\u0323\u0307 s\u0307\u0323 A\u030a \u212b",  # decomposed, in other orders
    "\u0301\u0323begins with marks \u0308",
    "a" + "\u0301" * 40 + " b",
    "x" * 1100 + "e\u0301 " + "\u0316\u0301" * 600,  # words of more than 1,000 characters, cut between marks
    "\U0001f468\u200d\U0001f469\u200d\U0001f467 \U0001f3f3\ufe0f\u200d\U0001f308 1\ufe0f\u20e3 "
    "\U0001f1e9\U0001f1ea \U0001f44d\U0001f3fd",
    "\u0627\u0644\u0633\u0644\u0627\u0645\u064f \u0639\u0644\u064a\u0643\u0645 "
    "\u200f\u202e\u0660\u0661\u0662\u202c \u06f1\u06f2",
    "\u05e9\u05b8\u05dc\u05d5\u05b9\u05dd \u05e6\u05d4\u05f4\u05dc \u05d2\u05f3",  # RTL with points
    "half \ud83d of a pair \ude00\ud83d, \udc80\udfff",
    "\u0378\u0530\u2fe0\uffff\U0001fffe \ufdd0 \U000e0080 \U0003fff0\U00020000\U0002a6df\U0002a6e0",  # unassigned
    "\uac00\ub098 \u1112\u1161\u11ab\u1100\u1173\u11af \u1100\u1161\u0301\u11a8 \u3131\u314f",  # Hangul, also in Jamo
    "\u0e2a\u0e27\u0e31\u0e2a\u0e14\u0e35\u0e0a\u0e32\u0e27\u0e42\u0e25\u0e01 \u0e01\u0e33 \u0e4f\u0e50\u0e51",  # Thai
    # Devanagari:
    "\u0939\u093f\u0928\u094d\u0926\u0940 \u0915\u094d\u200d\u0937 \u0915\u093c \u0958 \u0967\u0968\u0969\u0964",
    "\u0995\u09be\u09be \u09cb \u09c7\u09be \u0ba8\u0bbf \u0d23\u0d4d\u200d "
    "\u1780\u17d2\u1798\u17c2\u179a \u1019\u103c\u1014\u103a\u1019\u102c",
    "\uff26\uff29\uff2e\uff25 \uff11\uff12\uff13\uff0c\uff41\uff42\uff43 \uff76\uff9e \ufb01\ufb02 "
    "\u2460\u00bd\u2167 \u3390 \ufdfa",
    # Turkish, title case:
    "\u0130stanbul I\u0307 \u0131\u015f\u0131k I\u015eIK \u0130\u0130 TITLE \u01c5ungla \u01c4 \u01c6",
    "\u039f\u0394\u039f\u03a3 \u03a3 \u0391\u03a3. \u03a3\u0391 \u0391\u03a3\u0301\u0392 "
    "\u039f\u0394\u039f\u03a3\u2019 \u1f80 \u1f88 \u03c2\u03c3",
    "STRASSE stra\u00dfe STRA\u1e9eE \ufb01ne \u0149ot \u01f0 \u0390 \u1fb7",  # upper case of several letters
    # Long s, Kelvin, small letters of other kinds:
    "\u017f's it\u2019\u017f K\u212a \u212a\u2126 \u00aa\u00ba \u02b0\u2071 \u1d2c",
    "\u0e01\u200b\u0e02\u200b \u1780\u200b\u1781 zero\u200bwidth",
    "\u6771\u4eac\u3067\u30e9\u30fc\u30e1\u30f3\u3092\u98df\u3079\u305f\u3002 "
    "\u4e2d\u6587\uff0cABC123\U00020bb7 \u3007\u3005 \ufa0e\uf900",
    # Planes:
    "\U0001d400\U0001d7ce\U0001d7d9 \U00010400\U00010428 \U00011103\U00011127 \U0001e900\U0001e922 "
    "\U0001f100 \U00010107",
    # What shows nothing, in further planes:
    "\U0001d173 \U000e0001\U000e0041 \U00013430 A. \U000e0020B. Smith A.\U0001d173 B",
    "\u0660.\u0661 \u0967,\u0968 1\u0660 \uff11:\uff12 \u00b2\u00b3 x\u00b2",
    "\u2581under\u2581 _score_ a_b __ \u203f",
    "'tis 'Tis 'TIS O'NEIL's dogs' ''quoted'' 'a' \u2018b\u2019 \u00e9\u00e9' n't ain't'll y'all'd've",
    "MiXeD aBC ABC\u0301 \u00c9T\u00c9 \u00c9t\u00e9 \u00e9T\u00e9 \u01c5 \u01c5A \u1e9e",
    "<br /><br />10/10 &amp; \u00abguillemets\u00bb \u201equotes\u201c \u2013 \u2014 \u2026 \u00a3\u20ac",
    "Zu\u0308rich Z\u00fcrich ZU\u0308RICH nai\u0308ve NA\u00cfVE",
    "supercalifragilisticexpialidocious-" * 3,
]
#: Those with characters that a later Python has and this one has not; their answers are those of the recorded version.
LATER = [
    "\U0001e4d0\U0001e4ec Nag Mundari, \ua7cb\u0264 \u019b\ua7dc \U00010d50\U00010d70 Garay, \u1c89\u1c8a",
    "e\U0001e5ee\u0301 \U0001e030\U0001e06d \U000105d2\u0307 \U000113c2\U000113b8 \U00031350 \u2ffc \u0cf3 \u088f",
]
