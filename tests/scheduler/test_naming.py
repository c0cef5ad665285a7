"""What editions are called."""

import pytest

from db.states import Purpose
from scheduler.naming import edition_said

TITLES = {7: "The Harbour"}


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("digest:Europe/Riga:07:2026-03-06", "Digest of 2026-03-06, 07:00 Europe/Riga"),
        ("instant:7:3", "The Harbour, at once"),
        ("instant:8:3", "instant:8:3"),
        ("personal:1:0:1", "A chapter for one who catches up"),
        ("correction:4:2", "A correction"),
        ("single:operator-test:1", "A letter on trial"),
        ("something", "something"),
    ],
)
def test_an_edition_is_called_by_what_is_in_it(key: str, said: str):
    assert edition_said(key, TITLES) == said


def test_every_single_letter_has_a_name_of_its_own():
    said = {edition_said(f"single:{purpose}:1", TITLES) for purpose in Purpose if purpose is not Purpose.correction}

    assert len(said) == len(Purpose) - 1
    assert not any(name.startswith("single:") for name in said)
