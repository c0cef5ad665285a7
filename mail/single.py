"""Single letters: one message to one address, without posts. Each purpose has its folder of templates."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from jinja2 import Environment

from mail.letter import render
from mail.skeleton import Skeleton, without_gaps


@dataclass(frozen=True, kw_only=True)
class SingleLetter:
    """What a single letter says of its sender, and `about` what it is for: the values that its templates name.

    `name` is that of its folder of templates, `date` the local date on which it is written.
    """

    name: str
    site_title: str
    site_url: str
    postal_address: str
    date: dt.date
    about: Mapping[str, object]
    language: str = "en"
    format: Literal["html", "text"] = "html"


def render_single(env: Environment, letter: SingleLetter) -> Skeleton:
    """The letter with gaps for what is the reader's own; equal letters give equal bytes."""
    about = {name: _unmarked(value) for name, value in letter.about.items()}
    sender = {name: without_gaps(getattr(letter, name)) for name in ("site_title", "site_url", "postal_address")} | {
        "date": letter.date
    }
    with_html = letter.format == "html"
    return render(env, letter.name, letter.language, with_html=with_html, letter=sender, about=about)


def _unmarked(value: object) -> object:
    """The same value with every text in it unable to pose as a gap."""
    if isinstance(value, str):
        return without_gaps(value)
    return tuple(_unmarked(one) for one in value) if isinstance(value, list | tuple) else value
