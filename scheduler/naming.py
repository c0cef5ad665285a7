"""The states and roles of things, as pages and messages name them."""

from collections.abc import Mapping

from db.said import say, worded
from db.states import DeliveryState

_NAMES: Mapping[str, str] = {
    # posts
    "draft": say("draft"),
    "pinned": say("pinned"),
    "planned": say("planned"),
    "released": say("released"),
    "withdrawn": say("withdrawn"),
    # editions and letters
    "due": say("due"),
    "sending": say("sending"),
    "paused": say("paused"),
    "finished": say("finished"),
    "cancelled": say("cancelled"),
    # subscribers
    "pending": say("pending"),
    "active": say("active"),
    "left": say("left"),
    "suppressed": say("suppressed"),
    # steps with a relay
    "connect": say("connect"),
    # operators
    "owner": say("owner"),
    "editor": say("editor"),
    "viewer": say("viewer"),
}


_ACTORS: Mapping[str, str] = {
    "import": say("an import"),
    "fascicle": say("the program"),
    "the program": say("the program"),
    "reader": say("the reader"),
    "demo": say("the demo"),
}


_LETTERS: Mapping[DeliveryState, str] = {
    DeliveryState.pending: say("waiting"),
    DeliveryState.intent: say("with the relay"),
    DeliveryState.sent: say("sent"),
    DeliveryState.soft: say("refused for now"),
    DeliveryState.hard: say("refused for good"),
    DeliveryState.in_doubt: say("in doubt"),
    DeliveryState.superseded: say("taken over"),
}


def letter_named(state: DeliveryState) -> str:
    """The state of a letter: as commands name it, and in the words of pages."""
    return worded(state.replace("_", " "), _LETTERS[state])


def actor_said(actor: str) -> str:
    """Who did something: an operator by their address; what was done by itself in words."""
    return _ACTORS.get(actor, actor)


def named(value: str) -> str:
    """The word for a state or a role, such as `{{ named(edition.state) }}`; what has none stands as it is."""
    return _NAMES.get(value, value)
