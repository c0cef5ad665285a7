"""What operators do in a year about letters that go out."""

from collections.abc import Callable
from contextlib import suppress

from hypothesis import strategies as st
from sqlalchemy import select

from db.tables import Delivery, Edition
from scheduler import steer
from tests.sending.year.deeds import Deeds, then
from tests.sending.year.drawing import picks
from tests.sending.year.living import ME


class Steering(Deeds):
    """Editions are paused, cancelled and retried, letters sent again or settled."""

    @then(pick=picks, step=st.sampled_from([steer.pause, steer.pause, steer.resume, steer.cancel, steer.retry]))
    def an_edition_is_steered(self, pick: int, step: Callable[..., object]) -> None:
        with self.store.reading() as session:
            keys = session.scalars(select(Edition.key).order_by(Edition.id.desc()).limit(10)).all()
        if keys:
            with suppress(steer.SteeringRefused):
                step(self.store, keys[pick % len(keys)], steer.By(ME, self.year.now))
                self.did(f"edition {step.__name__}")

    @then(
        when=lambda self: any(one.state in ("soft", "hard", "in_doubt") for one in self.year.book.seen.values()),
        pick=picks,
        step=st.sampled_from([steer.retry_letters, steer.retry_hard, steer.resend, steer.settle]),
    )
    def a_letter_is_steered(self, pick: int, step: Callable[..., object]) -> None:
        state = {steer.retry_letters: "soft", steer.retry_hard: "hard"}.get(step, "in_doubt")
        with self.store.reading() as session:
            ids = session.scalars(select(Delivery.id).where(Delivery.state == state).order_by(Delivery.id.desc())).all()
        if ids:
            chosen = ids[pick % len(ids)]
            with suppress(steer.SteeringRefused):
                step(self.store, chosen if step is steer.retry_hard else [chosen], steer.By(ME, self.year.now))
                self.did(f"letter {step.__name__}")
                self.year.book.asked[chosen] += step is steer.resend
