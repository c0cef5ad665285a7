"""What a rule over one document is given, and what rules share."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

from feeds.check.finding import Found
from feeds.check.model import Document, Model
from feeds.check.seen import SeenEntry, SeenFeed
from feeds.check.tree import fragment_shape
from feeds.ingredients import Ingredients


@dataclass(frozen=True)
class Look:
    """A published document beside what it should be."""

    document: Document
    seen: SeenFeed
    model: Model

    @cached_property
    def expected(self) -> dict[str, Ingredients]:
        """The entries that should be there, by id."""
        return {entry.id: entry for entry in self.document.entries}

    @cached_property
    def pairs(self) -> list[tuple[SeenEntry, Ingredients]]:
        """Each entry that is there and should be, beside what it should be.

        Left out is what another version of the program has frozen, in its own way.
        """
        there = [one for one in self.seen.entries if one.id in self.expected and not self.is_of_another_version(one)]
        return [(one, self._meant(one)) for one in there]

    def is_of_another_version(self, one: SeenEntry) -> bool:
        """Whether the entry is as that version kept it; or could be, since only its later words are kept."""
        kept = self.document.kept.get(one.id or "")
        if kept is not None and fragment_shape(kept) == one.shape:
            return True
        return bool(self.document.kept) and bool(self.document.later.get(one.id or ""))

    def _meant(self, one: SeenEntry) -> Ingredients:
        """Of the states that a frozen document may show, the one that it does show."""
        assert one.id is not None
        first, *later = (self.expected[one.id], *self.document.later.get(one.id, ()))
        return next((state for state in later if state.content() == one.content), first)


DocumentRule = Callable[[Look], Iterator[Found]]
