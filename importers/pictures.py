"""What kind of picture some bytes are, told by the bytes themselves and never by a name."""

from xml.parsers import expat

from importers.media import CONTENT_TYPES

_SVG = "http://www.w3.org/2000/svg svg"


def kind_of(body: bytes) -> str | None:
    """The content type of a picture that pages may show; None for anything else."""
    if body.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if body.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if body.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    if body[:4] == b"RIFF" and body[8:12] == b"WEBP":
        return "image/webp"
    if body[4:8] == b"ftyp" and body[8:12] in (b"avif", b"avis"):
        return "image/avif"
    return "image/svg+xml" if _is_svg(body) else None


def ending_of(content_type: str) -> str:
    """`.png`; the shortest that files of this type have."""
    return min((ending for ending, kind in CONTENT_TYPES.items() if kind == content_type), key=len)


def _is_svg(body: bytes) -> bool:
    """Whether it is XML whose first element is SVG's; nothing is fetched, and what declares entities is refused."""
    first: list[str] = []
    entities: list[object] = []
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = lambda name, _attributes: first.append(name) if not first else None
    parser.EntityDeclHandler = lambda *declared: entities.append(declared)
    try:
        parser.Parse(body, True)
    except (expat.ExpatError, ValueError):
        return False
    return first == [_SVG] and not entities
