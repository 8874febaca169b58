"""System fonts with Chinese for pages that we draw ourselves. Runs inside the cage."""

import functools
from pathlib import Path
from typing import Any

from PIL import ImageFont

_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts")
# What to look for, in order; the index is that of simplified Chinese in the collection.
_SERIF = [("NotoSerifCJK-{w}.ttc", 2), ("SourceHanSerifSC-{w}.otf", 0), ("simsun.ttc", 0), ("uming.ttc", 0)]
_SANS = [("NotoSansCJK-{w}.ttc", 2), ("SourceHanSansSC-{w}.otf", 0), ("wqy-zenhei.ttc", 0), ("wqy-microhei.ttc", 0),
         ("DroidSansFallbackFull.ttf", 0), ("DroidSansFallback.ttf", 0), ("ukai.ttc", 0)]  # fmt: skip
_LATIN = [("DejaVuSans.ttf", 0)]
_SANS_NAMES = ("黑", "hei", "yahei", "雅黑", "arial", "sans", "helvetica", "等线")


@functools.cache
def _files() -> dict[str, str]:
    found = {}
    for folder in _FOLDERS:
        for path in Path(folder).rglob("*.[to]t[fc]"):
            found.setdefault(path.name.lower(), str(path))
    return found


@functools.cache
def _file(sans: bool, bold: bool) -> tuple[str, int] | None:
    names = [*(_SANS if sans else _SERIF), *(_SERIF if sans else _SANS), *_LATIN]
    for weight in ("Bold", "Regular") if bold else ("Regular", "Bold"):
        for name, index in names:
            path = _files().get(name.format(w=weight).lower())
            if path:
                return path, index
    return None


@functools.lru_cache(maxsize=64)
def _font(sans: bool, bold: bool, size: int) -> Any:
    file = _file(sans, bold)
    if file is None:
        return ImageFont.load_default(size)
    try:
        return ImageFont.truetype(file[0], size, index=file[1])
    except OSError:
        return ImageFont.load_default(size)


def font(family: str, size: int, *, bold: bool = False) -> Any:
    """A font with Chinese of about the kind that a name asks for, so many pixels high."""
    lowered = family.lower()
    return _font(any(name in lowered for name in _SANS_NAMES), bold, max(1, min(size, 1000)))


def available() -> bool:
    """Whether a font with Chinese is installed."""
    file = _file(True, False)
    return file is not None and "DejaVu" not in file[0]


def warm() -> None:
    """Find the fonts and open the usual ones."""
    for sans in (True, False):
        _font(sans, False, 20).getlength("医")
