"""How a language counts its chapters, as far as lint has to read it."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

_HYPHENS = r"[-‐‑\s]+"


@dataclass(frozen=True, eq=False)
class Language:
    """Words of one language, in lower case; a space in `ordinals` or `cardinals` may be a hyphen in the text.

    `nouns` name a post ("chapter"); `weak` ones mean other things as well ("part"), and count only where it is plain
    what they are part of. `leads` present a post ("preview"), and stand before a `joint` ("from") and a noun. The rest
    are regular expressions: `opening` what may stand before an ordinal, `closing` what may stand after it ("and last"),
    `digits` an ordinal in digits with one group, `adjectives` what may stand before a lead, and `within` what joins a
    chapter with the title it is of.
    """

    nouns: tuple[str, ...]
    weak: tuple[str, ...]
    leads: tuple[str, ...]
    ordinals: Mapping[str, int]
    cardinals: Mapping[str, int]
    digits: str
    opening: str
    closing: str
    adjectives: str
    joint: str
    within: str

    @cached_property
    def ordinal_first(self) -> re.Pattern[str]:
        """ "Twelfth post", "The 12th and last chapter"."""
        ordinal = f"(?:(?P<word>{_any(self.ordinals)})|{self.digits})"
        return _compiled(rf"(?:{self.opening})?{ordinal}(?:{self.closing})?\s+(?P<noun>{self._noun})(?![\w-])")

    @cached_property
    def noun_first(self) -> re.Pattern[str]:
        """ "Post twelve", "Chapter 12", "Chapter 7.4"; French and Spanish "Chapitre premier"."""
        word = _any({**self.cardinals, **self.ordinals})
        return _compiled(rf"(?P<noun>{self._noun})\s+(?:(?P<word>{word})(?![\w-])|{_NUMBER})")

    @cached_property
    def presented(self) -> re.Pattern[str]:
        """ "A preview from Chapter 7.4", "An introduction to Chapter 2"."""
        lead = rf"(?:{self.adjectives})?(?:{_any(self.leads)})\s+(?:{self.joint})\s*"
        return _compiled(rf"{lead}(?P<noun>{self._noun})\s+{_NUMBER}")

    @cached_property
    def of_something(self) -> re.Pattern[str]:
        """What leads from a chapter to what it is of: " of the "."""
        return _compiled(rf"\s+(?:{self.within})")

    @lru_cache(maxsize=8)  # noqa: B019 - languages live as long as the program
    def of_title(self, titles: tuple[str, ...]) -> re.Pattern[str]:
        """ " of the LLM Primer II", with the title as its group; the first of several that fit, in their exact case."""
        names = "|".join(re.escape(folded(title)) for title in titles)
        return _compiled(rf"\s+(?:{self.within})[\"'“„«»‘*_\s]*(?-i:(?P<title>{names}))(?!\w)")

    def value(self, word: str) -> int | None:
        """What a word that one of the patterns has found counts; None for letters that only look like those meant."""
        plain = re.sub(_HYPHENS, " ", word.lower())
        return self.ordinals.get(plain) or self.cardinals.get(plain)

    @property
    def _noun(self) -> str:
        return _any([*self.nouns, *self.weak])


_NUMBER = r"(?P<number>[0-9]{1,9}(?:\.[0-9]{1,9})*)(?![\w%-]|[.–‑]\d)"


def in_row(words: str) -> list[str]:
    """Words of a table, the first counting one."""
    return words.split()


def folded(text: str) -> str:
    """As the tables have it: composed letters. Case is left, since titles are compared with it."""
    return unicodedata.normalize("NFC", text)


def _any(words: Iterable[str]) -> str:
    """The longest first, so that "twenty-first" is not read as "twenty"."""
    by_length = sorted(words, key=lambda word: (-len(word), word))
    return "|".join(re.escape(word).replace(r"\ ", _HYPHENS) for word in by_length)


def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)
