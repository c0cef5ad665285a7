"""A program that is set up does not look through itself for garbage again and again."""

import gc

from fascicle.heap import settle


def test_what_is_there_when_the_work_begins_is_left_out_of_later_looks():
    before = len(gc.get_objects())

    settle()
    looked_at, left_out = len(gc.get_objects()), gc.get_freeze_count()
    gc.unfreeze()

    assert looked_at < before / 100 < left_out
