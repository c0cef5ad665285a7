"""What all parts of the configuration have in common."""

from pydantic import BaseModel, ConfigDict


class Part(BaseModel):
    """Frozen; a key that it does not know is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")
