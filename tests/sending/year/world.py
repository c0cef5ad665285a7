"""What has happened, kept plainly: posts, readers, and how far each subscription has come by the rules of DESIGN.md.

Nothing here asks the program. What it cannot know by itself (which post a plan has due, which letters the ledger names)
is told to it as facts, and judged.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

MISSED = timedelta(minutes=5)
OVERDUE = timedelta(hours=24)
GAP = timedelta(hours=12)


@dataclass
class Post:
    """A post and its word, which stands in its title and its text and nowhere else."""

    slug: str
    series: str
    word: str
    seq: int = 0
    silent: bool = False
    out_at: datetime | None = None
    away: list[tuple[datetime, datetime | None]] = field(default_factory=list)

    def stands_at(self, moment: datetime) -> bool:
        """Whether it is out then, and not withdrawn."""
        out = self.out_at is not None and self.out_at <= moment
        return out and not any(begin <= moment and (end is None or moment < end) for begin, end in self.away)


@dataclass
class Following:
    """A reader's subscription: `mark` is the seq up to which letters have carried all they owe."""

    mark: int
    walking: bool = False
    step: int = 0
    left: bool = False
    doomed: set[int] = field(default_factory=set)
    """Letters whose intent was out when the reader began anew: they belong to what was before."""


@dataclass
class Silence:
    """From here on nothing may go to a reader, but for the letters that were allowed already."""

    since: int
    allowed: set[int]
    series: str | None = None
    until: datetime | None = None
    over: bool = False


@dataclass
class Reader:
    state: str = "active"
    silences: list[Silence] = field(default_factory=list)
    moments: list[datetime] = field(default_factory=list)
    """Of the digests that were sent to them."""


@dataclass(frozen=True)
class Due:
    """A planned post whose moment has come, as its plan says."""

    slug: str
    series: str
    at: datetime
    held: bool
    missed: str


@dataclass
class World:
    posts: dict[str, Post] = field(default_factory=dict)
    out: dict[str, list[Post]] = field(default_factory=dict)
    readers: dict[str, Reader] = field(default_factory=dict)
    follows: dict[tuple[str, str], Following] = field(default_factory=dict)

    def write(self, slug: str, series: str) -> Post:
        word = f"zq{len(self.posts):04}qz"
        self.posts[slug] = Post(slug, series, word)
        return self.posts[slug]

    def of_word(self, word: str) -> Post:
        return next(post for post in self.posts.values() if post.word == word)

    def release(self, slug: str, now: datetime, *, silent: bool = False) -> None:
        post = self.posts[slug]
        assert post.out_at is None, f"{slug} came out twice"
        run = self.out[post.series]
        run.append(post)
        post.seq, post.out_at, post.silent = len(run), now, silent

    def standing(self, series: str, now: datetime) -> list[Post]:
        return [post for post in self.out[series] if post.stands_at(now)]

    def withdrawn(self, series: str) -> list[Post]:
        return [post for post in self.out[series] if post.away and post.away[-1][1] is None]

    def cut(self, series: str, moment: datetime) -> int:
        return sum(post.out_at is not None and post.out_at <= moment for post in self.out[series])

    def follow(self, address: str, series: str) -> None:
        self.follows.setdefault((address, series), Following(mark=len(self.out[series])))

    def walk(self, address: str, series: str, *, first: int, step: int, doomed: set[int]) -> None:
        """The reader begins anew with the post whose seq is `first`; if none has it yet, in the live run."""
        walking = first <= len(self.out[series])
        self.follows[address, series] = Following(mark=first - 1, walking=walking, step=step, doomed=doomed)

    def stop_walking(self, address: str, series: str, *, doomed: set[int]) -> None:
        self.follows[address, series] = Following(mark=len(self.out[series]), doomed=doomed)

    def owed(self, follow: Following, series: str, upto: int, moment: datetime) -> list[str]:
        """The posts that a letter made at a moment owes a subscription up to a seq, in order."""
        run = self.out[series][follow.mark : upto]
        return [post.slug for post in run if post.stands_at(moment) and (follow.walking or not post.silent)]


def by_the_rules(due: Sequence[Due], now: datetime) -> tuple[list[Due], set[str]]:
    """What a wake-up at `now` releases of what is due, series by series in order, and which series it holds."""
    released: list[Due] = []
    held: set[str] = set()
    for series in dict.fromkeys(one.series for one in due):
        mine = [one for one in due if one.series == series]
        late = now - min(one.at for one in mine)
        if mine[0].held:
            continue
        if late > OVERDUE or (late > MISSED and mine[0].missed != "release"):
            held.add(series)
        else:
            released += mine
    return released, held
