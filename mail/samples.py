"""Every letter in every state that its templates have words for, with made-up contents."""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from jinja2 import Environment

from db.states import Purpose
from mail.letter import Announced, LetterPost, Neighbour, PostsLetter, render_posts
from mail.single import SingleLetter, render_single
from mail.skeleton import Skeleton

Format = Literal["html", "text"]
POSTS = ("digest", "instant", "catch-up")
"""The letters with posts."""
DAY = dt.date(2026, 3, 5)
SITE = "https://example.org/"
GAPS_OF_SAMPLES = {
    "name": "Ada",
    "unsubscribe_url": f"{SITE}unsubscribe/sample",
    "preferences_url": f"{SITE}preferences/sample",
    "view_url": f"{SITE}letters/sample",
    "action_url": f"{SITE}confirm/sample",
}
_SENDER = {
    "site_title": "My serials",
    "site_url": SITE,
    "postal_address": "1 Example Street, Riga",
}


_WORDS = """<p>The water came at night, <em>as it does</em>.
See <a href="https://example.org/map/">the map</a>.</p>
<p><img src="https://example.org/media/map.png" alt="The coast as it was drawn"></p>
<blockquote><p>“Nobody drew the third island.”</p></blockquote>
<pre><code>depth = 4</code></pre>
<table><thead><tr><th>Hour</th><th>Water</th></tr></thead><tbody><tr><td>3</td><td>2 m</td></tr></tbody></table>
"""


@dataclass(frozen=True)
class Sample:
    """One letter in one state; `render` makes it from the templates of an environment, in a language and a format.

    `about` names the values that a single letter is given beside those of all letters.
    """

    letter: str
    state: str
    render: Callable[[Environment, str, Format], Skeleton]
    about: tuple[str, ...] = ()


def samples() -> Iterator[Sample]:
    for letter in POSTS:
        for state, posts, more in _shelves():
            yield Sample(letter, state, _posts(letter, posts, more))
    for purpose, states in _ABOUT.items():
        for state, about in states.items():
            yield Sample(purpose, state, _single(purpose, about), tuple(about))


def letters() -> tuple[str, ...]:
    """The names of all letters: those of their folders."""
    return (*POSTS, *_ABOUT)


def _posts(letter: str, posts: tuple[LetterPost, ...], more: int) -> Callable[[Environment, str, Format], Skeleton]:
    def render(env: Environment, language: str, form: Format) -> Skeleton:
        made = PostsLetter(
            name=letter,
            date=DAY,
            zone="Europe/Riga",
            hour=7,
            posts=posts,
            more=more,
            language=language,
            format=form,
            **_SENDER,
        )
        return render_posts(env, made)

    return render


def _single(purpose: Purpose, about: Mapping[str, object]) -> Callable[[Environment, str, Format], Skeleton]:
    def render(env: Environment, language: str, form: Format) -> Skeleton:
        letter = SingleLetter(name=purpose, date=DAY, about=about, language=language, format=form, **_SENDER)
        return render_single(env, letter)

    return render


def _shelves() -> Iterator[tuple[str, tuple[LetterPost, ...], int]]:
    """Posts of a letter, and how many more it stands for, by what is particular about them."""
    first = a_post(number="4", title="How the Flood Came In")
    yield "one chapter", (first,), 0
    yield "two chapters", (first, a_post(number="5", title="A Bell under Water", coming=None)), 0
    other = a_post(series_title="The Orchard at Low Tide", number=None, of=None, title="An Interlude")
    yield "three chapters of two series", (first, other, a_post(number="6", title="The Ferry")), 0
    yield "a chapter without numbers", (other,), 0
    nameless = a_post(previous=Neighbour(number=None, url=SITE), coming=Announced(number=None, day=DAY))
    yield "neighbours without numbers", (nameless,), 0
    yield "a first chapter, alone", (a_post(previous=None, coming=None),), 0
    yield "a chapter of the past", (a_post(next=Neighbour(number="5", url=SITE)),), 0
    yield "before a chapter without a number", (a_post(next=Neighbour(number=None, url=SITE)),), 0
    yield "a chapter cut short", (a_post(cut=True),), 0
    yield "links after a long pause", (first, a_post(number="5", full=False, html="", text="")), 0
    yield "one more on the web", (first,), 1
    yield "many more on the web", (first,), 31


def a_post(**changes: object) -> LetterPost:
    usual: dict[str, object] = {
        "series_title": "The Cartographer’s Apprentice",
        "series_url": f"{SITE}cartographer/",
        "number": "4",
        "of": 12,
        "title": "How the Flood Came In",
        "url": f"{SITE}cartographer/flood/",
        "html": _WORDS,
        "text": "The water came at night, *as it does*. See the map (https://example.org/map/).",
        "previous": Neighbour(number="3", url=f"{SITE}cartographer/bell/"),
        "coming": Announced(number="5", day=DAY + dt.timedelta(days=7)),
    }
    return LetterPost(**usual | changes)  # type: ignore[arg-type]


_TITLES = ("The Cartographer’s Apprentice", "The Orchard at Low Tide")
_ABOUT: dict[Purpose, dict[str, dict[str, object]]] = {
    Purpose.confirm: {
        "one hour": {"titles": _TITLES[:1], "hours": 1},
        "two days": {"titles": _TITLES, "hours": 48},
    },
    Purpose.welcome: {
        "by digest": {"titles": _TITLES, "first": DAY, "hour": 7, "zone": "Europe/Riga"},
        "at once": {"titles": _TITLES[:1], "first": None, "hour": 7, "zone": "Europe/Riga"},
    },
    Purpose.already: {
        "follows": {"titles": _TITLES, "paused": False},
        "paused": {"titles": _TITLES[:1], "paused": True},
        "follows nothing": {"titles": (), "paused": False},
    },
    Purpose.preferences: {"asked for": {}},
    Purpose.goodbye: {"goodbye": {"subscribe_url": f"{SITE}subscribe"}},
    Purpose.correction: {
        "a chapter with a number": {
            "title": "How the Flood Came In",
            "series": _TITLES[0],
            "number": "4",
            "note": "The tide table had the hours of the wrong harbour.",
            "url": f"{SITE}cartographer/flood/",
        },
        "a chapter without a number": {
            "title": "An Interlude",
            "series": _TITLES[1],
            "number": None,
            "note": "A paragraph was missing at the end.",
            "url": f"{SITE}orchard/interlude/",
        },
    },
    Purpose.change_address: {
        "one hour": {"address": "new@example.org", "hours": 1},
        "two hours": {"address": "new@example.org", "hours": 2},
    },
    Purpose.new_address: {"one hour": {"hours": 1}, "two days": {"hours": 48}},
    Purpose.export: {"one hour": {"hours": 1}, "two hours": {"hours": 2}},
    Purpose.erase: {"one hour": {"hours": 1}, "two hours": {"hours": 2}},
    Purpose.operator_test: {"test": {"sent": "2026-03-05 07:00", "relay": "main"}},
    Purpose.operator_alert: {
        "one line": {"title": "A series is held", "lines": ("cartographer: a post is late.",), "what_now": "Look."},
        "no lines": {"title": "A series is held", "lines": (), "what_now": "`fascicle plan show` says more."},
    },
}
