"""What pages may know of the program around them, and have it do: the configuration, relays, keys, templates, doctor.

Built by the program; nothing here can change a file.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from mail.checking import Mistake
from mail.dkim_keys import Key
from mail.dns_records import Record
from mail.probe import Stepped


class Source(StrEnum):
    """Where a setting has its value from."""

    file = "file"
    environment = "environment"
    usual = "usual"


@dataclass(frozen=True)
class Setting:
    """One value of the configuration by its path, such as `site.title`; `place` a line or a variable."""

    path: str
    value: str
    source: Source
    place: str


@dataclass(frozen=True)
class Relay:
    name: str
    where: str
    tls: str
    username: str | None


@dataclass(frozen=True)
class Ailment:
    """What a look at a part of the installation says."""

    part: str
    ok: bool
    words: str


@dataclass(frozen=True)
class OwnTemplate:
    """A template, and whether the operator has one in its place."""

    name: str
    own: bool


@dataclass(frozen=True, kw_only=True)
class Household:
    """Each call looks anew, and raises a FascicleError when there is nothing to look at.

    `file` names the configuration; `probe` tries the relay of a name, `records` looks into the DNS. Calls may take
    seconds: no store is open meanwhile.
    """

    file: str
    settings: Callable[[], Sequence[Setting]]
    relays: Callable[[], Sequence[Relay]]
    probe: Callable[[str], Sequence[Stepped]]
    keys: Callable[[], Sequence[Key]]
    records: Callable[[], Sequence[Record]]
    templates: Callable[[], Sequence[OwnTemplate]]
    templates_folder: str | None
    mistakes: Callable[[], Sequence[Mistake]]
    doctor: Callable[[], Sequence[Ailment]]
