"""Pictures are told by their bytes, whatever they are called."""

import pytest

from importers.pictures import ending_of, kind_of

SVG = b'<?xml version="1.0"?>\n<!-- drawn -->\n<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"/>'


@pytest.mark.parametrize(
    ("body", "kind", "ending"),
    [
        (b"\x89PNG\r\n\x1a\nrest", "image/png", ".png"),
        (b"\xff\xd8\xff\xe0rest", "image/jpeg", ".jpg"),
        (b"GIF89arest", "image/gif", ".gif"),
        (b"RIFF\x00\x00\x00\x00WEBPrest", "image/webp", ".webp"),
        (b"\x00\x00\x00\x1cftypavifrest", "image/avif", ".avif"),
        (SVG, "image/svg+xml", ".svg"),
    ],
)
def test_each_kind_is_known_with_its_ending(body: bytes, kind: str, ending: str):
    assert kind_of(body) == kind
    assert ending_of(kind) == ending


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html><body>",
        b"<svg>no name of its own</svg>",
        b"RIFF\x00\x00\x00\x00WAVErest",
        b'<!DOCTYPE svg [<!ENTITY a "b">]><svg xmlns="http://www.w3.org/2000/svg">&a;</svg>',
        SVG[:-2],
        b"MZ\x90\x00",
    ],
)
def test_anything_else_is_no_picture(body: bytes):
    assert kind_of(body) is None
