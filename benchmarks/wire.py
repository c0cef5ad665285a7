"""The ceiling of mail on this machine: Postfix's smtp-source and smtp-sink, and two plain loops in Python beside it."""

import asyncio
import os
import shutil
import smtplib
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

import aiosmtplib

SENDER, READER = "post@example.org", "reader-1@example.org"
_PATH = os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin"


@dataclass(frozen=True)
class Measured:
    """Letters a second, microseconds of the sender's CPU for each, and its memory at most, in MB."""

    rate: float
    cpu_us: float
    peak_mb: float


def _program(name: str) -> str:
    found = shutil.which(name, path=_PATH)
    if found is None:
        raise SystemExit(f"{name} is not here: `scripts/need-postfix` installs it, or says how")
    return found


@contextmanager
def sink() -> Iterator[int]:
    """The port of an smtp-sink, which takes all and keeps nothing."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    # It gives up its rights where it has them, and may then not stay in a folder of ours.
    command = [_program("smtp-sink"), *(["-u", "nobody"] if os.geteuid() == 0 else []), f"127.0.0.1:{port}", "1000"]
    child = subprocess.Popen(command, cwd="/", stderr=subprocess.DEVNULL)
    try:
        _wait_for(port)
        yield port
    finally:
        child.terminate()
        child.wait()


def _wait_for(port: int) -> None:
    until = time.monotonic() + 10
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.02)


def source(port: int, *, size: int, connections: int, letters: int) -> Measured:
    """smtp-source, which keeps its connections and sends one message of this size again and again."""
    numbers = ["-s", str(connections), "-l", str(size), "-m", str(letters)]
    command = [_program("smtp-source"), "-d", *numbers, "-f", SENDER, "-t", READER, f"127.0.0.1:{port}"]
    begin = time.perf_counter()
    with subprocess.Popen(command, cwd=Path("/")) as child:
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    took = time.perf_counter() - begin
    if child.returncode:
        raise SystemExit(f"smtp-source ended with {child.returncode}")
    return Measured(letters / took, (used.ru_utime + used.ru_stime) / letters * 1e6, used.ru_maxrss / 1024)


def naive_aiosmtplib(port: int, *, message: bytes, connections: int, letters: int) -> Measured:
    """An EmailMessage made for each letter and given to aiosmtplib's `send_message`."""

    async def lane(waiting: list[int]) -> None:
        client = aiosmtplib.SMTP(hostname="127.0.0.1", port=port, start_tls=False)
        await client.connect()
        while waiting:
            await client.send_message(_made(waiting.pop(), message))
        await client.quit()

    async def all_lanes() -> None:
        waiting = list(range(letters))
        await asyncio.gather(*(lane(waiting) for _ in range(connections)))

    return _measured(lambda: asyncio.run(all_lanes()), letters)


def naive_smtplib(port: int, *, message: bytes, connections: int, letters: int) -> Measured:
    """The same with smtplib, a thread for each connection."""

    def lane(share: range) -> None:
        with smtplib.SMTP("127.0.0.1", port) as client:
            for number in share:
                client.send_message(_made(number, message))

    def all_lanes() -> None:
        with ThreadPoolExecutor(connections) as pool:
            list(pool.map(lane, (range(place, letters, connections) for place in range(connections))))

    return _measured(all_lanes, letters)


def peak_mb() -> float:
    """The most memory that this program ever held. Not as `getrusage` has it: there the parent's counts too."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    [kilobytes] = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:")]
    return int(kilobytes) / 1024


def _made(number: int, message: bytes) -> EmailMessage:
    text = message.decode("ascii", "replace")
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = SENDER, f"reader-{number}@example.org", "A chapter"
    letter.set_content(text[: len(text) // 4])
    letter.add_alternative(text[len(text) // 4 :], subtype="html")
    return letter


def _measured(work: Callable[[], object], letters: int) -> Measured:
    begin, cpu = time.perf_counter(), time.process_time()
    work()
    took, used = time.perf_counter() - begin, time.process_time() - cpu
    return Measured(letters / took, used / letters * 1e6, peak_mb())
