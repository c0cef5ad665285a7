"""English: "Twelfth post", "The 12th chapter", "Chapter twelve"."""

from scheduler.lint.languages.language import Language, in_row

_CARDINALS = in_row("""
    one two three four five six seven eight nine ten
    eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen
""")
_ORDINALS = in_row("""
    first second third fourth fifth sixth seventh eighth ninth tenth
    eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth
""")
_TENS = {20: "twenty", 30: "thirty", 40: "forty", 50: "fifty", 60: "sixty", 70: "seventy", 80: "eighty", 90: "ninety"}


def _counted(units: list[str], *, tens_end: str | None) -> dict[str, int]:
    """1 to 99; `tens_end` is what the y of a whole ten turns into, if anything."""
    words = {word: value for value, word in enumerate(units, 1)}
    for value, ten in _TENS.items():
        words[ten if tens_end is None else ten[:-1] + tens_end] = value
        words |= {f"{ten} {unit}": value + more for more, unit in enumerate(units[:9], 1)}
    return words


ENGLISH = Language(
    nouns=("post", "chapter", "instalment", "installment", "episode", "lesson"),
    weak=("part", "section", "letter", "entry", "article", "issue"),
    leads=(
        "preview", "introduction", "excerpt", "extract", "walkthrough", "summary", "overview", "sample", "teaser",
        "companion", "guide",
    ),
    ordinals=_counted(_ORDINALS, tens_end="ieth"),
    cardinals=_counted(_CARDINALS, tens_end=None),
    digits=r"(?P<digits>[0-9]{1,6})(?:st|nd|rd|th)",
    opening=r"(?:(?:this\s+is\s+)?(?:the|our|my)|this)\s+",
    closing=r",?\s+and\s+(?:(?:the\s+)?(?:last|final|closing))",
    # Adjectives cannot be told from other words, so small words that begin another thought are kept out.
    adjectives=r"(?:an?\s+(?:(?!(?:the|post|after|before|to|of|for|with|on|in|from)\b)[\w’'-]+,?\s+){0,4}?|this\s+|the\s+)",
    joint=r"(?:from|of|to|into|for)\s+(?:the\s+)?",
    within=r"(?:of|in|from)\s+(?:(?:the|our|my)\s+)?(?:(?:series|book)\s+)?",
)  # fmt: skip
