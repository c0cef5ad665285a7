"""The one boundary where text loses what XML 1.0 cannot carry."""

import re

_ILLEGAL = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def clean(text: str) -> str:
    """The text with LF line ends and U+FFFD for each character outside XML 1.0's Char (section 2.2).

    Those are the C0 controls but tab and LF, lone surrogates, U+FFFE and U+FFFF. Cleaning twice changes nothing more.
    """
    return _ILLEGAL.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))
