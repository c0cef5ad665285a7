"""The style sheet for those who open a feed in a browser."""

import hashlib
from functools import cache
from pathlib import Path

MEDIA_TYPE = "text/css"


@cache
def style() -> bytes:
    """UTF-8 bytes of the sheet that lies beside this file."""
    return (Path(__file__).parent / "style.css").read_bytes()


@cache
def style_version() -> str:
    """Twelve hex digits that change with the sheet, for an address that may be kept for ever."""
    return hashlib.sha256(style()).hexdigest()[:12]
