"""How many letters a worker takes at a time."""

from scheduler.stretches import LEAST, MOST, Stretches


def test_a_stretch_is_as_many_letters_as_went_in_a_second():
    stretches = Stretches()

    stretches.took(0.5, letters=LEAST)

    assert stretches.letters == 2 * LEAST


def test_a_stretch_never_grows_beyond_what_one_batch_holds():
    stretches = Stretches()

    stretches.took(0.0, letters=LEAST)

    assert stretches.letters == MOST


def test_at_a_slow_relay_a_stretch_shrinks_again():
    stretches = Stretches()
    stretches.took(0.1, letters=LEAST)

    stretches.took(60.0, letters=MOST)

    assert stretches.letters == LEAST


def test_the_last_letters_of_a_batch_say_nothing_of_the_pace():
    stretches = Stretches()
    stretches.took(0.5, letters=LEAST)

    stretches.took(30.0, letters=3)

    assert stretches.letters == 2 * LEAST
