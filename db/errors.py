"""The one tree of errors. Each message says what is wrong, where, and what to do now."""


class FascicleError(Exception):
    """A mistake or a state that a person can mend; shown to them as one line, never as a traceback."""


class StoreTooNew(FascicleError):
    """The store was written by a newer program than this one."""


class StoreTooOld(FascicleError):
    """The store lacks migrations that this program needs."""


class StoreUnreachable(FascicleError):
    """The store cannot be opened."""


class StoreBusy(FascicleError):
    """Two changes met in the database, and this one was given up, with nothing written."""


class CopyRefused(FascicleError):
    """This store is a copy of another one, or older than what this node has seen."""


class CalendarRefused(FascicleError):
    """A moment was asked for that this store's calendar does not allow."""


class SeriesNotFound(FascicleError):
    def __init__(self, slug: str) -> None:
        super().__init__(f"no series {slug!r}; `fascicle series list` shows those there are")
        self.slug = slug


class PostNotFound(FascicleError):
    def __init__(self, series: str, slug: str) -> None:
        super().__init__(f"no post {slug!r} in {series!r}; `fascicle posts list {series}` shows those there are")


class SubscriberNotFound(FascicleError):
    def __init__(self, address: str) -> None:
        super().__init__(f"no subscriber {address!r}; `fascicle subscribers list` shows those there are")


class CatchUpFeedNotFound(FascicleError):
    def __init__(self, feed_id: int) -> None:
        super().__init__(f"no catch-up feed {feed_id}; `fascicle feeds catch-up list` shows those there are")


class OperatorNotFound(FascicleError):
    def __init__(self, email: str) -> None:
        super().__init__(f"no operator {email!r}; `fascicle operators list` shows those there are")


class BadValue(FascicleError):
    """A value that breaks a rule; the message names the value, its place, and what is allowed."""
