"""Raised and lowered characters of Unicode, and when a term needs parentheses."""

import re

_HIGH = dict(zip("0123456789+-−=()abcdefghijklmnoprstuvwxyzABDEGHIJKLMNOPRTUVW⊤*′",
                 "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂᵀ*′", strict=True))  # fmt: skip
_LOW = dict(zip("0123456789+-−=()aehijklmnoprstuvxβγρφχ",
                "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵩᵪ", strict=True))  # fmt: skip
_SCRIPTS = re.escape("".join(_HIGH.values()) + "".join(_LOW.values()))
# One letter, perhaps with an accent and scripts; or a number; or what is in parentheses of its own.
_SIMPLE = re.compile(rf"[^\W\d_][\u0300-\u036f\u20d7]*[{_SCRIPTS}]*|[\d.]+|\([^()]*\)")


def superscript(text: str) -> str:
    """The text raised where Unicode has all its characters, else after a `^`."""
    return _script(text, _HIGH, "^")


def subscript(text: str) -> str:
    """The text lowered where Unicode has all its characters, else after a `_`."""
    return _script(text, _LOW, "_")


def simple_factor(text: str) -> str:
    """The text, in parentheses unless it binds by itself: `x²` and `12` do, `2π` and `a + b` do not."""
    return text if _SIMPLE.fullmatch(text) else f"({text})"


def _script(text: str, letters: dict[str, str], sign: str) -> str:
    squeezed = text.replace(" ", "")
    if all(character in letters for character in squeezed):
        return "".join(letters[character] for character in squeezed)
    return f"{sign}{text}" if len(text) == 1 else f"{sign}({text})"
