"""The language in which a page for one reader speaks."""

from starlette.datastructures import Headers

from templates.languages import languages
from web.accepting import languages_liked


def language_of_reader(headers: Headers, default: str) -> str:
    """Of the languages that there are the one that a browser asks for first; the default where it asks for none."""
    there = languages()
    codes = (tag.partition("-")[0] for tag in languages_liked(headers))
    return next((code for code in codes if code in there), default)
