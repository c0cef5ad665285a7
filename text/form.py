"""The three kinds of HTML that a text becomes."""

from enum import StrEnum


class Form(StrEnum):
    """Where the HTML will be shown, and so what it may carry."""

    PAGE = "page"  # our own style sheet: classes, no inline styles, so that a strict content policy can hold
    FEED = "feed"  # no style sheet: inline styles, MathML, absolute addresses
    LETTER = "letter"  # as a feed, but mail programs show no MathML
