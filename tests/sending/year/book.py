"""The book of a year: what the relay has heard and the ledger says, entered as it comes, and held against the world."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from tests.sending.year.looking import Letter, Released, Stretch
from tests.sending.year.relay import Heard
from tests.sending.year.world import GAP, Due, Silence, World


@dataclass
class Book:
    """Raises AssertionError as soon as something has happened that must not."""

    world: World
    resends: bool
    """Whether letters in doubt are sent again by themselves."""
    happened: Counter[str]
    asked: Counter[int] = field(default_factory=Counter)
    """How often an operator asked for a letter in doubt to be sent again."""
    seen: dict[int, Letter] = field(default_factory=dict)
    heard: list[Heard] = field(default_factory=list)
    twice = 0
    """Letters that came twice, as the ledger had it."""

    def enter_releases(self, due: Sequence[Due], made: Sequence[Released], now: datetime) -> None:
        """Invariant 2: each once, in the order of its plan, with its lateness."""
        expected = [(one.slug, one.at, now, round((now - one.at).total_seconds() * 1000), False) for one in due]
        found = [(one.slug, one.planned_at, one.released_at, one.lateness_ms, one.silent) for one in made]
        assert found == expected, "what came out is what was due, in order, with its lateness"
        for one in made:
            self.world.release(one.slug, now)
            assert self.world.posts[one.slug].seq == one.seq, "seq has no gap and no double"

    def enter_history(self, made: Sequence[Released], slugs: Sequence[str], now: datetime) -> None:
        assert [one.slug for one in made] == list(slugs), "history comes out in the order of its dates"
        for one in made:
            assert (one.silent, one.lateness_ms, one.released_at) == (True, None, one.planned_at)
            self.world.release(one.slug, now, silent=True)
            assert self.world.posts[one.slug].seq == one.seq

    def enter_heard(self, heard: Sequence[Heard], now: datetime) -> None:
        """Invariants 1 and 6: nothing before its instant, nothing to those who do not want it."""
        for one in heard:
            for word in one.words:
                post = self.world.of_word(word)
                assert post.out_at is not None, f"{post.slug} was in a letter before its instant"
                assert post.out_at <= now
            self.heard.append(one)

    def check_silences(self, letters: dict[str, Letter]) -> None:
        for address, reader in self.world.readers.items():
            for silence in reader.silences:
                if not silence.over:
                    self._check_silence(address, silence, letters)

    def _check_silence(self, address: str, silence: Silence, letters: dict[str, Letter]) -> None:
        for one in self.heard[silence.since :]:
            letter = letters[one.message_id]
            if one.address != address or letter.id in silence.allowed:
                continue
            wanted = silence.series is not None and silence.series not in {of.series for of in letter.stretches}
            assert wanted, f"{address} got letter {letter.id} after saying no"

    def enter_letters(self, letters: Sequence[Letter]) -> None:
        """Invariant 3, as the ledger tells it: each letter goes on where the one before ended, leaving nothing out."""
        before = self.seen
        self.seen = {letter.id: letter for letter in letters}
        for letter in letters:
            if letter.id not in before:
                self._check_made(letter)
            elif letter.state == "superseded" != before[letter.id].state:
                self._check_superseded(letter)
        landed = [one for one in letters if one.landed and not (one.id in before and before[one.id].landed)]
        for letter in landed:
            self._land(letter)
        self._check_heard({letter.message_id: letter for letter in letters}, before)

    def _check_made(self, letter: Letter) -> None:
        """No letter reaches beyond what was out when its edition was planned, or beyond the letter it replaces."""
        for of in letter.stretches:
            planned = self.world.cut(of.series, letter.planned)
            assert of.upto <= max(planned, self._replaced(letter, of)), f"letter {letter.id} goes beyond its cut"

    def _check_superseded(self, letter: Letter) -> None:
        """A letter gives way only to one that carries all its posts that are owed still."""
        if letter.reply.startswith("not sent"):
            return
        later = [one for one in self.seen.values() if one.address == letter.address and one.id > letter.id]
        assert later, f"letter {letter.id} gave way to none"
        missing = set(letter.posts) - set(later[0].posts)
        for of in letter.stretches:
            follow = self.world.follows[letter.address, of.series]
            if not follow.left and of.after == follow.mark:
                owed = self.world.owed(follow, of.series, of.upto, later[0].made)
                assert not missing & set(owed), f"letter {later[0].id} took the place of {letter.id} without {missing}"
        self.happened["a letter gave way"] += 1

    def _replaced(self, letter: Letter, of: Stretch) -> int:
        """How far the letters reach that this one may have taken the place of."""
        earlier = [one for one in self.seen.values() if one.address == letter.address and one.id < letter.id]
        closed = [one for one in earlier if one.state == "superseded"]
        return max((its.upto for one in closed for its in one.stretches if its.series == of.series), default=0)

    def _land(self, letter: Letter) -> None:
        carried: list[str] = []
        for of in letter.stretches:
            follow = self.world.follows[letter.address, of.series]
            owed = self.world.owed(follow, of.series, of.upto, letter.made)
            if letter.id in follow.doomed and of.after != follow.mark:
                carried += [slug for slug in letter.posts if self.world.posts[slug].series == of.series]
                continue
            assert of.after == follow.mark, f"letter {letter.id} begins elsewhere than the one before it ended: {of}"
            assert of.upto > of.after
            if follow.walking:
                assert len(owed) <= max(follow.step, self._replaced_posts(letter, of)), "no more than a step at a time"
                self.happened["step"] += 1
            carried += owed
            follow.mark = of.upto
            if follow.walking and follow.mark >= len(self.world.out[of.series]):
                follow.walking = False
                self.happened["met the live run"] += 1
        assert sorted(letter.posts) == sorted(carried), f"letter {letter.id} carries what is owed: {letter}"
        assert _in_order(letter, self.world)
        assert letter.posts, "no letter is empty"
        self._check_gap(letter)
        self.happened[f"{letter.kind} {letter.state}"] += 1

    def _replaced_posts(self, letter: Letter, of: Stretch) -> int:
        """How many posts were in letters that this one may have taken the place of."""
        upto = self._replaced(letter, of)
        return len([post for post in self.world.out[of.series][of.after : upto] if post.stands_at(letter.made)])

    def _check_gap(self, letter: Letter) -> None:
        if letter.kind == "digest":
            moments = self.world.readers[letter.address].moments
            assert all(abs(letter.moment - moment) >= GAP for moment in moments), f"{letter} comes too soon"
            moments.append(letter.moment)

    def _check_heard(self, letters: dict[str, Letter], before: dict[int, Letter]) -> None:
        """Invariant 3, as the readers tell it: what came to them is what the ledger says, and once."""
        copies: Counter[str] = Counter()
        first: dict[str, bytes] = {}
        for one in self.heard:
            letter = letters[one.message_id]
            assert one.address == letter.address
            assert first.setdefault(one.message_id, one.raw) == one.raw, "a letter is the same bytes at every try"
            assert {self.world.of_word(word).slug for word in one.words} == set(letter.posts)
            copies[one.message_id] += one.taken
        self.twice = sum(number > 1 for number in copies.values())
        for letter in letters.values():
            self._check_copies(letter, copies[letter.message_id])
        self.check_silences(letters)

    def _check_copies(self, letter: Letter, copies: int) -> None:
        if letter.state == "sent":
            assert copies >= 1, f"letter {letter.id} was said to be sent and never came"
        if letter.state == "intent":
            assert copies <= 1
        elif not letter.doubted:
            assert copies == (letter.state == "sent"), f"letter {letter.id} came {copies} times: {letter}"
        elif not self.resends:
            assert copies <= 1 + self.asked[letter.id], f"letter {letter.id} came {copies} times, asked for or not"


def _in_order(letter: Letter, world: World) -> bool:
    for of in letter.stretches:
        seqs = [world.posts[slug].seq for slug in letter.posts if world.posts[slug].series == of.series]
        if seqs != sorted(seqs):
            return False
    return True
