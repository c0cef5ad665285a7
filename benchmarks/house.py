"""A house that sends letters, and what they are filled with; for what measures itself, and so reads little else."""

from mail.tokens import Tokens
from scheduler.letters import House
from templates.environment import environment
from text.addresses import Addresses

WORDS = "Some *words* about attention, which is all that one needs. "
BODIES = {"4 kB": WORDS * 4, "20 kB": WORDS * 125}
"""Markdown that makes letters of about this size, text and HTML together."""


def house() -> House:
    return House(
        title="My serials",
        postal_address="1 Example Street, Riga",
        zone="UTC",
        from_name="My serials",
        from_address="post@example.org",
        reply_to=None,
        domain="example.org",
        addresses=Addresses("https://example.org"),
        tokens=Tokens(b"a secret of at least thirty-two characters"),
        env=environment(),
    )
