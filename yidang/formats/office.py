"""Office files by LibreOffice: each conversion in the cage, with a profile of its own that is thrown away."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from yidang.formats.findings import finding
from yidang.formats.source import Source
from yidang.formats.types import Format, ReadingFailed

_PROGRAMS = ("soffice", "libreoffice")
_FILTERS = {"sheet": "calc_pdf_Export", "slides": "impress_pdf_Export", "words": "writer_pdf_Export"}
_LIKE = {
    "xls": "sheet", "xlsx": "sheet", "ods": "sheet", "xlsm": "sheet", "xlsb": "sheet", "et": "sheet",
    "ppt": "slides", "pptx": "slides", "odp": "slides", "pptm": "slides", "dps": "slides", "odg": "slides",
}  # fmt: skip
# No macros whatever the document says, no links followed, nothing asked.
_SETTINGS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema">
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="DisableMacrosExecution" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="MacroSecurityLevel" oor:op="fuse"><value>3</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="DisableActiveContent" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Writer/Content/Update"><prop oor:name="Link" oor:op="fuse"><value>0</value></prop></item>
<item oor:path="/org.openoffice.Office.Calc/Content/Update"><prop oor:name="Link" oor:op="fuse"><value>2</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Misc"><prop oor:name="FirstRun" oor:op="fuse"><value>false</value></prop></item>
</oor:items>
"""


def program() -> str:
    """The path of LibreOffice; empty if it is not installed."""
    return next((found for name in _PROGRAMS if (found := shutil.which(name))), "")


# PDF/A-2b; fonts are embedded by that, and forms become what they show.
_KEEPING = """<item oor:path="/org.openoffice.Office.Common/Filter/PDF/Export"><prop oor:name="SelectPdfVersion" oor:op="fuse"><value>2</value></prop></item>
</oor:items>"""


def convert(sources: list[Source], format: dict[str, Any], seconds: float, pdfa: bool = False) -> tuple[Any, bytes]:
    """The deed: one Office file as PDF, or as PDF/A-2b."""
    source, known = sources[0], Format.from_json(format)
    soffice = program()
    if not soffice:
        raise ReadingFailed(finding("reader_absent", name=known.name, program="LibreOffice"))
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        ending = source.ending if source.ending in known.extensions else known.extension or "doc"
        given = home / f"in.{ending}"
        with given.open("wb") as out, source.file() as file:
            shutil.copyfileobj(file, out)
        profile = home / "profile" / "user"
        profile.mkdir(parents=True)
        (profile / "registrymodifications.xcu").write_text(
            _SETTINGS.replace("</oor:items>", _KEEPING) if pdfa else _SETTINGS, encoding="utf-8"
        )
        _run(soffice, home, given, _FILTERS[_LIKE.get(known.extension, "words")], seconds)
        made = home / "in.pdf"
        if not made.exists() or not made.stat().st_size:
            raise ReadingFailed(finding("broken", reason="LibreOffice"))
        return None, made.read_bytes()


def _run(soffice: str, home: Path, given: Path, filter_name: str, seconds: float) -> None:
    command = [
        soffice, f"-env:UserInstallation=file://{home}/profile", "--headless", "--nologo", "--norestore", "--nodefault",
        "--nolockcheck", "--convert-to", f"pdf:{filter_name}", "--outdir", str(home), str(given),
    ]  # fmt: skip
    environment = {
        "HOME": str(home),
        "PATH": "/usr/bin:/bin",
        "LANG": "zh_CN.UTF-8",
        "TMPDIR": str(home),
        "SAL_USE_VCLPLUGIN": "svp",
    }
    try:
        subprocess.run(
            command, env=environment, timeout=seconds, check=False, cwd=home,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise ReadingFailed(finding("took_too_long", seconds=f"{seconds:g}")) from error
    except OSError as error:
        raise ReadingFailed(finding("reader_absent", name="Office", program=os.fsdecode(soffice))) from error
