"""What a person does with mail: reading the letters that a site wrote to them, and following their links."""

import email
import email.policy
import re
from email.message import EmailMessage
from urllib.parse import urlencode

import httpx
from sqlalchemy import select

from db import intents, tokens
from db.deliveries import Letter
from db.tables import Delivery, Edition, Subscriber, Variant
from scheduler.letters import bytes_of
from tests.web.making import Shop

_LINK = re.compile(r"https?://[\w.:-]+(/(?:confirm|preferences|unsubscribe|operator/welcome)/[\w-]+)")


def letters_to(shop: Shop, address: str) -> list[EmailMessage]:
    """The single letters that may go to an address as things stand, in the order in which they were written."""
    statement = (
        select(Delivery, Variant, Edition.key)
        .join(Variant, Variant.id == Delivery.variant_id)
        .join(Edition, Edition.id == Delivery.edition_id)
        .where(Delivery.address == address)
    )
    with shop.store.reading() as session:

        def counter(purpose: str, subject: int) -> int:
            return tokens.counter(session, purpose, subject)

        rows = session.execute(statement.order_by(Delivery.id)).all()
        built = [bytes_of(shop.house, counter, Letter(*row)) for row in rows if intents.may_go(session, row[0].id)]
    return [read(one) for one in built]


def read(message: bytes) -> EmailMessage:
    return email.message_from_bytes(message, policy=email.policy.default)  # type: ignore[return-value]


def subjects_to(shop: Shop, address: str) -> list[str]:
    return [str(letter["Subject"]) for letter in letters_to(shop, address)]


def links_in(letter: EmailMessage) -> list[str]:
    """The paths of the links in a letter that are keys, each once."""
    body = letter.get_body(("plain",))
    assert body is not None
    return list(dict.fromkeys(_LINK.findall(body.get_content().replace("\r\n", "\n"))))


def link_in(letter: EmailMessage, kind: str) -> str:
    """The path of the one link of a kind."""
    [found] = [link for link in links_in(letter) if link.startswith(f"/{kind}/")]
    return found


def newest_link(shop: Shop, address: str, kind: str = "confirm") -> str:
    return link_in(letters_to(shop, address)[-1], kind)


def sent(shop: Shop, path: str, fields: dict[str, object] | None = None, **headers: str) -> httpx.Response:
    """A form, as a browser posts it from a page of the site."""
    usual = {"sec_fetch_site": "same-origin", "content_type": "application/x-www-form-urlencoded"}
    return shop.ask("POST", path, content=urlencode(fields or {}, doseq=True).encode(), **(usual | headers))


def state_of(shop: Shop, address: str) -> str | None:
    with shop.store.reading() as session:
        return session.scalar(select(Subscriber.state).where(Subscriber.address == address))
