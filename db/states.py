"""The states of things in the store: DESIGN.md's words, stored as text."""

from enum import StrEnum


class PostState(StrEnum):
    draft = "draft"
    planned = "planned"
    released = "released"
    withdrawn = "withdrawn"


class MissedPolicy(StrEnum):
    """What happens to a post whose moment passed while nothing was running."""

    release = "release"
    hold = "hold"
    reflow = "reflow"


class SubscriberState(StrEnum):
    pending = "pending"
    active = "active"
    paused = "paused"
    left = "left"
    suppressed = "suppressed"


class SubscriptionState(StrEnum):
    active = "active"
    left = "left"


class Frequency(StrEnum):
    instant = "instant"
    daily = "daily"
    weekly = "weekly"


class LetterFormat(StrEnum):
    html = "html"
    text = "text"


class EditionKind(StrEnum):
    """A personal edition is one letter to one subscription, which somebody asked for and waits for; a single one is
    one letter without posts. A correction has a letter without posts for each of many readers.
    """

    digest = "digest"
    instant = "instant"
    personal = "personal"
    single = "single"
    correction = "correction"


PRIORITIES = {
    EditionKind.digest: 0,
    EditionKind.correction: 5,
    EditionKind.instant: 10,
    EditionKind.personal: 20,
    EditionKind.single: 30,
}
"""What is worked on first where several editions wait: the higher."""


NEVER_OPENED = (EditionKind.single, EditionKind.correction)
"""Editions that are written together with their letters, so that nobody cuts them into batches."""


class EditionState(StrEnum):
    due = "due"
    sending = "sending"
    paused = "paused"
    finished = "finished"
    cancelled = "cancelled"


STOPPED_EDITIONS = (EditionState.paused, EditionState.cancelled)
"""States in which no letter of an edition is sent, whoever holds a lease."""


class BatchState(StrEnum):
    ready = "ready"
    finished = "finished"


class DeliveryState(StrEnum):
    pending = "pending"
    intent = "intent"
    sent = "sent"
    soft = "soft"
    hard = "hard"
    in_doubt = "in_doubt"
    superseded = "superseded"


OPEN_DELIVERIES = (DeliveryState.pending, DeliveryState.intent, DeliveryState.soft)
"""States in which a letter may still be sent for the first time; a subscriber has at most one such row of editions."""


class Purpose(StrEnum):
    """What a single letter is for; also the name of its folder of templates."""

    confirm = "confirm"
    welcome = "welcome"
    already = "already-subscribed"
    preferences = "preferences"
    goodbye = "goodbye"
    correction = "correction"
    change_address = "change-address"
    new_address = "new-address"
    export = "export"
    erase = "erase"
    operator_test = "operator-test"
    operator_alert = "operator-alert"
    invitation = "invitation"


TO_OPERATORS = (Purpose.operator_test, Purpose.operator_alert, Purpose.invitation)
"""Letters to an address that need not be a subscriber's."""


class FeedAnswer(StrEnum):
    """What somebody got who asked for a feed: all of it, or word that it is as they know it (304)."""

    whole = "whole"
    unchanged = "unchanged"


class BounceKind(StrEnum):
    """Why a letter came back: `refused` is about the letter or its sender, and says nothing of the address."""

    hard = "hard"
    soft = "soft"
    refused = "refused"
    complaint = "complaint"


class SuppressionKind(StrEnum):
    """Why an address gets nothing any more."""

    hard = "hard"
    soft = "soft"
    complaint = "complaint"
    operator = "operator"
    imported = "imported"
    erased = "erased"


class UploadKind(StrEnum):
    """What a list that an operator sent by a page is of."""

    readers = "readers"
    suppressions = "suppressions"


class UploadState(StrEnum):
    """How far such a list is; `refused` when nothing of it was taken in, `failed` when something else kept it back."""

    arriving = "arriving"
    waiting = "waiting"
    checking = "checking"
    taking_in = "taking_in"
    finished = "finished"
    refused = "refused"
    failed = "failed"
    stopped = "stopped"


UPLOADS_UNDER_WAY = (UploadState.waiting, UploadState.checking, UploadState.taking_in)
"""States in which a worker takes a list, or has it."""


class InDoubtPolicy(StrEnum):
    resend = "resend"
    hold = "hold"


class StoreKind(StrEnum):
    live = "live"
    replay = "replay"


class Role(StrEnum):
    """What an operator may do: look; also change; also say who is an operator."""

    viewer = "viewer"
    editor = "editor"
    owner = "owner"

    def covers(self, needed: "Role") -> bool:
        ranks = list(Role)
        return ranks.index(self) >= ranks.index(needed)
