"""Holiday calendars by code: "DE", "DE-BE", "US-NY". Public holidays only; most calendars end with the year 2100."""

from collections.abc import Iterable, Mapping
from datetime import date
from difflib import get_close_matches
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from db.errors import BadValue
from db.said import say, say_or

if TYPE_CHECKING:
    from holidays import HolidayBase


def holiday_on(codes: Iterable[str], day: date) -> str | None:
    """Such as "holiday in DE-BE: Tag der Deutschen Einheit", or None. Raises BadValue for a code nobody knows."""
    for code in codes:
        name = _names(code, day.year).get(day)
        if name is not None:
            return say("holiday in %(code)s: %(name)s", code=code, name=name)
    return None


@cache
def holiday_code(text: str) -> str:
    """The code as we write it, from one in other letters ("de-be", "DEU-Berlin"). Raises BadValue."""
    country, dash, subdivision = text.strip().partition("-")
    calendar = _country(country.upper())
    return f"{calendar.country}-{_subdivision(calendar, subdivision)}" if dash else calendar.country


def _country(code: str) -> "HolidayBase":
    # The package takes 0.2 s to import, which every command would pay; few series have holidays.
    import holidays
    from holidays.registry import EntityLoader

    # Asked for anything else, the package hands out whatever it has under that name: a constant, a stock exchange.
    known = set(EntityLoader.get_country_codes())
    if code in known:
        return holidays.country_holidays(code)
    close = get_close_matches(code, sorted(known), n=3)
    hint = say("write a country as DE, a part of one as DE-BE")
    if close:
        hint = say("did you mean %(close)s?", close=say_or(close))
    raise BadValue(say("%(code)r is not a country whose holidays we know; %(hint)s", code=code, hint=hint))


def _subdivision(calendar: "HolidayBase", text: str) -> str:
    """Our spelling of a part of a country: the package's code, with _ for a space so that a code is one word."""
    names = {_letters(name): code for name, code in calendar.subdivisions_aliases.items()}
    known = names | {_letters(code): code for code in calendar.subdivisions}
    found = known.get(_letters(text))
    if found is None:
        raise BadValue(
            say(
                "%(country)s has no part %(value)r with holidays of its own; %(parts)s",
                country=calendar.country,
                value=text,
                parts=_parts(calendar, known, text),
            )
        )
    return _one_word(found)


def _parts(calendar: "HolidayBase", known: Mapping[str, str], text: str) -> str:
    close = get_close_matches(_letters(text), known, n=3)
    if close:
        hints = dict.fromkeys(f"{calendar.country}-{_one_word(known[name])}" for name in close)
        return say("did you mean %(close)s?", close=say_or(list(hints)))
    parts = [_one_word(code) for code in calendar.subdivisions]
    return say("it has %(parts)s", parts=parts) if parts else say("write %(code)s alone", code=calendar.country)


def _letters(name: str) -> str:
    return "".join(sign for sign in name.casefold() if sign.isalnum())


def _one_word(code: str) -> str:
    return code.replace(" ", "_")


@lru_cache(maxsize=4096)
def _names(code: str, year: int) -> Mapping[date, str]:
    """The public holidays of one year. Names are in the country's own language, so that all nodes say the same."""
    import holidays  # late for the reason given above

    country, _, subdivision = holiday_code(code).partition("-")
    return dict(
        holidays.country_holidays(
            country,
            subdiv=subdivision.replace("_", " ") or None,
            years=year,
            expand=False,
            language=_country(country).default_language,
            categories=("public",),
        )
    )
