"""LaTeX formulas in plain notation, for mail and for plain text: `\\frac{a}{b^2}` reads `a/b²`."""

import re
import unicodedata
from collections.abc import Callable

from latex2mathml.symbols_parser import convert_symbol

from text.scripts import simple_factor, subscript, superscript

_TOKEN = re.compile(r"\\[A-Za-z]+\*?|\\.|\s+|.", re.DOTALL)
_LOOSE = re.compile(r"(?<=[(\[]) | (?=[)\],;.])")
_UPRIGHT = frozenset({
    "text", "textrm", "textbf", "textit", "texttt", "mbox", "mathrm", "mathbf", "mathit", "mathsf", "mathtt",
    "mathcal", "mathscr", "mathfrak", "boldsymbol", "bm", "operatorname", "operatorname*", "mathop", "underbrace",
    "overbrace", "boxed",
})  # fmt: skip
_DROPPED = frozenset({
    "left", "right", "middle", "big", "Big", "bigg", "Bigg", "bigl", "bigr", "Bigl", "Bigr", "biggl", "biggr",
    "Biggl", "Biggr", "displaystyle", "textstyle", "limits", "nolimits", "scriptstyle", "nonumber", "!",
    "mathstrut",
})  # fmt: skip
_SPACES = frozenset({
    ",", ";", ":", ">", "quad", "qquad", "space", "thinspace", "enspace", " ",
})  # fmt: skip
_ACCENTS = {
    "hat": "\u0302", "widehat": "\u0302", "bar": "\u0304", "overline": "\u0304", "tilde": "\u0303",
    "widetilde": "\u0303", "vec": "\u20d7", "dot": "\u0307", "ddot": "\u0308", "underline": "\u0332",
}  # fmt: skip
_WORDS = {
    "\\": "; ", "{": "{", "}": "}", "|": "‖", "epsilon": "ε", "phi": "φ", "argmax": "arg max", "argmin": "arg min",
}  # fmt: skip

_PREFIXES = "∑∏∐∫∬∭∮∇∂√∞¬∀∃"


def readable(latex: str) -> str:
    """The formula on one line of plain notation; LaTeX nested too deeply to follow comes back as written."""
    try:
        text = _Reader(_TOKEN.findall(latex)).everything()
    except RecursionError:
        return latex.strip()
    return unicodedata.normalize("NFC", _LOOSE.sub("", " ".join(text.split())))


class _Reader:
    """Reads tokens from left to right; each method takes what it shows."""

    def __init__(self, tokens: list[str]) -> None:
        self._tokens = tokens
        self._at = 0
        self._commands: dict[str, Callable[[], str]] = {
            "frac": self._fraction, "dfrac": self._fraction, "tfrac": self._fraction, "cfrac": self._fraction,
            "binom": self._binomial, "sqrt": self._root, "begin": self._environment, "end": self._environment,
            "mathbb": self._double_struck, "href": self._second, "color": self._environment, "textcolor": self._second,
            "class": self._second, "style": self._second,
        }  # fmt: skip

    def everything(self) -> str:
        """All of the formula; a brace that closes nothing is passed over."""
        shown = []
        while self._at < len(self._tokens):
            shown.append(self._group())
        return "".join(shown)

    def _group(self) -> str:
        shown = []
        while (piece := self._take()) not in ("", "}"):
            shown.append(self._show(piece))
        return "".join(shown)

    def _take(self) -> str:
        piece = self._tokens[self._at] if self._at < len(self._tokens) else ""
        self._at += 1
        return piece

    def _show(self, piece: str) -> str:
        if piece == "{":
            return self._group()
        if piece in ("^", "_"):
            return superscript(self._argument()) if piece == "^" else subscript(self._argument())
        if piece.startswith("\\"):
            return self._command(piece[1:])
        if piece == "&":
            return "" if self._tokens[self._at : self._at + 1] == ["="] else " "
        return {"~": " ", "'": "′"}.get(piece, piece)

    def _argument(self) -> str:
        piece = self._take()
        while piece.isspace():
            piece = self._take()
        return "" if piece == "}" else self._show(piece).strip()

    def _command(self, name: str) -> str:
        if name in self._commands:
            return self._commands[name]()
        if name in _UPRIGHT:
            return self._argument()
        if name in _ACCENTS:
            return self._argument() + _ACCENTS[name]
        if name in _DROPPED:
            return ""
        return " " if name in _SPACES else _WORDS.get(name) or _symbol(name)

    def _fraction(self) -> str:
        above, below = self._argument(), self._argument()
        above = above if above.isalnum() else simple_factor(above)
        return f"{above}/{simple_factor(below)} "

    def _binomial(self) -> str:
        return f"C({self._argument()}, {self._argument()})"

    def _root(self) -> str:
        degree = ""
        if self._tokens[self._at : self._at + 1] == ["["] and "]" in self._tokens[self._at :]:
            end = self._tokens.index("]", self._at)
            degree = superscript("".join(self._tokens[self._at + 1 : end]))
            self._at = end + 1
        return f"{degree}√{simple_factor(self._argument())}"

    def _environment(self) -> str:
        self._argument()
        return " "

    def _second(self) -> str:
        self._argument()
        return self._argument()

    def _double_struck(self) -> str:
        letter = self._argument()
        return _symbol(f"mathbb{{{letter}}}", otherwise=letter)


def _symbol(name: str, otherwise: str | None = None) -> str:
    code = convert_symbol(f"\\{name}")
    if not code or not re.fullmatch("[0-9A-Fa-f]{1,5}", code):
        return name.rstrip("*") if otherwise is None else otherwise
    sign = chr(int(code, 16))
    relates_two_terms = unicodedata.category(sign) == "Sm" and sign not in _PREFIXES
    return f" {sign} " if relates_two_terms else sign
