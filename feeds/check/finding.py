"""What a check says."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class Severity(StrEnum):
    """How much a finding matters: readers meet it; it is probably wrong; worth knowing, and no fault."""

    error = "error"
    warning = "warning"
    note = "note"


class Found(NamedTuple):
    """What a rule says of one document; `entry` is the id of the entry it speaks of."""

    rule: str
    message: str
    entry: str | None = None


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One fault of the document at `path`: what a reader would trip over, and what would `mend` it."""

    rule: str
    severity: Severity
    path: str
    message: str
    mend: str
