"""The fonts with which pages are written on: what the hospital's server has."""

from functools import lru_cache
from pathlib import Path

from PIL import ImageFont

# Debian's fonts-noto-cjk, then what else a hospital's server may have.
FONTS = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    "/usr/share/fonts/google-noto-cjk/NotoSansCJK-Regular.ttc",
)


@lru_cache(maxsize=24)
def font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """A font for Chinese and Latin letters at a size in pixels."""
    for path in FONTS:
        if Path(path).exists():
            return ImageFont.truetype(path, size)
    return ImageFont.load_default(size)
