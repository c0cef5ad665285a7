"""Keys, and what dkimpy makes of letters that were signed with them: it shares no code with ours."""

from collections.abc import Sequence
from datetime import UTC, datetime

import dkim

from mail.dkim import Signer
from mail.dkim_keys import Key, Kind, new_private

AT = datetime(2026, 3, 5, 6, tzinfo=UTC)
RSA = new_private(Kind.rsa)
ED25519 = new_private(Kind.ed25519)


def a_key(**changes: object) -> Key:
    return Key(**({"domain": "example.org", "selector": "s2026", "private": ED25519} | changes))


BOTH = (a_key(), a_key(selector="r2026", private=RSA))
SIGNER = Signer(BOTH)


def verified(message: bytes, keys: Sequence[Key] = BOTH) -> list[bool]:
    """For each signature from the top, whether dkimpy finds it good by the records of these keys."""
    records = {f"{key.record_name}.".encode(): key.record.encode() for key in keys}
    head = message.partition(b"\r\n\r\n")[0]
    count = sum(line.startswith(b"DKIM-Signature:") for line in head.split(b"\r\n"))
    return [_holds(message, place, records) for place in range(count)]


def _holds(message: bytes, place: int, records: dict[bytes, bytes]) -> bool:
    try:
        return bool(dkim.DKIM(message).verify(place, dnsfunc=lambda name, timeout: records[name]))
    except dkim.ValidationError:
        return False
