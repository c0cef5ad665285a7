"""The settings for letters: who they are from, how they are signed, by which relays and how fast they go."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AwareDatetime, BeforeValidator, Field, ValidationInfo, field_validator

from db.errors import BadValue
from db.states import InDoubtPolicy
from fascicle.config_part import Part
from mail.headers import ascii_address, ascii_domain
from mail.pace import ANY, Pace

_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_SELECTOR = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")


class SigningKey(Part):
    """A DKIM key; letters with a Date from `since` on and before `until` are signed with it."""

    selector: str
    key_file: Path
    domain: str | None = None
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None

    @field_validator("selector")
    @classmethod
    def _name_in_the_dns(cls, value: str) -> str:
        if not is_selector(value):
            raise ValueError("a name in the DNS is expected, of letters, digits and hyphens, such as s2026")
        return value

    @field_validator("domain")
    @classmethod
    def _domain(cls, value: str | None) -> str | None:
        try:
            return value and ascii_domain(value)
        except BadValue as error:
            raise ValueError(str(error)) from None

    @field_validator("until")
    @classmethod
    def _after_since(cls, value: AwareDatetime | None, info: ValidationInfo) -> AwareDatetime | None:
        since = info.data.get("since")
        if value and since and value <= since:
            raise ValueError("a moment after `since` is expected")
        return value


def _pace(words: object) -> Pace:
    try:
        return words if isinstance(words, Pace) else Pace.of(str(words))
    except BadValue as error:
        raise ValueError(str(error)) from None


PaceSetting = Annotated[Pace, BeforeValidator(_pace)]


class Mail(Part):
    sender: Annotated[str, Field(alias="from")]
    reply_to: str | None = None
    alerts_to: str | None = None
    in_doubt: InDoubtPolicy = InDoubtPolicy.resend
    connections: Annotated[int, Field(ge=1, le=200)] = 10
    dkim: tuple[SigningKey, ...] = ()
    domains: dict[str, PaceSetting] = {}
    keep_days: Annotated[int, Field(ge=30, le=36_500)] | None = None

    @property
    def kept(self) -> timedelta | None:
        """How long the words of letters are kept; None: for ever."""
        return None if self.keep_days is None else timedelta(days=self.keep_days)

    @field_validator("domains")
    @classmethod
    def _written_alike(cls, value: dict[str, Pace]) -> dict[str, Pace]:
        try:
            return {name if name == ANY else ascii_domain(name).lower(): pace for name, pace in value.items()}
        except BadValue as error:
            raise ValueError(str(error)) from None

    @field_validator("alerts_to")
    @classmethod
    def _address(cls, value: str | None) -> str | None:
        try:
            return value and ascii_address(value)
        except BadValue:
            raise ValueError("a mail address is expected, such as olga@example.org") from None


class Relay(Part):
    host: str
    port: Annotated[int, Field(ge=1, le=65535)]
    tls: Literal["starttls", "implicit", "none"]
    username: str | None = None
    password_file: Path | None = None
    connections: Annotated[int, Field(ge=1, le=200)] | None = None
    letters_per_connection: Annotated[int, Field(ge=1)] | None = None
    limit: PaceSetting | None = None


def is_selector(text: str) -> bool:
    """Whether it can name a DKIM key in the DNS (RFC 6376, 3.1)."""
    return len(text) <= 180 and _SELECTOR.fullmatch(text) is not None
