"""LaTeX formulas as MathML, with the LaTeX kept beside it."""

import re
from html import escape, unescape
from xml.etree.ElementTree import Element, SubElement, tostring

from latex2mathml.converter import convert_to_element

from text.form import Form
from text.latex import readable

# MathML Core and the few older names that the converter uses; anything else in its output is a sign of a mistake.
MATHML_TAGS = frozenset({
    "annotation", "math", "menclose", "merror", "mfenced", "mfrac", "mi", "mmultiscripts", "mn", "mo", "mover",
    "mpadded", "mphantom", "mprescripts", "mroot", "mrow", "ms", "mspace", "msqrt", "mstyle", "msub", "msubsup",
    "msup", "mtable", "mtd", "mtext", "mtr", "munder", "munderover", "semantics", "none",
})  # fmt: skip
MATHML_ATTRIBUTES = frozenset({
    "accent", "accentunder", "alttext", "columnalign", "columnlines", "columnspacing", "depth", "display",
    "displaystyle", "encoding", "fence", "form", "height", "largeop", "linethickness", "lspace", "mathcolor",
    "mathsize", "mathvariant", "maxsize", "minsize", "movablelimits", "notation", "rowlines", "rowspacing",
    "rspace", "scriptlevel", "separator", "stretchy", "symmetric", "voffset", "width", "xmlns",
})  # fmt: skip
_CHILDREN = {"mfrac": 2, "msup": 2, "msub": 2, "msubsup": 3, "mover": 2, "munder": 2, "munderover": 3, "mroot": 2}
_DEEPEST = 40


def formula_html(latex: str, form: Form, *, display: bool) -> str:
    """The formula as the form can show it; malformed LaTeX comes back as its source in `<code>`. Never raises.

    Inline formulas are inline elements, display formulas (`display`) are a block of their own.
    """
    shown = mathml(latex, display=display)
    if shown is None:
        shown = f"<code>{escape(latex.strip())}</code>"
    elif form is Form.LETTER:
        shown = f"<em>{escape(readable(latex))}</em>"
    if not display:
        return shown
    return f'<div class="formula">{shown}</div>' if form is Form.PAGE else f"<p>{shown}</p>"


def formula_text(latex: str) -> str:
    """The formula in plain notation on one line; malformed LaTeX comes back as its source."""
    return latex.strip() if mathml(latex, display=False) is None else readable(latex)


def mathml(latex: str, *, display: bool) -> str | None:
    """A `<math>` element with the LaTeX as annotation and plain notation as `alttext`, or None for malformed LaTeX.

    Readers that drop MathML's tags show the annotation as text: the fall-back.
    """
    root = _converted(latex, display=display)
    if root is None or _depth(root) > _DEEPEST or not all(_sound(element) for element in root.iter()):
        return None
    return tostring(_annotated(root, latex.strip()), encoding="unicode", short_empty_elements=False)


def _converted(latex: str, *, display: bool) -> Element | None:
    try:
        return convert_to_element(latex, display="block" if display else "inline")
    except Exception:
        # The converter's errors share no base, and some of its mistakes surface as IndexError, KeyError or
        # RecursionError; whatever it cannot read is shown as written.
        return None


def _depth(root: Element) -> int:
    deepest, level = 0, [root]
    while level and deepest <= _DEEPEST:
        deepest, level = deepest + 1, [child for element in level for child in element]
    return deepest


def _sound(element: Element) -> bool:
    """Mends one element in place (text unescaped, foreign attributes dropped); False for one that cannot be right."""
    element.text = unescape(element.text or "") or None
    for name in set(element.keys()) - MATHML_ATTRIBUTES:
        del element.attrib[name]
    text = (element.text or "").strip()
    unread = element.tag == "mi" and (text == "}" or re.match(r"\\.", text) is not None)
    complete = len(element) == _CHILDREN.get(element.tag, len(element))
    return element.tag in MATHML_TAGS and complete and not unread


def _annotated(root: Element, latex: str) -> Element:
    root.set("alttext", readable(latex))
    semantics = Element("semantics")
    semantics.extend(list(root))
    for child in list(root):
        root.remove(child)
    root.append(semantics)
    SubElement(semantics, "annotation", encoding="application/x-tex").text = latex
    return root
