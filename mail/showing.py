"""A letter to look at: what its reader sees of it, taken from the very bytes that are sent."""

import email
import email.policy
from collections.abc import Mapping
from dataclasses import dataclass

from mail.skeleton import Skeleton, fill


@dataclass(frozen=True)
class Shown:
    """`html` is None for a letter that has none."""

    subject: str
    text: str
    html: str | None


def shown(skeleton: Skeleton, values: Mapping[str, str]) -> Shown:
    """What stands in a letter when its gaps hold these values."""
    message = email.message_from_bytes(fill(skeleton, headers=(), values=values), policy=email.policy.default)
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None
    rich = None if html is None else _content(html.get_content())
    return Shown(str(message["Subject"]), _content(text.get_content()), rich)


def _content(content: str) -> str:
    return content.replace("\r\n", "\n")
