"""How many letters go out at a moment to come, and what each carries: readers who are alike are looked at once.

Each subscription moves on by itself: where it stands before a digest follows from the digest that served it before.
Only who catches up has to be followed step by step.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache, cached_property

from db.crowds import Crowds, Follows, Place, follows
from db.states import Frequency
from scheduler.digests_ahead import Digests, Sight
from scheduler.foresight import Course
from scheduler.walks_ahead import Call, walk
from timing.wall import date_exists

Stretches = tuple[tuple[int, int, int], ...]
"""What a letter carries: the posts of each series after one seq up to another."""
_Walk = Mapping[tuple[datetime, bool], tuple[int, int]]


class Outlook:
    """What `crowds` will be sent after an instant and until another, if all goes by the `course`."""

    def __init__(
        self, crowds: Crowds, course: Course, *, held_on: Mapping[Place, date], since: datetime, until: datetime
    ) -> None:
        self._crowds, self._course = crowds, course
        self._since, self._until = since, until
        self._follows = cache(follows)
        self._seen: dict[Sight, dict[str, Stretches]] = {}
        self._walks: dict[tuple[Place, Follows], _Walk] = {}
        self._all_digests: dict[Place, list[tuple[date, datetime, frozenset[int]]]] = {}
        exists = cache(date_exists)
        self.digests = {
            place: Digests(*place, held_on=held_on[place], since=since, exists=exists)
            for place in sorted(crowds)
            if place in held_on
        }

    def digest(self, place: Place, day: date, at: datetime) -> dict[Stretches, int]:
        """How many letters of a digest carry what."""
        sight = self.digests[place].seen(day, self._course)
        seen, received = self._seen.setdefault(sight, {}), dict[Stretches, int]()
        for text, many in self._crowds[place].items():
            carried = seen.get(text)
            if carried is None:
                carried = self._carried(place, text, sight, at)
                if not any(one.steps for one in self._follows(text)):
                    seen[text] = carried
            received[carried] = received.get(carried, 0) + many
        received.pop((), None)
        return received

    def instant(self, series_id: int, at: datetime) -> dict[Stretches, int]:
        """How many letters that go out the moment that a series releases something carry what."""
        upto, before = self._course.seq(series_id, self._course.step(at)), self._course.before(series_id, at)
        received = Counter[Stretches]()
        for (place, one), many in self._at_once[series_id].items():
            if place is None:
                received[((series_id, self._stands(one, before), upto),)] += many
            elif stretch := self._walk(place, one).get((at, False)):
                received[((series_id, *stretch),)] += many
        return received

    @cached_property
    def _at_once(self) -> dict[int, Counter[tuple[Place | None, Follows]]]:
        """Per series, those who read it at once; who has still to catch up, with their place."""
        found: dict[int, Counter[tuple[Place | None, Follows]]] = defaultdict(Counter)
        some = {text: mine for text in set[str]().union(*self._crowds.values()) if (mine := self._instantly(text))}
        for place, readers in self._crowds.items():
            for text in some.keys() & readers.keys():
                for one in some[text]:
                    found[one.series_id][place if one.steps else None, one] += readers[text]
        return found

    def _instantly(self, text: str) -> list[Follows]:
        return [one for one in self._follows(text) if one.frequency == Frequency.instant]

    def _carried(self, place: Place, text: str, sight: Sight, at: datetime) -> Stretches:
        sent = ((one, self._sent(place, one, sight, at)) for one in self._follows(text))
        return tuple((one.series_id, *stretch) for one, stretch in sent if stretch)

    def _sent(self, place: Place, one: Follows, sight: Sight, at: datetime) -> tuple[int, int] | None:
        if one.steps is not None:
            return self._walk(place, one).get((at, True))
        served = {one.weekday: sight.daily} if one.frequency == Frequency.daily else dict(sight.weekly)
        if one.frequency == Frequency.instant or one.weekday not in served:
            return None
        after, upto = self._stands(one, served[one.weekday]), self._course.seq(one.series_id, sight.step)
        return (after, upto) if after < upto else None

    def _stands(self, one: Follows, step: int | None) -> int:
        """How far it will have been sent what there was at a step; None: as far as it is now."""
        return one.watermark if step is None else max(one.watermark, self._course.seq(one.series_id, step))

    def _walk(self, place: Place, one: Follows) -> _Walk:
        if (place, one) not in self._walks:
            sent = walk(one, self._calls(place, one.series_id))
            self._walks[place, one] = {(call.at, call.day is not None): stretch for call, stretch in sent.items()}
        return self._walks[place, one]

    def _calls(self, place: Place, series_id: int) -> list[Call]:
        """All moments at which readers at a place may be sent something of a series."""
        calls = [Call(at, None, self._seq(series_id, at)) for at in self._course.moments(series_id)]
        calls += [Call(at, day, self._seq(series_id, at), weekdays) for day, at, weekdays in self._mornings(place)]
        return sorted(calls, key=lambda call: (call.at, call.day is not None))

    def _mornings(self, place: Place) -> list[tuple[date, datetime, frozenset[int]]]:
        """All digests at a place with the weekdays that they serve."""
        if place not in self._all_digests:
            there = self.digests.get(place)
            found = there.between(self._since, self._until) if there else []
            self._all_digests[place] = [(day, at, frozenset(there.serves(day))) for day, at in found if there]
        return self._all_digests[place]

    def _seq(self, series_id: int, at: datetime) -> int:
        return self._course.seq(series_id, self._course.step(at))
