"""What a reader can choose, as forms offer it, and the choices that a form brings."""

import zoneinfo
from dataclasses import dataclass
from functools import cache

from babel import Locale
from jinja2 import Environment

from db.errors import BadValue
from db.said import say
from scheduler.readers import WEEKDAYS
from templates.environment import spoken
from templates.languages import languages, words_of
from web.forms import Form

PACES = ("every day", "weekdays", "every 2 days", "every week")
"""At which a series can be read from its first chapter, as the words of a cadence."""
_ODD_ZONES = ("Etc/", "SystemV/", "posix/", "right/")


@dataclass(frozen=True)
class Offered:
    """`weekdays` and `languages` are pairs of a value and its name in the language of the page."""

    zones: tuple[str, ...]
    languages: tuple[tuple[str, str], ...]
    weekdays: tuple[tuple[str, str], ...]
    paces: tuple[str, ...] = PACES


@cache
def offered(language: str) -> Offered:
    """What pages in a language offer."""
    days = words_of(language).babel.days["stand-alone"]["wide"]
    return Offered(zones(), language_names(), tuple((day, days[place]) for place, day in enumerate(WEEKDAYS)))


@cache
def zones() -> tuple[str, ...]:
    """The names of zones that are offered, those that were renamed with their old name, too."""
    known = zoneinfo.available_timezones()
    return (*sorted(one for one in known if "/" in one and not one.startswith(_ODD_ZONES)), "UTC")


def language_names() -> tuple[tuple[str, str], ...]:
    """Each language that letters and pages speak, with its own name."""
    return tuple((code, Locale.parse(code).get_display_name(code) or code) for code in languages())


def hour_of(form: Form, default: int) -> int:
    """Raises BadValue."""
    text = form.one("hour", str(default))
    if not text.isascii() or not text.isdigit() or int(text[:3]) > 23:
        raise BadValue(say("%(value)r is not an hour; choose one from 0 to 23.", value=text))
    return int(text)


def language_of(form: Form, default: str) -> str:
    """Raises BadValue for a language that letters do not speak."""
    text = form.one("language", default)
    # The site's own may be one that is answered in English, such as fr.
    if text not in languages() and text != default:
        raise BadValue(say("%(value)r is not a language of letters here.", value=text))
    return text


def consent(env: Environment, language: str, site_title: str) -> str:
    """The text that who wants letters agrees to, as pages show it and as it is kept."""
    return env.get_template("web/consent.txt").render({**spoken(language), "site_title": site_title}).strip()
