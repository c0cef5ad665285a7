"""Return paths name the letter, survive what mail servers do to addresses, and cannot be forged."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mail.headers import ascii_address
from mail.tokens import Tokens
from mail.verp import LONGEST_LOCAL, ReturnPaths, Tag, tag_in
from tests.making import TOKENS

ALICE, BOB = "alice@example.org", "bob@example.org"
PATHS = ReturnPaths(TOKENS, "bounces@lists.example")
LARGEST = (1 << 63) - 1


def test_a_return_path_names_its_letter_and_proves_it():
    path = PATHS.of(4711, ALICE)

    tag = tag_in(path)

    assert tag
    assert tag.letter == 4711
    assert PATHS.proves(tag, ALICE)


@given(st.integers(0, LARGEST))
def test_any_letter_has_a_return_path_that_every_server_takes(letter: int):
    longest = ReturnPaths(TOKENS, f"{'b' * LONGEST_LOCAL}@lists.example")

    path = longest.of(letter, ALICE)

    assert ascii_address(path) == path
    assert len(path.partition("@")[0]) <= 64
    assert tag_in(path) == Tag(letter, tag_in(path).seal)  # type: ignore[union-attr]


def test_a_return_path_is_the_same_each_time():
    assert PATHS.of(1, ALICE) == PATHS.of(1, ALICE)


@pytest.mark.parametrize(
    "handled",
    [str.upper, str.title, lambda path: f"<{path}>", lambda path: f"SRS0=Hq5x=2B=lists.example={path}"],
    ids=["upper case", "mixed case", "in brackets", "rewritten by a forwarder"],
)
def test_a_return_path_survives_what_servers_do_to_it(handled):
    path = PATHS.of(77, ALICE)

    tag = tag_in(handled(path))

    assert tag
    assert PATHS.proves(tag, ALICE)


def test_a_tag_for_alice_proves_nothing_of_bob():
    tag = tag_in(PATHS.of(1, ALICE))

    assert tag
    assert not PATHS.proves(tag, BOB)


def test_a_tag_of_one_letter_proves_nothing_of_another():
    tag = tag_in(PATHS.of(1, ALICE))

    assert tag
    assert not PATHS.proves(Tag(2, tag.seal), ALICE)


def test_another_installation_cannot_make_our_tags():
    theirs = ReturnPaths(Tokens(b"another secret of thirty-two characters"), "bounces@lists.example")

    tag = tag_in(theirs.of(1, ALICE))

    assert tag
    assert not PATHS.proves(tag, ALICE)


@given(st.integers(0, LARGEST), st.text("abcdefghijklmnopqrstuvwxyz234567", min_size=26, max_size=26))
def test_no_seal_that_was_guessed_is_proved(letter: int, seal: str):
    assert not PATHS.proves(Tag(letter, seal), ALICE)


@given(st.text())
def test_any_text_at_all_is_searched_for_a_tag(text: str):
    assert tag_in(text) is None or tag_in(text)


def test_a_letter_beyond_what_a_store_can_number_is_no_letter():
    assert tag_in(f"bounces+e{'z' * 13}-{'a' * 26}@lists.example") is None


@pytest.mark.parametrize(
    ("recipient", "taken"),
    [
        ("bounces@lists.example", True),
        ("Bounces@Lists.Example", True),
        (PATHS.of(1, ALICE), True),
        ("bounces+note@lists.example", False),
        ("root@lists.example", False),
        ("bounces@elsewhere.example", False),
        (PATHS.of(1, ALICE).replace("lists", "elsewhere"), False),
        (PATHS.of(1, ALICE).replace("bounces", "other"), False),
        ("", False),
    ],
)
def test_only_mail_to_our_own_addresses_is_taken(recipient: str, taken: bool):
    assert PATHS.takes(recipient) is taken


def test_another_separator_can_stand_between_address_and_tag():
    paths = ReturnPaths(TOKENS, "bounces@lists.example", "-")

    path = paths.of(1, ALICE)

    assert path.startswith("bounces-e1-")
    assert paths.takes(path)
    assert paths.proves(tag_in(path), ALICE)  # type: ignore[arg-type]
