"""What the DNS says of a sender, and what to publish where it says nothing or something else."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from mail.dkim_keys import Key, Kind, new_private
from mail.dns_records import DnsSilent, Record, examine, txt_records
from tests.mail.names import serving_names

NOW = datetime(2026, 3, 6, 12, tzinfo=UTC)
KEY = Key(domain="example.org", selector="s2026", private=new_private(Kind.rsa))
OTHER = Key(domain="example.org", selector="s2026", private=new_private(Kind.ed25519))
GOOD = {
    "example.org": ["v=spf1 include:relay.example ~all", "something else"],
    "s2026._domainkey.example.org": [KEY.record],
    "_dmarc.example.org": ["v=DMARC1; p=none"],
}


def looked(texts: Mapping[str, Sequence[str]], *keys: Key, sending: str = "example.org") -> dict[str, Record]:
    found = examine(
        sending=sending, bouncing="example.org", keys=keys or [KEY], now=NOW, lookup=lambda name: texts.get(name, [])
    )
    return {one.kind: one for one in found}


def test_all_three_are_found():
    assert [(one.kind, one.ok) for one in looked(GOOD).values()] == [("SPF", True), ("DKIM", True), ("DMARC", True)]


def test_where_there_is_none_one_is_advised():
    found = looked({})

    assert not any(one.ok for one in found.values())
    assert found["SPF"].advice.startswith("v=spf1")
    assert found["DKIM"].publish == KEY.record
    assert found["DMARC"].publish == "v=DMARC1; p=none"


@pytest.mark.parametrize(
    ("name", "texts", "kind", "words"),
    [
        ("example.org", ["v=spf1 -all", "v=spf1 ~all"], "SPF", "2 records"),
        ("example.org", ["v=spf1 +all"], "SPF", "lets everybody send"),
        ("example.org", ["v=spf1 all"], "SPF", "lets everybody send"),
        ("example.org", ["v=spf10 -all"], "SPF", "there is none"),
        ("s2026._domainkey.example.org", [OTHER.record], "DKIM", "another key"),
        ("s2026._domainkey.example.org", ["v=DKIM1; k=rsa; p="], "DKIM", "revoked"),
        ("_dmarc.example.org", ["v=DMARC1; p=maybe"], "DMARC", "cannot be read"),
        ("_dmarc.example.org", ["v=DMARC1; p=none", "v=DMARC1; p=reject"], "DMARC", "2 records"),
        ("_dmarc.example.org", ["v=spf1 -all"], "DMARC", "there is none"),
    ],
)
def test_what_does_not_count_is_told(name: str, texts: list[str], kind: str, words: str):
    found = looked(GOOD | {name: texts})[kind]

    assert not found.ok
    assert words in found.words


def test_a_key_may_be_published_with_blanks_in_it():
    spaced = KEY.record.replace("p=", "p= ")[:100] + " " + KEY.record.replace("p=", "p= ")[100:]

    assert looked(GOOD | {KEY.record_name: [spaced]})["DKIM"].ok


def test_the_policy_of_the_domain_above_holds_for_one_below():
    found = looked({"_dmarc.example.org": ["v=DMARC1; p=quarantine"]}, sending="post.news.example.org")

    assert found["DMARC"].words == "p=quarantine"


def test_a_key_that_is_not_in_use_is_not_looked_for():
    old = Key(domain="example.org", selector="old", private=KEY.private, until=NOW - timedelta(days=1))

    assert "DKIM" not in looked(GOOD, old)


def test_a_real_server_of_names_is_asked_and_long_keys_are_put_together():
    with serving_names(GOOD) as resolver:
        found = examine(
            sending="example.org",
            bouncing="example.org",
            keys=[KEY],
            now=NOW,
            lookup=lambda name: txt_records(name, resolver=resolver),
        )

    assert len(KEY.record) > 255
    assert all(one.ok for one in found)


def test_a_name_that_is_not_there_has_no_records():
    with serving_names({"example.org": []}) as resolver:
        assert txt_records("nothing.example.org", resolver=resolver) == []
        assert txt_records("example.org", resolver=resolver) == []


def test_a_server_that_can_tell_nothing_is_no_missing_record():
    with serving_names({}, broken=True) as resolver, pytest.raises(DnsSilent, match=r"example\.org"):
        txt_records("example.org", resolver=resolver)


def test_an_answer_that_did_not_come_is_told_as_such():
    def silent(name: str) -> list[str]:
        raise DnsSilent(f"{name}: timed out")

    [found, *_] = examine(sending="example.org", bouncing="example.org", keys=[], now=NOW, lookup=silent)

    assert (found.ok, found.words) == (False, "no answer: example.org: timed out")
