"""Whoever has nothing but the printed page and the paper with the passphrase is back in minutes; lost words come back."""

import html
import os
import pty
import re
import shlex
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings as in_force

from tests.archive import Archive
from yidang.audit.models import Entry
from yidang.common import clock
from yidang.common.actor import Actor
from yidang.continuity import measuring
from yidang.continuity.backing_up import back_up
from yidang.continuity.errors import NoPassphrase, WrongPassphrase
from yidang.continuity.models import BackupRun, DrillRun
from yidang.continuity.passphrases import enter_passphrase, make_passphrase, passphrase_file, read_passphrase
from yidang.continuity.tests.conftest import Living
from yidang.upkeep.checks import keeping

OPERATOR = Actor.system("test")


def follow(command: str, typed: str) -> tuple[int, str]:
    """Type a line of the page into a terminal, and the passphrase when it is asked for."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("YIDANG_")}
    master, slave = pty.openpty()
    shown = Path(sys.executable).parent
    process = subprocess.Popen(
        ["/bin/sh", "-c", command], stdin=slave, stdout=slave, stderr=slave, start_new_session=True, close_fds=True,
        env={**kept, "PATH": f"{shown}:{os.environ['PATH']}", "YIDANG_CLAMD": "off", "LC_ALL": "C.UTF-8"},
    )  # fmt: skip
    os.close(slave)
    said = b""
    asked = False
    while True:
        try:
            said += os.read(master, 65536)
        except OSError:  # the terminal closes with its last process
            break
        if not asked and re.search("口令|Passphrase", said.decode("utf-8", "replace")):
            asked = True
            os.write(master, typed.encode() + b"\n")
    os.close(master)
    return process.wait(), said.decode("utf-8", "replace")


@pytest.mark.slow
@pytest.mark.promise("E2")
@pytest.mark.gbt39784("7.5-3")
def test_one_command_of_the_printed_page_leads_back(
    living: Living, tmp_path_factory: pytest.TempPathFactory, settings
) -> None:
    settings.BACKUP = living.backups
    word = make_passphrase()
    run = back_up(living.backups, word, actor=OPERATOR)
    page = living.archive.cast.client("sysadmin").get("/continuity/way-back/", headers={"accept-language": "en"})
    printed = page.content.decode()
    command = html.unescape(re.search(r'<pre class="lines" id="command">(.*?)</pre>', printed, re.S)[1])  # type: ignore[index]
    elsewhere = tmp_path_factory.mktemp("new-machine") / "yidang"
    # The new machine has the same folders as the old one; here the old one is still in the way.
    assert f"--data {shlex.quote(str(in_force.DATA))}" in command or f"'{in_force.DATA}'" in command
    began = time.monotonic()
    code, said = follow(command.replace(str(in_force.DATA), str(elsewhere)), word)
    minutes = (time.monotonic() - began) / 60
    assert code == 0, said
    assert (elsewhere / "database" / "yidang.sqlite3").is_file() and minutes < 10
    assert run.records == 3 and "3" in said


@pytest.mark.promise("E2")
def test_a_restore_point_is_never_older_than_a_quarter_of_an_hour_unless_that_is_said(living: Living, settings) -> None:
    assert in_force.BACKUP_MINUTES == 15
    settings.BACKUP = living.backups
    now = clock.now()
    assert measuring.backup_is_due(now) and measuring.backup_is_late(now)
    run = BackupRun.objects.create(asked_by="x", started_at=now, address="/b", outcome=BackupRun.DONE)
    run.finished_at = now + timedelta(minutes=2)
    run.save()
    moment = next(now + timedelta(minutes=n) for n in range(60) if measuring.backup_is_due(now + timedelta(minutes=n)))
    # The calendar looks every minute, and the next one takes as long as this one.
    assert moment + timedelta(minutes=1 + 2) <= now + timedelta(minutes=15)
    for minutes, levels in ((14, []), (16, [keeping.WARN]), (31, [keeping.BAD])):
        BackupRun.objects.update(started_at=clock.now() - timedelta(minutes=minutes))
        assert [one.level for one in keeping.way_back() if "YIDANG_BACKUP_MINUTES" in one.sentence] == levels
        shown = living.archive.cast.client("sysadmin").get("/continuity/").content.decode()
        assert f"{minutes} " in shown and ("note bad" in shown) == bool(levels)


@pytest.mark.promise("E1")
def test_drills_are_due_every_night_and_a_late_one_at_once(archive: Archive) -> None:
    night, day = (
        clock.now().replace(hour=19, minute=0),
        clock.now().replace(hour=4, minute=0),
    )  # 03:00 and 12:00 in Shanghai
    BackupRun.objects.create(asked_by="x", started_at=night, address="/b", outcome=BackupRun.DONE)
    assert measuring.drill_is_due(day), "the first one at once"
    last = DrillRun.objects.create(asked_by="x", started_at=night - timedelta(days=1), finished_at=night, address="/b")
    assert measuring.drill_is_due(night)
    assert not measuring.drill_is_due(night.replace(hour=4)), "not by day"
    last.started_at = night - timedelta(days=2)
    last.save()
    assert measuring.drill_is_due(night.replace(hour=4)), "a machine that sleeps at night"
    last.started_at = night - timedelta(hours=1)
    last.save()
    assert not measuring.drill_is_due(night), "one a night"


@pytest.mark.promise("E6")
@pytest.mark.slow
def test_a_lost_passphrase_is_entered_again_from_its_sheet(living: Living, settings) -> None:
    settings.BACKUP = living.backups
    word = make_passphrase()
    back_up(living.backups, word, actor=OPERATOR)
    passphrase_file().unlink()
    with pytest.raises(NoPassphrase):
        read_passphrase()
    assert any("YIDANG_BACKUP" in one.remedy or one.level == keeping.BAD for one in keeping.backup_engine())
    with pytest.raises(WrongPassphrase):
        enter_passphrase("ABCDEF-ABCDEF-ABCDEF-ABCDEF-ABCDEF", "", actor=OPERATOR)
    assert not passphrase_file().exists()
    enter_passphrase(f"  {word.lower().replace('-', ' -')} ", "", actor=OPERATOR)
    assert read_passphrase() == word and passphrase_file().stat().st_mode & 0o777 == 0o600
    assert back_up(living.backups, read_passphrase(), actor=OPERATOR).outcome == BackupRun.DONE
    assert Entry.objects.filter(event="continuity.passphrase.entered").count() == 1


def test_the_sheet_is_printed_and_the_log_knows(living: Living) -> None:
    from click.testing import CliRunner

    from yidang.commands.wording import passphrase

    word = make_passphrase()
    told = CliRunner().invoke(passphrase, ["sheet"])
    assert told.exit_code == 0 and word in told.output
    assert Entry.objects.filter(event="continuity.passphrase.printed").count() == 1
