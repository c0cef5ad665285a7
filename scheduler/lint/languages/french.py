"""French: "Douzième billet", "Le 12e chapitre", "Chapitre douze"."""

from collections.abc import Iterator

from scheduler.lint.languages.language import Language, in_row

_TO_SIXTEEN = in_row("un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize")
_TENS = {20: "vingt", 30: "trente", 40: "quarante", 50: "cinquante", 60: "soixante"}


def _cardinals() -> dict[str, int]:
    words = {word: value for value, word in enumerate(_TO_SIXTEEN, 1)}
    words |= {f"dix {unit}": value for value, unit in enumerate(_TO_SIXTEEN[6:9], 17)}
    for value, ten in _TENS.items():
        words[ten] = value
        words[f"{ten} et un"] = value + 1
        words |= {f"{ten} {unit}": value + more for more, unit in enumerate(_TO_SIXTEEN[1:9], 2)}
    return words


def _ordinals() -> Iterator[tuple[str, int]]:
    yield from (("premier", 1), ("première", 1), ("second", 2), ("seconde", 2))
    for word, value in _cardinals().items():
        if value > 1:
            # The end changes: quatre to quatrième, cinq to cinquième, neuf to neuvième.
            stem = word.removesuffix("e")
            stem = f"{stem}u" if stem.endswith("cinq") else f"{stem[:-1]}v" if stem.endswith("neuf") else stem
            yield f"{stem}ième", value


FRENCH = Language(
    nouns=("chapitre", "billet", "épisode", "article", "leçon", "publication"),
    weak=("partie", "section", "lettre", "volet", "numéro"),
    leads=("aperçu", "introduction", "extrait", "présentation", "résumé", "avant-goût"),
    ordinals=dict(_ordinals()),
    cardinals={**_cardinals(), "une": 1},
    digits=r"(?P<digits>[0-9]{1,6})\s?(?:ers?|res?|ère|ième|ème|nde?|es?)",
    opening=r"(?:(?:voici\s+)?(?:le|la|notre|mon|ma)\s+|voici\s+|l['’])",
    closing=r"\s+et\s+derni(?:er|ère)",
    adjectives=r"(?:une?\s+(?:[\w-]+\s+){0,2}?|l['’]|cet?t?e?\s+|le\s+|la\s+)",
    joint=r"(?:du|de\s+la|de\s+l['’]|de|au|à\s+la|à\s+l['’])",
    within=r"(?:de|du|dans)\s+(?:(?:la|le|notre)\s+|l['’])?(?:(?:série|livre)\s+)?",
)
