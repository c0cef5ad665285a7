"""What browsers may keep for ever: bytes, named by what they are."""

import hashlib
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Versioned:
    """`version` changes with the bytes."""

    body: bytes
    version: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "version", hashlib.sha256(self.body).hexdigest()[:12])
