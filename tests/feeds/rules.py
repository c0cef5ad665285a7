"""The rules of each form, as the check of what is published asks them."""

from feeds.check.grammar import faults

__all__ = ["faults"]
