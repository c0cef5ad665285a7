"""Handing work out: what became ready is offered in the transaction that made it so, and workers take it.

Whatever the way, leases and the ledger are the truth: a task that is offered twice is done once, and one that was never
offered is found.
"""

from scheduler.dispatch.embedded import Embedded
from scheduler.dispatch.port import Bench, Dispatcher
from scheduler.dispatch.procrastinate import Procrastinate

__all__ = ["Bench", "Dispatcher", "Embedded", "Procrastinate"]
