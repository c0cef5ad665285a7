"""The Jinja environment of every letter and page, and the filters that write dates in words."""

import datetime as dt
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context, select_autoescape
from jinja2.runtime import Context
from markupsafe import Markup

from templates.languages import Words, direction_of, words_of

FOLDER = Path(__file__).parent


def environment(*, overrides: Path | None = None) -> Environment:
    """An environment over the templates beside this file; a file of the same name below `overrides` wins.

    Only `.html` is escaped. A name a template does not know raises `jinja2.UndefinedError` instead of printing nothing.
    Its texts are in English unless the values of a rendering have the `spoken` of another language.
    """
    folders = [FOLDER] if overrides is None else [overrides, FOLDER]
    env = Environment(
        loader=FileSystemLoader(folders),
        autoescape=select_autoescape(("html",), default_for_string=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
        finalize=_told,
    )
    env.policies["ext.i18n.trimmed"] = True
    env.globals.update({name: spoken("en")[name] for name in ("voice", "gettext", "ngettext")})
    env.filters.update(
        long_date=_in_its_language(Words.long_date),
        weekday_date=_in_its_language(Words.weekday_date),
        day_month=_in_its_language(Words.day_month),
        month_year=_in_its_language(Words.month_year),
        listed=_listed,
        short_date=_short_date,
        full_date=_in_its_language(Words.full_date),
        moment=_in_its_language(Words.moment),
        weekday=_in_its_language(lambda words, day: words.alone(day, "cccc")),
        weekday_short=_in_its_language(lambda words, day: words.alone(day, "ccc")),
        month=_in_its_language(lambda words, day: words.alone(day, "LLLL")),
        decimal=_in_its_language(Words.decimal),
        told=_told,
        clock=clock,
        capitalize_first=_capitalize_first,
    )
    return env


def spoken(language: str) -> dict[str, object]:
    """What a rendering is given to speak a language, named by its BCP 47 tag."""
    words = words_of(language)
    return {
        "voice": words,
        "gettext": words.gettext,
        "ngettext": words.ngettext,
        "language": language,
        "direction": direction_of(language),
    }


@pass_context
def _told(context: Context, value: object) -> object:
    """What Python said, in the language of the rendering; anything else as it is.

    All that a template prints goes through here. Only what is printed within `{% trans %}` must be told before:
    `{% trans why=reason|told %}`.
    """
    if type(value) in _AS_THEY_ARE:
        return value
    # Asked of its type: a name that is not there raises for whatever it is asked.
    in_language = getattr(type(value), "in_language", None)
    return value if in_language is None else in_language(value, _words(context))


@pass_context
def _capitalize_first(context: Context, text: str) -> str:
    """Only the first letter changes: names further on keep theirs."""
    told = str(_told(context, text))
    return told[:1].upper() + told[1:]


def clock(moment: dt.datetime) -> str:
    """`07:00`, in the zone the moment carries."""
    return f"{moment.hour:02}:{moment.minute:02}"


_AS_THEY_ARE = frozenset({str, int, Markup})
"""The types of most of what is printed."""


def _words(context: Context) -> Words:
    words = context["voice"]
    assert isinstance(words, Words)
    return words


def _in_its_language(written: Callable[[Words, Any], str]) -> Callable[[Context, Any], str]:
    """A filter by which the language of the rendering writes a value."""

    @pass_context
    def applied(context: Context, value: Any) -> str:  # noqa: ANN401 - what the language writes
        return written(_words(context), value)

    return applied


@pass_context
def _short_date(context: Context, day: dt.date) -> str:
    """`Thu 5 Mar`; the year is named when the rendering says that this is another one (`this_year`)."""
    this_year = context.resolve("this_year")
    return _words(context).short_date(day, with_year=not callable(this_year) or this_year() != day.year)


@pass_context
def _listed(context: Context, items: Sequence[str]) -> str:
    return _words(context).listed([str(_told(context, one)) for one in items])
