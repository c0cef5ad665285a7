"""The settings for what comes back: which address it comes to, by which ways, and how long we are patient."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, ValidationInfo, field_validator

from db.errors import BadValue
from fascicle.config_part import Part
from mail.headers import ascii_address
from mail.verp import LONGEST_LOCAL

_ON_THIS_MACHINE = ("127.0.0.1", "::1", "localhost")
_PLACE = r"^(\[[0-9A-Fa-f:.]+\]|[^\s:\[\]]+):\d{1,5}$"


class Mailbox(Part):
    host: str
    port: Annotated[int, Field(ge=1, le=65535)] = 993
    tls: Literal["implicit", "starttls", "none"] = "implicit"
    username: str
    password_file: Path
    folder: str = "INBOX"
    ca_file: Path | None = None
    every_seconds: Annotated[int, Field(ge=5, le=86_400)] = 60
    keep: bool = False

    @field_validator("tls")
    @classmethod
    def _never_in_the_open(cls, value: str, info: ValidationInfo) -> str:
        if value == "none" and info.data.get("host") not in _ON_THIS_MACHINE:
            raise ValueError("the password would be readable on the way; use implicit or starttls")
        return value


class Bounces(Part):
    address: str
    separator: Annotated[str, Field(pattern=r"^[-+=_.]$")] = "+"
    smtp: Annotated[str, Field(pattern=_PLACE)] | None = None
    lmtp: Annotated[str, Field(pattern=_PLACE)] | None = None
    mailbox: Mailbox | None = None
    soft_editions: Annotated[int, Field(ge=1, le=100)] = 5
    soft_days: Annotated[int, Field(ge=0, le=365)] = 10
    keep_days: Annotated[int, Field(ge=1, le=3_650)] = 400

    @field_validator("address")
    @classmethod
    def _with_room_for_a_tag(cls, value: str) -> str:
        try:
            address = ascii_address(value)
        except BadValue as error:
            raise ValueError(str(error)) from None
        local = address.rpartition("@")[0]
        if not re.fullmatch(r"[A-Za-z0-9._-]+", local) or len(local) > LONGEST_LOCAL:
            raise ValueError(f"before the @ at most {LONGEST_LOCAL} letters and digits are expected, such as bounces")
        return address

    @field_validator("keep_days")
    @classmethod
    def _longer_than_a_row(cls, value: int, info: ValidationInfo) -> int:
        if value <= info.data.get("soft_days", 0):
            raise ValueError("more days than `soft_days` are expected: what is forgotten counts no more")
        return value

    @property
    def soft_span(self) -> timedelta:
        return timedelta(days=self.soft_days)

    @property
    def keep(self) -> timedelta:
        return timedelta(days=self.keep_days)

    def beside(self, folder: Path) -> Self:
        """With the paths of files absolute: they are relative to this folder."""
        box = self.mailbox
        if box is None:
            return self
        paths = {"password_file": folder / box.password_file, "ca_file": box.ca_file and folder / box.ca_file}
        return self.model_copy(update={"mailbox": box.model_copy(update=paths)})


def place_of(text: str) -> tuple[str, int]:
    """Host and port of `127.0.0.1:2525`."""
    host, _, port = text.rpartition(":")
    return host.strip("[]"), int(port)
