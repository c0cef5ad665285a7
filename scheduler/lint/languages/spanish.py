"""Spanish: "Duodécima entrega", "El 12.º capítulo", "Capítulo doce"."""

from collections.abc import Iterator

from scheduler.lint.languages.language import Language, in_row

_TO_TWENTY_NINE = in_row("""
    uno dos tres cuatro cinco seis siete ocho nueve diez
    once doce trece catorce quince dieciséis diecisiete dieciocho diecinueve veinte
    veintiuno veintidós veintitrés veinticuatro veinticinco veintiséis veintisiete veintiocho veintinueve
""")
_TENS = {30: "treinta", 40: "cuarenta", 50: "cincuenta"}
_UNITS = ("primer", "segund", "tercer", "cuart", "quint", "sext", "séptim", "octav", "noven")
_ORDINAL_TENS = {
    10: ("décim", "decimo"), 20: ("vigésim", "vigesimo"), 30: ("trigésim", "trigesimo"),
    40: ("cuadragésim", "cuadragesimo"), 50: ("quincuagésim", "quincuagesimo"),
}  # fmt: skip


def _cardinals() -> dict[str, int]:
    words = {word: value for value, word in enumerate(_TO_TWENTY_NINE, 1)}
    for value, ten in _TENS.items():
        words[ten] = value
        words |= {f"{ten} y {unit}": value + more for more, unit in enumerate(_TO_TWENTY_NINE[:9], 1)}
    return words


def _ordinals() -> Iterator[tuple[str, int]]:
    """From 11 on written as one word or as two. Before a noun "primero" and "tercero" lose their end."""
    units = [form for value, unit in enumerate(_UNITS, 1) for form in _forms(unit, value)]
    yield from units
    yield from (*_forms("undécim", 11), *_forms("duodécim", 12))
    for ten, (alone, joined) in _ORDINAL_TENS.items():
        yield from _forms(alone, ten)
        for unit, value in units:
            yield f"{joined}{unit}", ten + value
            yield f"{alone}{'a' if unit.endswith('a') else 'o'} {unit}", ten + value


def _forms(stem: str, value: int) -> Iterator[tuple[str, int]]:
    yield from ((f"{stem}{end}", value) for end in "oa")
    if stem in ("primer", "tercer"):
        yield stem, value


SPANISH = Language(
    nouns=("capítulo", "entrada", "entrega", "episodio", "lección", "artículo", "publicación"),
    weak=("parte", "sección", "carta", "número"),
    leads=("avance", "adelanto", "introducción", "extracto", "resumen", "presentación", "fragmento"),
    ordinals=dict(_ordinals()),
    cardinals=_cardinals(),
    digits=r"(?P<digits>[0-9]{1,6})(?:\.?[ºª°]|\.?(?:er|ro|ra|do|da|to|ta|vo|va|mo|ma|no|na))",
    opening=r"(?:(?:est[ea]\s+es\s+)?(?:el|la|nuestr[oa]|mi)|est[ea])\s+",
    closing=r"\s+y\s+últim[oa]",
    adjectives=r"(?:una?\s+(?:[\w-]+\s+){0,2}?|el\s+|la\s+|est[ea]\s+)",
    joint=r"(?:del|de\s+la|de|al|a\s+la|a)\s+(?:el\s+)?",
    within=r"(?:de|del|en)\s+(?:(?:la|el|nuestra|nuestro)\s+)?(?:(?:serie|libro)\s+)?",
)
