"""Text recognition by rapidocr: Chinese, offline, in a cage of its own that is started when a scan comes."""

import functools
from typing import Any

import numpy

from yidang.formats import rendering
from yidang.formats.lines import join_lines
from yidang.formats.source import Source
from yidang.formats.types import Format

_WIDTH = 1654  # A4 at 200 dpi: small print is still read, and half the time of 300 dpi


@functools.cache
def _engine() -> Any:
    """The engine, loaded once by the cage's parent. One thread: its children are forks, and threads do not survive one."""
    from rapidocr import RapidOCR

    single = {
        "EngineConfig.onnxruntime.intra_op_num_threads": 1,
        "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        "Global.log_level": "critical",
    }
    return RapidOCR(params=single)


def recognise(sources: list[Source], format: dict[str, Any], page: int) -> tuple[Any, bytes]:
    """The deed: the text of one page, and where each line stands (left, top, right, bottom, as parts of the page)."""
    image = rendering._page(sources[0], Format.from_json(format), page, _WIDTH)
    read = _engine()(numpy.asarray(image)[:, :, ::-1])
    lines = []
    for text, box, score in zip(
        read.txts or (), read.boxes if read.boxes is not None else (), read.scores or (), strict=False
    ):
        xs, ys = [float(point[0]) for point in box], [float(point[1]) for point in box]
        place = [min(xs) / image.width, min(ys) / image.height, max(xs) / image.width, max(ys) / image.height]
        lines.append({"text": text, "box": [round(part, 4) for part in place], "score": round(float(score), 3)})
    return {"text": join_lines(_in_order(lines)), "lines": lines}, b""


def _in_order(lines: list[dict[str, Any]]) -> str:
    """Pieces on one height form a line, from left to right."""
    rows: list[list[dict[str, Any]]] = []
    for line in sorted(lines, key=lambda one: (one["box"][1] + one["box"][3]) / 2):
        middle = (line["box"][1] + line["box"][3]) / 2
        if rows and rows[-1][0]["box"][1] < middle < rows[-1][0]["box"][3]:
            rows[-1].append(line)
        else:
            rows.append([line])
    return "\n".join(" ".join(one["text"] for one in sorted(row, key=lambda one: one["box"][0])) for row in rows)


def warm() -> None:
    """Load the models and run them once."""
    _engine()(numpy.full((64, 256, 3), 255, dtype=numpy.uint8))
