"""The same stories told to relays that take commands singly, in groups, and ahead of their time."""

import pytest

from tests.mail import handing
from tests.mail.faulty import FaultyRelay
from tests.mail.handing import Manner


@pytest.fixture(params=list(Manner), ids=[manner.name for manner in Manner])
def manner(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Manner:
    """Every relay of this test offers PIPELINING or not, and letters are handed over accordingly."""
    monkeypatch.setattr(FaultyRelay, "offers", () if request.param is Manner.singly else ("PIPELINING",))
    monkeypatch.setattr(handing.HAND, "manner", request.param)
    return request.param
