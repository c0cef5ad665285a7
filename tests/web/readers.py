"""A crowd of readers who ask again and again while a document changes."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from tests.web.serving import Answer, Served, connected, exchange


def readers_during_updates(site: Served, path: str, bodies: Sequence[bytes], *, readers: int = 100) -> list[Answer]:
    """All answers that `readers` got, half of them compressed, while each of the bodies was stored."""
    site.storage.write(path.lstrip("/"), bodies[0])
    finished = threading.Event()
    everybody = threading.Barrier(readers + 1)

    def read(number: int) -> list[Answer]:
        accepted = "gzip" if number % 2 else "identity"
        answers = []
        with connected(site.url) as connection:
            everybody.wait(120)
            while not finished.is_set():
                answers.append(exchange(connection, "GET", path, accept_encoding=accepted))
            answers.append(exchange(connection, "GET", path, accept_encoding=accepted))
        return answers

    with ThreadPoolExecutor(readers) as pool:
        reading = [pool.submit(read, number) for number in range(readers)]
        everybody.wait(120)
        try:
            for body in bodies:
                site.storage.write(path.lstrip("/"), body)
        finally:
            finished.set()
        return [answer for one in reading for answer in one.result()]
