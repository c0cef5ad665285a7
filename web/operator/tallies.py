"""How the letters of editions stand, as pages name it."""

from db.states import DeliveryState

SHOWN = ("sent", "in_doubt", "soft", "hard", "waiting", "superseded")


def shown(counts: dict[str, int]) -> dict[str, int]:
    """The states that a page names, each with its count; those with the relay this moment wait, too."""
    waiting = counts.get(DeliveryState.pending, 0) + counts.get(DeliveryState.intent, 0)
    return {name: waiting if name == "waiting" else counts.get(name, 0) for name in SHOWN}
