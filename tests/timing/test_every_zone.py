"""Every change of clocks in every zone of the installed tzdata, second by second where it matters."""

import pytest

from tests.timing import oracle
from tests.timing.test_wall import ALL_ZONES
from timing.wall import gap_or_fold, to_instant, to_wall

# The years in which anything of ours happens, and, for the odder rules in them, the rest of the database.
ERAS = [
    (1990, 2038),
    pytest.param(1840, 1990, marks=pytest.mark.slow),
    pytest.param(2038, 2150, marks=pytest.mark.slow),
]


@pytest.mark.parametrize(("since", "until"), ERAS)
def test_around_every_change_of_clocks_wall_times_are_what_the_oracle_says(since: int, until: int):
    walls = [
        (wall, zone)
        for zone in ALL_ZONES
        for change in oracle.changes(zone, since=since, until=until)
        for wall in oracle.walls_around(change, zone)
    ]

    assert len(walls) > 150_000
    assert [one for one in walls if to_instant(*one) != oracle.instant_of(*one)] == []
    assert [one for one in walls if gap_or_fold(*one) is not oracle.oddity_of(*one)] == []


@pytest.mark.parametrize(("since", "until"), ERAS)
def test_around_every_change_of_clocks_instants_show_as_the_oracle_says(since: int, until: int):
    instants = [
        (instant, zone)
        for zone in ALL_ZONES
        for change in oracle.changes(zone, since=since, until=until)
        for instant in oracle.instants_around(change)
    ]

    assert len(instants) > 75_000
    assert [one for one in instants if to_wall(*one) != oracle.wall_of(*one)] == []
