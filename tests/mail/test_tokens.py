import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mail.tokens import Tokens

SUBJECTS = st.integers(min_value=0, max_value=2**63 - 1)
COUNTERS = st.integers(min_value=0, max_value=2**31)
ours = Tokens(b"a secret of this installation")
theirs = Tokens(b"another one")


@given(SUBJECTS, COUNTERS)
def test_a_token_is_short_names_its_subject_and_is_proved(subject, counter):
    token = ours.make("unsubscribe", subject, counter)

    assert re.fullmatch(r"[A-Za-z0-9_-]{32}", token)
    assert ours.subject_of(token) == subject
    assert ours.proves(token, "unsubscribe", subject, counter)


@given(SUBJECTS, COUNTERS)
def test_a_token_proves_nothing_else(subject, counter):
    token = ours.make("unsubscribe", subject, counter)

    assert not ours.proves(token, "preferences", subject, counter)
    assert not ours.proves(token, "unsubscribe", subject ^ 1, counter)
    assert not ours.proves(token, "unsubscribe", subject, counter + 1)
    assert not theirs.proves(token, "unsubscribe", subject, counter)


@given(st.text())
def test_any_text_may_be_asked_about(text):
    subject = ours.subject_of(text)

    assert subject is None or 0 <= subject < 2**63
    assert not ours.proves(text, "unsubscribe", 1, 0)


@pytest.mark.parametrize("text", ["", "A" * 31, "A" * 33, "A" * 31 + "=", "A" * 31 + "\n", "_" * 32, "é" * 32])
def test_what_is_no_token_names_nobody(text):
    assert ours.subject_of(text) is None


def test_a_message_id_depends_on_the_delivery_alone():
    first = ours.message_id("digest:Europe/Berlin:07:2026-03-05/1", "example.org")

    assert re.fullmatch(r"<[0-9a-f]{40}@example\.org>", first)
    assert first == ours.message_id("digest:Europe/Berlin:07:2026-03-05/1", "example.org")
    assert first != ours.message_id("digest:Europe/Berlin:07:2026-03-05/2", "example.org")


def test_a_fingerprint_recognises_an_address_without_holding_it():
    assert ours.fingerprint("alice@example.org") == ours.fingerprint("alice@example.org")
    assert re.fullmatch(r"[0-9a-f]{64}", ours.fingerprint("alice@example.org"))
    assert ours.fingerprint("alice@example.org") != theirs.fingerprint("alice@example.org")


def test_an_empty_secret_is_refused():
    with pytest.raises(ValueError, match="secret"):
        Tokens(b"")
