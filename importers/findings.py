"""The problems of one run, gathered so that the operator mends them all in one go."""

from collections.abc import Collection
from difflib import get_close_matches

from db.said import say
from importers.order import natural
from importers.values import ImportRefused, Place, Problem


class Findings:
    """A growing list of problems; `refuse()` ends the import when there are any."""

    def __init__(self) -> None:
        self._problems: list[Problem] = []

    def add(self, place: Place, message: str) -> None:
        self._problems.append(Problem(place, message))

    @property
    def messages(self) -> tuple[str, ...]:
        """What was found so far, without the places."""
        return tuple(problem.message for problem in self._problems)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What was found so far, by file and line."""
        return tuple(sorted(self._problems, key=_by_place))

    def refuse(self) -> None:
        """Raises ImportRefused with all problems, by file and line; returns when there are none."""
        if self._problems:
            raise ImportRefused(self.problems)


def did_you_mean(word: str, known: Collection[str]) -> str:
    """` Did you mean …?` with the nearest known word, or nothing when none is near."""
    spelled = {one.casefold(): one for one in sorted(known)}
    near = get_close_matches(word.casefold(), spelled, n=1)
    return say(" Did you mean `%(near)s`?", near=spelled[near[0]]) if near else ""


def shown(value: str) -> str:
    """The value between quotes, on one line and cut to a length that fits a message."""
    flat = " ".join(value.split())
    return f'"{flat}"' if len(flat) <= 60 else f'"{flat[:59]}…"'


def _by_place(problem: Problem) -> tuple[tuple[tuple[int, int, str], ...], int]:
    return natural(problem.place.file), problem.place.line or 0
