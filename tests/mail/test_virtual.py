import asyncio
import threading

import pytest

from tests.mail.virtual import VirtualLoop, in_virtual_time


def test_an_hour_passes_at_once():
    async def wait() -> float:
        await asyncio.sleep(3_600)
        return asyncio.get_running_loop().time()

    assert in_virtual_time(wait()) == pytest.approx(3_600)


def test_timers_keep_their_order():
    async def run() -> list[int]:
        order: list[int] = []

        async def note(seconds: int) -> None:
            await asyncio.sleep(seconds)
            order.append(seconds)

        await asyncio.gather(note(86_400), note(60), note(600_000))
        return order

    assert in_virtual_time(run()) == [60, 86_400, 600_000]


def test_what_is_under_way_on_a_socket_comes_before_the_next_timer():
    async def run() -> list[bytes]:
        heard: list[bytes] = []

        async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            while piece := await reader.read(100):
                heard.append(piece)
            writer.close()

        async with await asyncio.start_server(listen, "127.0.0.1", 0) as server:
            _, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
            for number in range(100):
                writer.write(b"%d" % number)
                await asyncio.sleep(0.000_001)
            writer.close()
            await asyncio.sleep(1)
        return heard

    assert in_virtual_time(run()) == [b"%d" % number for number in range(100)]


def test_time_stands_still_while_a_thread_works():
    async def run() -> float:
        loop = asyncio.get_running_loop()
        loop.call_later(60, lambda: None)

        def work() -> None:
            for _ in range(50):
                answered = threading.Event()
                loop.call_soon_threadsafe(answered.set)
                assert answered.wait(timeout=120)

        await asyncio.to_thread(work)
        return loop.time()

    assert in_virtual_time(run()) == 0


def test_whoever_wants_to_know_hears_how_far_time_leapt():
    leaps: list[float] = []
    with asyncio.Runner(loop_factory=lambda: VirtualLoop(leaps.append)) as runner:
        runner.run(asyncio.sleep(90))

    assert sum(leaps) == pytest.approx(90)
