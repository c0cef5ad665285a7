"""Ports for servers that must be told theirs before they begin."""

import random
import socket
from pathlib import Path

_RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")
_LOWEST = 10_000
_LEAST = 5_000
"""So many must lie below the system's own, or two test runs would often meet at one."""


def free_port() -> int:
    """One that nobody listens on, and that the system gives to no connection of anybody in the meantime."""
    chance = random.SystemRandom()
    below = int(_RANGE.read_text().split()[0]) if _RANGE.exists() else 0
    for _ in range(100):
        port = chance.randrange(_LOWEST, below) if below >= _LOWEST + _LEAST else 0
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise AssertionError("no port is free")
