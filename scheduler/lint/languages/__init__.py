"""The languages that lint can read ordinals and chapter names in. A new one is a file and a line here."""

from scheduler.lint.languages.english import ENGLISH
from scheduler.lint.languages.french import FRENCH
from scheduler.lint.languages.german import GERMAN
from scheduler.lint.languages.language import Language, folded
from scheduler.lint.languages.spanish import SPANISH

__all__ = ["LANGUAGES", "Language", "folded", "language_of"]

LANGUAGES = {"en": ENGLISH, "de": GERMAN, "fr": FRENCH, "es": SPANISH}


def language_of(tag: str) -> Language | None:
    """The table for a tag such as "en-GB"; None where there is none, and lint then says nothing of such words."""
    return LANGUAGES.get(tag.partition("-")[0].partition("_")[0].lower())
