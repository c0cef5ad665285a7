"""Paces that several processes hold together, with a clock that leaps."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from types import SimpleNamespace

import pytest

from db.engine import Store
from mail.orders import Orders
from mail.pace import Limits, Pace
from mail.turns import Turns
from scheduler.stretches import LEAST
from tests.mail.virtual import VirtualLoop, in_virtual_time
from tests.making import NOON

ALL = "example.org"


@dataclass
class Sent:
    """What one process sent: when, by this many seconds after noon, and to which domain."""

    moments: list[tuple[float, str]]
    put_off: int


def lived_through(store: Store, limits: Limits, shares: Sequence[Sequence[str]], *, rest: float = 0) -> list[Sent]:
    """A process for each share of domains sends to these over four lanes, and rests after each stretch of letters."""

    async def talk() -> list[Sent]:
        with ThreadPoolExecutor(1) as thread:
            return await asyncio.gather(*(_process(store, limits, share, thread, rest) for share in shares))

    return in_virtual_time(talk())


async def _process(store: Store, limits: Limits, domains: Sequence[str], thread: ThreadPoolExecutor, rest: float):
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualLoop)
    turns = Turns(limits, store, lambda: NOON + timedelta(seconds=loop.time()), thread)
    sent = Sent([], 0)
    for begin in range(0, len(domains), LEAST):
        letters = [a_letter(begin + place, domain) for place, domain in enumerate(domains[begin : begin + LEAST])]
        orders = Orders(list(reversed(letters)), "", lambda _: b"", lambda: True, turns)
        await asyncio.gather(*(_lane(orders, sent) for _ in range(4)))
        sent.put_off += len(orders.put_off)
        await asyncio.sleep(rest)
    return sent


async def _lane(orders: Orders, sent: Sent) -> None:
    while letter := await orders.next("main"):
        sent.moments.append((asyncio.get_running_loop().time(), letter.delivery.address.partition("@")[2]))
        await asyncio.sleep(0)


def a_letter(number: int, domain: str) -> SimpleNamespace:
    return SimpleNamespace(delivery=SimpleNamespace(id=number, address=f"reader-{number}@{domain}"))


def moments(processes: Sequence[Sent], domain: str | None = None) -> list[float]:
    return sorted(at for one in processes for at, to in one.moments if domain in (None, to))


def most_within(instants: Sequence[float], seconds: float) -> int:
    """The most of them in any stretch of this length."""
    return max(sum(begin <= at < begin + seconds for at in instants[place:]) for place, begin in enumerate(instants))


@pytest.mark.parametrize("processes", [1, 2, 3])
def test_a_limit_of_500_a_second_is_held_within_3_percent_by_any_number_of_processes(store: Store, processes: int):
    limits = Limits(relays={"main": Pace(500, 1)})

    sent = lived_through(store, limits, [[ALL] * (1_800 // processes)] * processes)

    instants = moments(sent)
    assert len(instants) == 1_800
    assert 1_800 / (instants[-1] - instants[0]) == pytest.approx(500, rel=0.03)
    assert most_within(instants, 2) <= 1_000 * 1.03 + 50


@pytest.mark.parametrize("letters", [3, 17, 40])
@pytest.mark.parametrize("pace", [Pace(7, 1), Pace(180, 60), Pace(20, 4)])
def test_slow_limits_are_held_by_the_letter(store: Store, pace: Pace, letters: int):
    sent = lived_through(store, Limits(relays={"main": pace}), [[ALL] * letters, [ALL] * letters])

    instants = moments(sent)
    assert len(instants) == 2 * letters
    assert (instants[-1] - instants[0]) * pace.rate == pytest.approx(2 * letters - 1, abs=1.1)


def test_a_domain_has_its_own_limit_beside_the_relays(store: Store):
    limits = Limits(relays={"main": Pace(500, 1)}, domains={"slow.example": Pace(50, 1)})

    sent = lived_through(store, limits, [(["fast.example"] * 9 + ["slow.example"]) * 80] * 2)

    slow, every = moments(sent, "slow.example"), moments(sent)
    assert len(slow) / (slow[-1] - slow[0]) == pytest.approx(50, rel=0.03)
    assert len(every) / (every[-1] - every[0]) == pytest.approx(500, rel=0.03)


def test_letters_to_a_slow_domain_do_not_hold_up_the_others(store: Store):
    limits = Limits(domains={"slow.example": Pace(6, 60)})

    [sent] = lived_through(store, limits, [["slow.example"] * 20 + ["fast.example"] * 100])

    assert moments([sent], "fast.example")[-1] == 0
    assert (len(moments([sent], "slow.example")), sent.put_off) == (1, 19)


def test_each_domain_that_is_not_named_has_the_limit_of_the_others_by_itself(store: Store):
    limits = Limits(domains={"*": Pace(10, 1)})

    [sent] = lived_through(store, limits, [["one.example", "two.example"] * 50])

    for domain in ("one.example", "two.example"):
        assert moments([sent], domain)[-1] == pytest.approx(5, abs=0.2)


def test_a_long_rest_is_not_made_up_for_in_a_rush(store: Store):
    limits = Limits(relays={"main": Pace(100, 1)})

    sent = lived_through(store, limits, [[ALL] * 400], rest=5)

    assert moments(sent)[-1] > 5
    assert most_within(moments(sent), 1) <= 100 + 100 * 0.25 + 1


def test_many_turns_cost_few_writes(store: Store, monkeypatch: pytest.MonkeyPatch):
    writes: list[int] = []
    fetch = Turns._fetch
    monkeypatch.setattr(Turns, "_fetch", lambda self, asked: (writes.append(1), fetch(self, asked)))

    lived_through(store, Limits(relays={"main": Pace(500, 1)}), [[ALL] * 1_000])

    assert len(writes) <= 1_000 / 50 + 1
