import base64
import re
from pathlib import Path

import dkim
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat

from db.errors import BadValue
from mail.dkim import relaxed_headers
from mail.dkim_keys import Kind, new_private, read_private, write_private, zone_line
from tests.mail.signed import ED25519, RSA, a_key

# RFC 8463, Appendix A: the secret key, its record, and a letter that was signed with it.
SECRET = "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A="
PUBLIC = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
SIGNATURE = "/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11BusFa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw=="
HEADERS = b"""\
From: Joe SixPack <joe@football.example.com>
To: Suzie Q <suzie@shopping.example.net>
Subject: Is dinner ready?
Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)
Message-ID: <20030712040037.46341.5F8J@football.example.com>
DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;
 d=football.example.com; i=@football.example.com;
 q=dns/txt; s=brisbane; t=1528637909; h=from : to :
 subject : date : message-id : from : subject : date;
 bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
 b="""


def pem(private: object, locked: bytes = b"") -> bytes:
    encryption = BestAvailableEncryption(locked) if locked else NoEncryption()
    return private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)


def test_the_example_of_rfc_8463_gets_the_signature_of_rfc_8463():
    key = a_key(private=Ed25519PrivateKey.from_private_bytes(base64.b64decode(SECRET)))
    signed = b"".join(relaxed_headers(HEADERS.replace(b"\n", b"\r\n"))).removesuffix(b"\r\n")

    assert key.record == f"v=DKIM1; k=ed25519; p={PUBLIC}"
    assert base64.b64encode(key.sign(signed)).decode() == SIGNATURE


@pytest.mark.parametrize("private", [RSA, ED25519])
def test_the_record_of_a_key_is_read_by_another_library(private):
    key = a_key(private=private)

    _, bits, kind, *_ = dkim.load_pk_from_dns(b"x", dnsfunc=lambda name, timeout: key.record.encode())

    assert key.record_name == "s2026._domainkey.example.org"
    assert kind == key.kind.encode()
    assert bits == (2048 if key.kind is Kind.rsa else 256)


@pytest.mark.parametrize("private", [RSA, ED25519])
def test_a_zone_line_holds_the_record_in_strings_of_at_most_255(private):
    key = a_key(private=private)

    strings = re.findall(r'"([^"]*)"', zone_line(key))

    assert "".join(strings) == key.record
    assert max(map(len, strings)) <= 255


@pytest.mark.parametrize("kind", list(Kind))
def test_a_key_is_written_for_its_owner_alone_and_read_again(kind: Kind, tmp_path: Path):
    private, path = new_private(kind), tmp_path / "key.pem"

    write_private(path, private)

    assert path.stat().st_mode & 0o777 == 0o600
    assert a_key(private=read_private(path)).record == a_key(private=private).record


def test_a_key_that_is_there_is_never_overwritten(tmp_path: Path):
    path = tmp_path / "key.pem"
    path.write_text("mine")

    with pytest.raises(BadValue, match=r"key\.pem: is there already"):
        write_private(path, ED25519)

    assert path.read_text() == "mine"


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path):
    with pytest.raises(BadValue, match=r"nowhere/key\.pem: cannot be written"):
        write_private(tmp_path / "nowhere" / "key.pem", ED25519)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"nothing", "not a private key in PEM"),
        (b"", "not a private key in PEM"),
        (pem(RSA)[:200], "not a private key in PEM"),
        (pem(ED25519, locked=b"word"), "is locked with a password"),
        (pem(rsa.generate_private_key(65537, 1024)), "an RSA key of 1024 bits; use 2048 to 4096"),
        (pem(ec.generate_private_key(ec.SECP256R1())), "neither RSA nor Ed25519"),
    ],
    ids=["no PEM", "empty", "cut", "locked", "short", "elliptic"],
)
def test_a_file_without_such_a_key_is_refused_by_name(content: bytes, problem: str, tmp_path: Path):
    path = tmp_path / "key.pem"
    path.write_bytes(content)

    with pytest.raises(BadValue, match=rf"key\.pem: .*{problem}"):
        read_private(path)


def test_a_missing_file_is_refused_by_name(tmp_path: Path):
    with pytest.raises(BadValue, match=r"key\.pem: no such file"):
        read_private(tmp_path / "key.pem")
    with pytest.raises(BadValue, match="cannot be read"):
        read_private(tmp_path)
