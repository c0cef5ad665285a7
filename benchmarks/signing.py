"""What signing a letter of 20 kB costs, beside dkimpy in the same run: `python benchmarks/signing.py`.

All times are CPU microseconds a letter, the best of several rounds; read the ratios, since machines are noisy.
"""

import base64
import time
from collections.abc import Callable
from datetime import UTC, date, datetime

import dkim
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from mail.dkim import OVERSIGNED, Signer, relaxed_body
from mail.dkim_keys import Key, Kind, Private, new_private
from mail.letter import LetterPost, PostsLetter, letter_headers, render_posts
from mail.skeleton import GAPS, fill
from templates.environment import environment

AT = datetime(2026, 3, 5, 6, tzinfo=UTC)
SIZE = 20_000
ROUNDS = 9
WORDS = "It rained on Riga for days, and nobody said a word of it to anyone who had not asked."
CODE = "def rain(days):\n    for day in days:\n        yield day\n\n"


def a_post(length: int) -> LetterPost:
    """Words and code, `length` characters in each of its two forms."""
    html = f"<p>{WORDS}</p>\n<pre><code>{CODE}</code></pre>\n"
    text = f"{WORDS}\n\n{CODE}"
    return LetterPost(
        series_title="LLM Primer II",
        series_url="https://example.org/primer/",
        number="3",
        of=14,
        title="Mathematical tools",
        url="https://example.org/primer/tools/",
        html=html * (length // len(html)),
        text=text * (length // len(text)),
    )


def a_letter() -> bytes:
    """A letter of SIZE bytes, or a little less."""
    url = "https://example.org/unsubscribe/" + "t" * 32
    headers = letter_headers(
        from_name="My serials",
        from_address="post@example.org",
        to_name="Alice",
        to_address="alice@example.org",
        date=AT,
        message_id=f"<{'0' * 40}@example.org>",
        list_id="example.org",
        list_title="My serials",
        unsubscribe_url=url,
        unsubscribe_mailto=None,
        reply_to=None,
    )
    letter = b""
    for length in range(1_000, SIZE, 250):
        digest = PostsLetter(
            name="digest",
            site_title="My serials",
            site_url="https://example.org/",
            date=date(2026, 3, 5),
            zone="Europe/Riga",
            hour=7,
            posts=(a_post(length),),
            postal_address="1 Example Street, Riga",
        )
        skeleton = render_posts(environment(), digest)
        longer = fill(skeleton, headers=headers, values=dict.fromkeys(GAPS, url))
        if len(longer) > SIZE:
            break
        letter = longer
    return letter


def cost(work: Callable[[], object], times: int) -> float:
    """CPU microseconds of one call, in the best round."""
    taken = []
    for _ in range(ROUNDS):
        begin = time.process_time_ns()
        for _ in range(times):
            work()
        taken.append(time.process_time_ns() - begin)
    return min(taken) / times / 1e3


def by_dkimpy(letter: bytes, key: Key) -> Callable[[], object]:
    headers = [name.encode() for name in (*OVERSIGNED, *OVERSIGNED)]
    return lambda: dkim.sign(
        letter,
        key.selector.encode(),
        key.domain.encode(),
        spelled(key.private),
        canonicalize=(b"relaxed", b"relaxed"),
        signature_algorithm=key.algorithm.encode(),
        include_headers=headers,
    )


def spelled(private: Private) -> bytes:
    """A key as dkimpy takes it."""
    if isinstance(private, Ed25519PrivateKey):
        return base64.b64encode(private.private_bytes_raw())
    return private.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())


def main() -> None:
    letter = a_letter()
    body = letter.partition(b"\r\n\r\n")[2]
    looking = cost(lambda: relaxed_body(body), 200)
    print(f"a letter of {len(letter):,} bytes; looking at the blanks of its body {looking:.0f} µs")
    keys = [Key(domain="example.org", selector="s", private=new_private(kind)) for kind in Kind]
    for key in keys:
        signer = Signer((key,))
        compiled = cost(lambda signer=signer: signer.sign(letter, at=AT, blanks_single=True), 200)
        any_body = cost(lambda signer=signer: signer.sign(letter, at=AT), 200)
        theirs = cost(by_dkimpy(letter, key), 5)
        print(f"{key.algorithm}: {compiled:.0f} µs, any body {any_body:.0f} µs; dkimpy {theirs:,.0f} µs, ", end="")
        print(f"{theirs / compiled:.0f} x")
    both = cost(lambda: Signer(tuple(keys)).sign(letter, at=AT, blanks_single=True), 200)
    print(f"both at once: {both:.0f} µs")


if __name__ == "__main__":
    main()
