"""German: "Zwölfter Beitrag", "Das 12. Kapitel", "Kapitel zwölf"."""

from collections.abc import Iterator

from scheduler.lint.languages.language import Language, in_row

_UNITS = in_row("eins zwei drei vier fünf sechs sieben acht neun")
_TO_NINETEEN = [
    *_UNITS,
    *in_row("zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn siebzehn achtzehn neunzehn"),
]
_TENS = {
    20: "zwanzig", 30: "dreißig", 40: "vierzig", 50: "fünfzig",
    60: "sechzig", 70: "siebzig", 80: "achtzig", 90: "neunzig",
}  # fmt: skip
_IRREGULAR = {1: ("erst",), 3: ("dritt",), 7: ("siebt", "siebent"), 8: ("acht",)}
_ENDINGS = ("e", "er", "es", "en", "em")


def _cardinals() -> dict[str, int]:
    words = {word: value for value, word in enumerate(_TO_NINETEEN, 1)}
    for value, ten in _TENS.items():
        words[ten] = value
        words |= {f"{unit.removesuffix('s') if more == 1 else unit}und{ten}": value + more
                  for more, unit in enumerate(_UNITS, 1)}  # fmt: skip
    return words


def _ordinals() -> Iterator[tuple[str, int]]:
    for word, value in _cardinals().items():
        stems = _IRREGULAR.get(value, (f"{word}{'t' if value < 20 else 'st'}",))
        yield from ((f"{stem}{ending}", value) for stem in stems for ending in _ENDINGS)


GERMAN = Language(
    nouns=("beitrag", "kapitel", "folge", "episode", "lektion", "artikel"),
    weak=("teil", "abschnitt", "brief", "ausgabe"),
    leads=("vorschau", "einführung", "einleitung", "auszug", "überblick", "zusammenfassung", "leseprobe", "einblick"),
    ordinals=dict(_ordinals()),
    cardinals=_cardinals(),
    digits=r"(?P<digits>[0-9]{1,6})\.",
    opening=r"(?:(?:dies(?:es|er)?\s+ist\s+)?(?:der|die|das|unser|unsere|mein|meine)|dieser|diese|dieses)\s+",
    closing=r"\s+und\s+letzte[rs]?",
    adjectives=r"(?:eine?\s+(?:[\w-]+,?\s+){0,3}?|diese\s+|die\s+|der\s+)",
    joint=r"(?:auf|in|zu|zum|aus|über|von|des)\s+(?:das\s+|die\s+|den\s+|dem\s+)?",
    within=r"(?:der|des|aus|von|in|zu)\s+(?:(?:der|dem|des)\s+)?(?:(?:reihe|serie|buchs|buches|buch)\s+)?",
)
