"""Images as TIFF, every pixel the same, and the proof of it. Runs inside the cage."""

import io
from typing import Any

from PIL import Image, ImageChops, ImageOps

from yidang.formats.findings import finding
from yidang.formats.source import Source
from yidang.formats.types import ReadingFailed

_MODES = {"1", "L", "LA", "P", "PA", "RGB", "RGBA", "CMYK", "I;16", "I;16B", "I", "F", "LAB", "YCbCr"}
_TURNED = 274  # EXIF's and TIFF's tag of the direction that is up


def _opened(source: Source) -> Image.Image:
    try:
        image: Image.Image = Image.open(source.file())
        image.load()
    except (OSError, EOFError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise ReadingFailed(finding("broken", reason=str(error)[:120])) from error
    return image


def to_tiff(sources: list[Source]) -> tuple[Any, bytes]:
    """The deed: one image as a TIFF packed without loss; what keeps it from being one else."""
    image = _opened(sources[0])
    obstacles = []
    if getattr(image, "n_frames", 1) > 1:
        obstacles.append({"code": "frames", "said": str(image.n_frames)})  # type: ignore[attr-defined]
    if image.mode not in _MODES:
        obstacles.append({"code": "mode", "said": image.mode})
    if obstacles:
        return {"obstacles": obstacles, "removed": []}, b""
    out = io.BytesIO()
    more: dict[str, Any] = {"tiffinfo": {_TURNED: turned}} if (turned := image.getexif().get(_TURNED)) else {}
    if profile := image.info.get("icc_profile"):
        more["icc_profile"] = profile
    if resolution := image.info.get("dpi"):
        more["dpi"] = resolution
    # Facts of the camera stay in the original; what is needed to show the picture rightly comes along.
    image.save(out, "TIFF", compression="tiff_adobe_deflate", **more)
    return {"obstacles": [], "removed": []}, out.getvalue()


def compare_images(sources: list[Source]) -> tuple[Any, bytes]:
    """The deed: whether two images, turned upright, have the same size, the same pixels and the same profile."""
    first, second = (ImageOps.exif_transpose(_opened(source)) for source in sources[:2])
    same = first.size == second.size and first.mode == second.mode
    if same and first.mode in {"P", "PA"}:
        first, second = first.convert("RGBA"), second.convert("RGBA")
    if same:
        same = first.tobytes() == second.tobytes()
    share = 0.0
    if not same and first.size == second.size:
        difference = ImageChops.difference(first.convert("RGB"), second.convert("RGB")).convert("L")
        share = 1 - difference.histogram()[0] / (difference.width * difference.height)
    return {
        "size": [list(first.size), list(second.size)], "mode": [first.mode, second.mode], "pixels_same": same,
        "pixels_differ": round(share, 4),
        "profile_same": first.info.get("icc_profile") == second.info.get("icc_profile"),
    }, b""  # fmt: skip
