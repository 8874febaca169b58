"""The support bundle: what somebody elsewhere needs to help, as one zip file without names, titles, numbers or secrets."""

import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db import DatabaseError, transaction

from yidang import audit
from yidang.common.actor import Actor
from yidang.jobs.machines import program_version
from yidang.upkeep import policy, system
from yidang.upkeep.checks import examine
from yidang.upkeep.figures import gather
from yidang.upkeep.metrics import exposition
from yidang.upkeep.models import Look, Sample
from yidang.upkeep.redacting import redact, redactions

LINES = 2000
README = """支持包 · Support bundle of Yidang {version}, made {at}

不含姓名、题名、患者号、账号、口令、密钥和设置中的地址；发送前请自行查看。
It holds no names, titles, numbers of patients, accounts, passwords, keys, and of the settings no addresses or folders.
Look through it before you send it: every file is plain text.

versions.json    the program, Python, packages, the database, other programs
settings.json    which settings are given; values of switches and numbers alone
system.json      machine: processors, memory, disks, limits
findings.json    what the doctor found
figures.txt      the figures of /metrics
samples.csv      how a few figures went
counts.json      rows by table, about
jobs.json        jobs that are not done by name, state and reason's code
migrations.json  changes of tables that are made, and that are not
log-*.jsonl      the last lines of the program's log
failed.json      parts that could not be gathered
"""


@dataclass(frozen=True)
class Bundle:
    """The file and its digest.

    :param logged: whether the audit log could be told
    """

    name: str
    content: bytes
    sha256: str
    logged: bool


def make_bundle(*, actor: Actor, now: datetime, lines: int = LINES, fresh: bool = False) -> Bundle:
    """Gather the bundle; a part that fails is named in it and keeps no other part away.

    :param lines: the last lines of each process's log
    :param fresh: let the doctor look now instead of taking the latest look
    :raises NotFound: the actor does not care for the program
    """
    policy.require_cares(actor)
    content = _zip(now, lines, fresh)
    sha256, logged = hashlib.sha256(content).hexdigest(), True
    try:
        with transaction.atomic():
            audit.write("upkeep.bundle.made", actor=actor, facts={"sha256": sha256, "bytes": len(content)}, now=now)
    except DatabaseError:
        if actor.kind != "system":
            raise
        logged = False  # the operator at the machine needs the bundle most when the database is down
    return Bundle(f"yidang-support-{now:%Y%m%d-%H%M%S}.zip", content, sha256, logged)


def _zip(now: datetime, lines: int, fresh: bool) -> bytes:
    parts: dict[str, Callable[[], Any]] = {
        "versions.json": system.versions, "settings.json": system.settings_given, "system.json": system.machine,
        "findings.json": lambda: _findings(fresh), "figures.txt": lambda: exposition(gather()), "samples.csv": _samples,
        "counts.json": system.counts, "jobs.json": system.open_jobs, "migrations.json": system.migrations,
        **{f"log-{process}.jsonl": _log_of(process, lines) for process in system.PROCESSES},
    }  # fmt: skip
    hidden, failed = redactions(), {}
    files = {"README.txt": README.format(version=program_version(), at=f"{now:%Y-%m-%d %H:%M} UTC")}
    for name, part in parts.items():
        try:
            told = part()
        except (DatabaseError, OSError, ValueError, RuntimeError, LookupError) as reason:
            failed[name] = type(reason).__name__
        else:
            text = told if isinstance(told, str) else json.dumps(told, ensure_ascii=False, indent=1, default=str)
            files[name] = redact(text, hidden)
    files["failed.json"] = json.dumps(failed, indent=1)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, text in files.items():
            packed.writestr(zipfile.ZipInfo(name, now.timetuple()[:6]), text, zipfile.ZIP_DEFLATED)
    return stream.getvalue()


def _log_of(process: str, lines: int) -> Callable[[], str]:
    return lambda: system.log_lines(process, lines)


def _findings(fresh: bool) -> Any:
    look = None if fresh else Look.objects.order_by("-at", "-pk").first()
    if look is not None:
        return {"at": look.at, "seconds": look.seconds, "findings": look.findings.get("en", [])}
    return {"findings": [{key: value for key, value in asdict(one).items() if key != "detail"} for one in examine()]}


def _samples() -> str:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(["name", "fine", "at", "value"])
    for name, fine, at, value in Sample.objects.order_by("name", "at").values_list("name", "fine", "at", "value"):
        writer.writerow([name, int(fine), f"{at:%Y-%m-%dT%H:%M:%SZ}", f"{value:g}"])
    return stream.getvalue()
