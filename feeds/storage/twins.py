"""The compressed twin of a document, made once a change so that no answer compresses anything."""

import gzip
import struct
import zlib

_LEVEL = 6
"""Level 9 takes twice the time on a long feed and saves a hundredth."""
_TRAILER = struct.Struct("<II")
"""The end of a gzip file: CRC-32 and length of what was compressed, modulo 2³² (RFC 1952, 2.3.1)."""


def twin_of(body: bytes) -> bytes | None:
    """The gzip bytes, the same for the same body; None when they would not be shorter."""
    # Without a time in its header; a clock would make other bytes of the same body.
    packed = gzip.compress(body, _LEVEL, mtime=0)
    return packed if len(packed) < len(body) else None


def belongs(twin: bytes, body: bytes) -> bool:
    """Whether a whole gzip file holds this body, by the checksum and length at its end."""
    expected = _TRAILER.pack(zlib.crc32(body), len(body) & 0xFFFFFFFF)
    return twin[-_TRAILER.size :] == expected
