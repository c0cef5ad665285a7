"""HTML that runs no scripts and points only to absolute addresses, whatever an author's raw HTML tried."""

import re
from collections.abc import Callable

import nh3

from text.form import Form
from text.formulas import MATHML_ATTRIBUTES, MATHML_TAGS
from text.links import SCHEMES, Links

_TAGS = (nh3.ALLOWED_TAGS - {"center", "tt", "strike"}) | {"section", "tfoot", "audio", "video", "source"}
_ATTRIBUTES: dict[str, set[str]] = {
    **nh3.ALLOWED_ATTRIBUTES,
    "*": {"title", "lang", "dir", "id", "class"},
    "audio": {"src", "controls", "preload"},
    "video": {"src", "controls", "preload", "poster", "width", "height"},
    "source": {"src", "type"},
    **{tag: set(MATHML_ATTRIBUTES) for tag in MATHML_TAGS},
}
# The sanitiser escapes < and > in text and in attributes, so this can match nothing but tags.
_MATHML_TAG = re.compile(rf"</?(?:{'|'.join(sorted(MATHML_TAGS))})(?: [^<>]*)?>")
_DROPPED_WITH_CONTENT = {"script", "style", "template", "iframe", "object", "textarea", "title", "noscript"}
_ADDRESSES = {"href", "src", "poster", "cite"}
# The only classes and ids left on a page are those that our own renderer writes.
_OUR_CLASSES = {("section", "footnotes"), ("sup", "footnote-ref"), ("a", "footnote-back")}
_OUR_ID = re.compile(r"fn(ref)?\d+(-\d+)?")
_IMAGE = re.compile(r'<img((?: [a-z]+="[^"]*")*)>')


def sanitise(html: str, links: Links, form: Form) -> str:
    """The fragment with allowed elements only: no script, event handler, style, or address of a foreign scheme.

    Relative addresses become absolute (on pages, `#fragment` stays as it is); every image has an `alt`.
    """
    tags = _tags(form)
    allowed = nh3.clean(
        html,
        tags=tags,
        clean_content_tags=_DROPPED_WITH_CONTENT | ({"annotation"} - tags),
        attributes={tag: names for tag, names in _ATTRIBUTES.items() if tag in tags | {"*"}},
        attribute_filter=_filter(links, form),
        url_schemes=set(SCHEMES),
        link_rel=None,
    )
    shown = _MATHML_TAG.sub("", allowed) if form is Form.LETTER else allowed
    return _IMAGE.sub(_with_alt, shown)


def _tags(form: Form) -> set[str]:
    # A letter's MathML goes in a second step: the sanitiser would take the words within along with the tags.
    every = _TAGS | MATHML_TAGS
    return every - {"audio", "video", "source", "annotation"} if form is Form.LETTER else every


def _filter(links: Links, form: Form) -> Callable[[str, str, str], str | None]:
    def kept(tag: str, attribute: str, value: str) -> str | None:
        if attribute in _ADDRESSES:
            return value if form is Form.PAGE and value.startswith("#") else links.resolve(value)
        if attribute == "class":
            return value if form is Form.PAGE and (tag, value) in _OUR_CLASSES else None
        if attribute == "id":
            return value if form is Form.PAGE and _OUR_ID.fullmatch(value) else None
        return value

    return kept


def _with_alt(image: re.Match[str]) -> str:
    return image[0] if ' alt="' in image[1] else f'<img alt=""{image[1]}>'
