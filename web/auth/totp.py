"""The second factor: codes by the time (RFC 6238), of six digits, new every thirty seconds."""

from datetime import datetime

import pyotp
import segno

STEP = 30


def new_secret() -> str:
    return pyotp.random_base32()


def step_of(secret: str, code: str, *, now: datetime) -> int | None:
    """The step that a code is of: this one, or one before or after it for clocks that differ; None for a wrong code."""
    plain = "".join(code.split())
    if not (plain.isascii() and plain.isdecimal()):
        return None
    made = pyotp.TOTP(secret)
    current = int(now.timestamp()) // STEP
    steps = (current, current - 1, current + 1)
    return next((step for step in steps if pyotp.utils.strings_equal(made.generate_otp(step), plain)), None)


def address(secret: str, *, email: str, site: str) -> str:
    """What an authenticator app reads."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=site)


def picture(text: str) -> str:
    """A QR code as SVG, dark on light in every scheme: cameras want it so."""
    return str(
        segno.make(text, error="m").svg_inline(scale=4, border=4, light="#ffffff", dark="#000000", omitsize=True)
    )
