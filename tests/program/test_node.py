"""The name under which a worker takes leases."""

from pathlib import Path

from fascicle.node import lease_owner


def test_the_next_worker_of_a_node_has_the_name_of_the_last(tmp_path: Path):
    with lease_owner(tmp_path / "worker.lock") as first:
        pass
    with lease_owner(tmp_path / "worker.lock") as second:
        pass

    assert first == second


def test_two_workers_at_once_have_two_names(tmp_path: Path):
    lock = tmp_path / "worker.lock"
    with lease_owner(lock) as first, lease_owner(lock) as second, lease_owner(lock) as third:
        names = {first, second, third}

    assert len(names) == 3


def test_a_node_with_the_same_host_name_and_folder_has_another_name(tmp_path: Path):
    lock = tmp_path / "worker.lock"
    with lease_owner(lock) as here:
        pass
    lock.unlink()  # as in another container: the same path, another disk

    with lease_owner(lock) as there:
        assert here != there
