"""A connection to a server outside whose address was looked at before it is used, and everything in a bounded time."""

import socket
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from queue import Empty, SimpleQueue
from threading import Thread
from time import monotonic
from urllib.parse import urlsplit

from db.errors import BadValue

Address = IPv4Address | IPv6Address
Resolve = Callable[[str, int], Sequence[str]]
"""Gives the addresses of a host and port, as text, the best first. Raises OSError."""

_NAT64 = IPv6Network("64:ff9b::/96")
_LEAST = 0.01
"""Seconds; a socket's timeout of 0 would mean not to wait at all, and so to fail in another way."""


class AddressRefused(OSError):
    """A host has no address that may be connected to."""


@dataclass(frozen=True)
class Deadline:
    """The moment, in steady time, at which a whole conversation must be over."""

    at: float

    @classmethod
    def after(cls, seconds: float) -> "Deadline":
        return cls(monotonic() + seconds)

    def left(self) -> float:
        """Seconds left, never none. Raises TimeoutError when it has passed."""
        left = self.at - monotonic()
        if left <= 0:
            raise TimeoutError("the time is over")
        return max(left, _LEAST)


@dataclass(frozen=True)
class Place:
    """What a URL says of where to connect; `authority` is host and port as a Host field has them."""

    secure: bool
    host: str
    port: int
    authority: str
    target: str


def place_of(url: str) -> Place:
    """The place of an absolute http or https URL. Raises BadValue for anything else."""
    if not url.isascii() or not url.isprintable() or " " in url:
        raise BadValue("has characters that an address cannot carry; write a name in its xn-- form")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise BadValue(f"is no address such as https://hub.example/: {error}") from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise BadValue("is no address such as https://hub.example/")
    if "@" in parts.netloc or parts.fragment:
        raise BadValue("carries a user name or a #fragment; leave it out")
    secure = parts.scheme == "https"
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    usual = 443 if secure else 80
    return Place(secure, parts.hostname, usual if port is None else port, parts.netloc, target)


def is_public(address: Address) -> bool:
    """Whether an address belongs to the public internet, and not to this machine, its network, or a group.

    An IPv6 address that stands for an IPv4 one (mapped, 6to4, or translated by NAT64 with its well-known prefix) is
    judged by that: a router in between would send the packets there.
    """
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if address in _NAT64:
            inner = IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(inner)
        if address.is_site_local or address.teredo:
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def look_up(host: str, port: int) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(where[0]) for *_, where in found))


@dataclass(frozen=True)
class Outward:
    """Opens connections to public addresses only, unless `private`; `trust` replaces the system's certificates."""

    private: bool = False
    resolve: Resolve = look_up
    trust: ssl.SSLContext | None = field(default=None, repr=False)

    def connect(self, place: Place, deadline: Deadline) -> socket.socket:
        """A connected socket, under TLS verified for the host where the place is secure.

        The name is resolved once, and the address that was judged is the one connected to: a name that changes its
        mind in between (DNS rebinding) gains nothing. Raises AddressRefused, ssl.SSLError, OSError.
        """
        line = self._first(self._allowed(place, deadline), place.port, deadline)
        if not place.secure:
            return line
        try:
            line.settimeout(deadline.left())
            context = self.trust or ssl.create_default_context()
            return context.wrap_socket(line, server_hostname=place.host)
        except BaseException:
            line.close()
            raise

    def _allowed(self, place: Place, deadline: Deadline) -> list[str]:
        found = _in_time(lambda: self.resolve(place.host, place.port), deadline)
        allowed = [text for text in found if self.private or is_public(ip_address(text))]
        if not allowed:
            raise AddressRefused(f"{place.host} is {', '.join(found) or 'nowhere'}, which is no public address")
        return allowed

    def _first(self, addresses: Sequence[str], port: int, deadline: Deadline) -> socket.socket:
        """A connection to the first address that answers; each but the last may take half of the time left."""
        trouble: OSError = OSError("no address")
        for number, address in enumerate(addresses, start=1):
            left = deadline.left()
            try:
                return socket.create_connection((address, port), left if number == len(addresses) else left / 2)
            except OSError as error:
                trouble = error
        raise trouble


def _in_time(ask: Callable[[], Sequence[str]], deadline: Deadline) -> Sequence[str]:
    """What a call gives that knows no timeout itself, as the system's resolver; it is left behind when time is over."""
    answer: SimpleQueue[Sequence[str] | OSError] = SimpleQueue()

    def run() -> None:
        try:
            answer.put(ask())
        except OSError as error:
            answer.put(error)
        except UnicodeError as error:
            answer.put(OSError(f"is no name of a host: {error}"))

    Thread(target=run, name="look-up", daemon=True).start()
    try:
        found = answer.get(timeout=deadline.left())
    except Empty:
        raise TimeoutError("its name was not resolved in time") from None
    if isinstance(found, OSError):
        raise found
    return found
