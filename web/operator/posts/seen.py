"""What readers see, shown to an operator: files that are not public yet, and in the light or the dark."""

import re
from enum import StrEnum

from web.operator.desk import HEADERS, Desk

FRAME = {
    **HEADERS,
    "Content-Security-Policy": "sandbox allow-same-origin; default-src 'none'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' https: data:; media-src 'self' https:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'",
    "X-Frame-Options": "SAMEORIGIN",
}
"""Of a document in a frame: nothing in it runs. It keeps its origin, or a stranger would ask for its pictures."""
_ASKED = re.compile(r"\(\s*prefers-color-scheme\s*:\s*(light|dark)\s*\)")
_OFFERED = re.compile(r"(color-scheme\s*:\s*)light dark")
_STYLE = re.compile(r"(<style[^>]*>)(.*?)(</style>)", re.DOTALL)
_META = re.compile(r'(<meta name="(?:supported-)?color-schemes?" content=")[^"]*(")')
_SHEET = re.compile(r'(<link rel="stylesheet" href=")[^"]*static/style\.css[^"]*(")')


class Scheme(StrEnum):
    light = "light"
    dark = "dark"


def with_files(desk: Desk, html: str) -> str:
    """HTML whose files are asked for below the operator's pages, where those of unreleased posts are shown, too."""
    public = desk.site.addresses.media("x", "x").removesuffix("x/x")
    return re.sub(rf'(\s(?:src|poster)="){re.escape(public)}', rf"\g<1>{desk.root}posts/-/media/", html)


def in_scheme(css: str, scheme: Scheme) -> str:
    """A style as it looks where one of the two is preferred, whatever this browser prefers."""
    told = _ASKED.sub(lambda asked: "(min-width: 0)" if asked[1] == scheme else "(max-width: 0)", css)
    return _OFFERED.sub(rf"\g<1>{scheme}", told)


def framed(desk: Desk, html: str, scheme: Scheme) -> str:
    """A page or a letter as it looks to a reader, for a frame."""
    html = _STYLE.sub(lambda style: style[1] + in_scheme(style[2], scheme) + style[3], with_files(desk, html))
    html = _META.sub(rf"\g<1>{scheme}\g<2>", html)
    return _SHEET.sub(rf"\g<1>{desk.root}posts/-/style/{scheme}.css\g<2>", html)
