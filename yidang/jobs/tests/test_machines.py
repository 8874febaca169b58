"""Machines enter themselves, give signs of life, and do not serve under a name or with keys that do not fit."""

import threading
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings as present

from yidang.common import clock
from yidang.jobs import machines
from yidang.jobs.models import Machine

pytestmark = pytest.mark.django_db


@pytest.fixture
def on(settings, tmp_path: Path):
    """Be the machine of a data folder; the secret of all is the tests' own."""

    def machine(folder: str, name: str = "") -> None:
        settings.DATA, settings.MACHINE = tmp_path / folder, name or folder
        (settings.DATA / "keys").mkdir(parents=True, exist_ok=True)

    return machine


def copy_keys(source: Path, target: Path) -> None:
    for path in (source / "keys").iterdir():
        (target / "keys" / path.name).write_bytes(path.read_bytes())


def test_a_machine_lives_falls_silent_and_says_goodbye(on) -> None:
    now = clock.now()
    on("a")
    machines.arrive(now)
    assert [one.name for one in machines.living(now)] == ["a"]
    assert not machines.is_silent("a", now)
    later = now + machines.SILENT + timedelta(seconds=1)
    assert machines.is_silent("a", later)
    machines.beat(later)
    assert not machines.is_silent("a", later)
    machines.leave(later)
    assert machines.is_silent("a", later)
    assert machines.is_silent("nobody", later)


def test_two_folders_do_not_serve_under_one_name(on) -> None:
    now = clock.now()
    on("a")
    machines.arrive(now)
    machines.check_in(now)
    on("b", name="a")
    copy_keys(present.DATA.parent / "a", present.DATA)
    with pytest.raises(machines.NameTaken):
        machines.check_in(now)
    machines.check_in(now + machines.SILENT + timedelta(seconds=1))  # the first one is gone


def test_a_machine_with_other_keys_is_refused_until_it_has_theirs(on) -> None:
    now = clock.now()
    on("a")
    (present.DATA / "keys" / "s3-main.json").write_text("{}")
    machines.arrive(now)
    on("b")
    with pytest.raises(machines.KeysDiffer) as refused:
        machines.check_in(now)
    assert "archive.ed25519, s3-main.json" in str(refused.value)
    copy_keys(present.DATA.parent / "a", present.DATA)
    machines.check_in(now)


def test_the_fingerprints_lead_nowhere(on) -> None:
    on("a")
    told = str(machines.fingerprints())
    assert present.SECRET_KEY not in told
    assert "PRIVATE" not in told


def test_a_machine_does_its_own_chores_and_leaves(on, monkeypatch) -> None:
    on("a")
    done = []
    stop = threading.Event()
    monkeypatch.setattr(machines, "_chores", [lambda: (done.append(1), stop.set())])
    monkeypatch.setattr(machines.connection, "close", lambda: None)
    machines.keep_alive(stop)
    assert done == [1]
    assert Machine.objects.get(name="a").stopped_at is not None
