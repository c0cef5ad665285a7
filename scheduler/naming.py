"""The states and roles of things, and editions, as pages and messages name them."""

from collections.abc import Mapping
from datetime import date

from db.said import say, worded
from db.states import DeliveryState, EditionKind, Purpose

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


_LETTER_STATES: Mapping[DeliveryState, str] = {
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
    return worded(state.replace("_", " "), _LETTER_STATES[state])


_LETTERS: Mapping[str, str] = {
    Purpose.confirm: say("A confirmation"),
    Purpose.welcome: say("A welcome"),
    Purpose.already: say("Word that somebody reads already"),
    Purpose.preferences: say("A link to preferences"),
    Purpose.goodbye: say("A goodbye"),
    Purpose.change_address: say("A change of address"),
    Purpose.new_address: say("A new address to confirm"),
    Purpose.export: say("Somebody's own data"),
    Purpose.erase: say("A wish to be erased"),
    Purpose.operator_test: say("A letter on trial"),
    Purpose.operator_alert: say("An alert"),
    Purpose.invitation: say("An invitation"),
}


def edition_said(key: str, titles: Mapping[int, str]) -> str:
    """What an edition is called, from its key and the titles of series by their ids."""
    match key.split(":"):
        case [EditionKind.digest, zone, hour, day]:
            return say("Digest of %(day)s, %(hour)s:00 %(zone)s", day=date.fromisoformat(day), hour=hour, zone=zone)
        case [EditionKind.instant, series, _] if series.isdecimal() and int(series) in titles:
            return say("%(series)s, at once", series=titles[int(series)])
        case [EditionKind.personal, *_]:
            return say("A chapter for one who catches up")
        case [EditionKind.correction, *_]:
            return say("A correction")
        case [EditionKind.single, purpose, *_] if purpose in _LETTERS:
            return _LETTERS[purpose]
    return key


def actor_said(actor: str) -> str:
    """Who did something: an operator by their address; what was done by itself in words."""
    return _ACTORS.get(actor, actor)


def named(value: str) -> str:
    """The word for a state or a role, such as `{{ named(edition.state) }}`; what has none stands as it is."""
    return _NAMES.get(value, value)
