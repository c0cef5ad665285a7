"""Writes the pages and letters of readers by mail into files, to be looked at: python -m tests.web.looks FOLDER"""

import re
import sys
import tempfile
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

from sqlalchemy import select, update

from db import tokens
from db.deliveries import Letter
from db.states import Purpose
from db.tables import Delivery, Edition, Post, Series, Subscriber, Variant
from mail.tokens import PREFERENCES, UNSUBSCRIBE
from scheduler import singles
from scheduler.letters import bytes_of
from scheduler.singles import Single
from tests.making import the_environment
from tests.web.letterbox import newest_link, read, sent
from tests.web.making import NOW, TOKENS, Shop, a_post, a_series, a_shop
from web.style import style_of

ADA = "ada@example.org"


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        shop = a_shop(Path(place))
        _arrange(shop)
        for language in ("en", "de"):
            _pages(shop, folder, language)
        _letters(shop, folder)
        shop.store.close()
    (folder / "style.css").write_bytes(style_of(the_environment()).body)


def _arrange(shop: Shop) -> None:
    for slug, title in (("primer", "The Primer"), ("harbour", "A Year at the Harbour, Told in Weekly Instalments")):
        series = a_series(shop, slug, title=title, announces=True)
        post = a_post(shop, series, f"{slug}-one", title="Rain", number="1")
        with shop.store.writing() as session:
            session.get_one(Series, series).last_seq = session.get_one(Post, post).seq or 0
    sent(shop, "/subscribe", {"email": ADA, "series": ["primer", "harbour"], "begin": "every 2 days"})


def _pages(shop: Shop, folder: Path, language: str) -> None:
    shop.machine += timedelta(days=language == "de")  # one address gets only so many letters a day
    with shop.store.writing() as session:
        session.execute(update(Subscriber).values(language=language))
        reader = session.scalars(select(Subscriber).where(Subscriber.address == ADA)).one()
        counter = tokens.counter(session, PREFERENCES, reader.id)
    leave = f"/unsubscribe/{TOKENS.make(UNSUBSCRIBE, reader.id, 0)}"
    choose = f"/preferences/{TOKENS.make(PREFERENCES, reader.id, counter)}"
    if language == "en":
        _save(folder, "series", shop.get("/primer/").text)
        _save(folder, "subscribe", shop.get("/subscribe?series=primer").text)
        wrong = sent(shop, "/subscribe", {"email": "ada at example", "series": "primer"})
        _save(folder, "subscribe-refused", wrong.text)
        _save(folder, "subscribe-sent", sent(shop, "/subscribe", {"email": "b@example.org", "series": "primer"}).text)
        confirm = newest_link(shop, ADA)
        _save(folder, "confirm", shop.get(confirm).text)
        _save(folder, "confirmed", sent(shop, confirm).text)
        _save(folder, "confirmed-before", shop.get(confirm).text)
        _save(folder, "link-of-nobody", shop.get("/confirm/x").text)
    _save(folder, f"preferences-{language}", shop.get(choose).text)
    _save(folder, f"preferences-saved-{language}", shop.get(f"{choose}?done=choices").text)
    _save(folder, f"unsubscribe-{language}", shop.get(leave).text)
    for step, fields in (("change-address", {"email": "ada@example.com"}), ("export", {}), ("erase", {})):
        sent(shop, f"{choose}/{step}", fields)
        _save(folder, f"confirm-{step}-{language}", shop.get(newest_link(shop, ADA)).text)
    if language == "de":
        _last_pages(shop, folder, choose, leave)


def _last_pages(shop: Shop, folder: Path, choose: str, leave: str) -> None:
    """Those that end something."""
    erase = newest_link(shop, ADA)
    sent(shop, f"{choose}/pause", {"until": "2026-08-01"})
    _save(folder, "preferences-paused-de", shop.get(choose).text)
    _save(folder, "left-one-de", sent(shop, leave, {"only": "yes", "series": "primer"}).text)
    _save(folder, "erased-de", sent(shop, erase).text)
    _save(folder, "left-all-en", sent(shop, _somebody(shop)).text)


def _somebody(shop: Shop) -> str:
    sent(shop, "/subscribe", {"email": "c@example.org", "series": "primer"})
    sent(shop, newest_link(shop, "c@example.org"))
    return newest_link(shop, "c@example.org", "unsubscribe")


ABOUT: dict[Purpose, dict[str, object]] = {
    Purpose.confirm: {"titles": ("The Primer", "A Year at the Harbour"), "hours": 48},
    Purpose.welcome: {"titles": ("The Primer",), "first": NOW.date(), "hour": 7, "zone": "Europe/Riga"},
    Purpose.already: {"titles": ("The Primer",), "paused": False},
    Purpose.preferences: {},
    Purpose.goodbye: {"subscribe_url": "https://example.org/subscribe"},
    Purpose.change_address: {"address": "ada@example.com", "hours": 2},
    Purpose.new_address: {"hours": 2},
    Purpose.export: {"hours": 2},
    Purpose.erase: {"hours": 2},
    Purpose.operator_test: {"sent": "2026-03-06 12:00 UTC", "relay": "main"},
    Purpose.operator_alert: {
        "title": "The Primer is held",
        "lines": ("Chapter 11 was due while this machine slept.",),
        "what_now": "`fascicle series unhold primer` lets it go on.",
    },
}


def _letters(shop: Shop, folder: Path) -> None:
    for purpose in Purpose:
        for language in ("en", "de"):
            _letter(folder / f"letter-{purpose}-{language}", _written(shop, purpose, language))


def _written(shop: Shop, purpose: Purpose, language: str) -> EmailMessage:
    single = Single(purpose=purpose, key=f"{purpose}:{language}", address=ADA, language=language, about=ABOUT[purpose])
    with shop.store.writing() as session:
        singles.send(session, shop.house, single, now=NOW)
        row = session.scalars(select(Delivery).order_by(Delivery.id.desc()).limit(1)).one()
        # As if it were to a reader, with a wish: only the links in it need them.
        session.expunge(row)
        row.subscriber_id, row.wish_id = 1, 1
        letter = Letter(row, session.get_one(Variant, row.variant_id), session.get_one(Edition, row.edition_id).key)
        return read(bytes_of(shop.house, lambda *_: 0, letter))


def _letter(path: Path, letter: EmailMessage) -> None:
    for kind, suffix in (("html", ".html"), ("plain", ".txt")):
        body = letter.get_body((kind,))
        assert body is not None
        path.with_name(path.name + suffix).write_text(f"{body.get_content()}", encoding="utf-8")


def _save(folder: Path, name: str, html: str) -> None:
    beside = re.sub(r'href="/static/style\.css[^"]*"', 'href="style.css"', html)
    (folder / f"page-{name}.html").write_text(beside, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
