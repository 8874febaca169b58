"""The paths of OFD as polygons, and the arithmetic of its transformations."""

import itertools
import math

Matrix = tuple[float, float, float, float, float, float]
Point = tuple[float, float]
_STEPS = 12
_MOST_POINTS = 100_000
_TAKES = {"S": 2, "M": 2, "L": 2, "Q": 4, "B": 6, "A": 7, "C": 0}


def multiply(inner: Matrix, outer: Matrix) -> Matrix:
    """First the inner transformation, then the outer."""
    a, b, c, d, e, f = inner
    p, q, r, s, t, u = outer
    return (a * p + b * r, a * q + b * s, c * p + d * r, c * q + d * s, e * p + f * r + t, e * q + f * s + u)


def flatten(data: str, matrix: Matrix) -> list[list[Point]]:
    """The lines of a path in the units of the outer side of the matrix; curves become short straight pieces."""
    lines: list[list[Point]] = []
    parts, position = data.replace(",", " ").split(), 0
    here: Point = (0.0, 0.0)
    count = 0
    while position < len(parts) and count < _MOST_POINTS:
        letter = parts[position].upper()
        takes = _TAKES.get(letter)
        if takes is None:
            position += 1
            continue
        try:
            values = [float(part) for part in parts[position + 1 : position + 1 + takes]]
        except ValueError:
            break
        if len(values) < takes:
            break
        position += 1 + takes
        if letter in "SM":
            here = (values[0], values[1])
            lines.append([here])
            continue
        if not lines:
            lines.append([here])
        points = [lines[-1][0]] if letter == "C" else _piece(letter, here, values)
        lines[-1] += points
        here = lines[-1][-1]
        count += len(points)
    return [[_apply(matrix, point) for point in line] for line in lines]


def _apply(matrix: Matrix, point: Point) -> Point:
    x, y = point
    moved = (matrix[0] * x + matrix[2] * y + matrix[4], matrix[1] * x + matrix[3] * y + matrix[5])
    return (max(-1e5, min(1e5, moved[0])), max(-1e5, min(1e5, moved[1])))


def _piece(letter: str, here: Point, values: list[float]) -> list[Point]:
    if letter == "L":
        return [(values[0], values[1])]
    if letter == "A":
        return _arc(here, values)
    ends = [here, *zip(values[::2], values[1::2], strict=True)]
    return [_bezier(ends, step / _STEPS) for step in range(1, _STEPS + 1)]


def _bezier(points: list[Point], at: float) -> Point:
    while len(points) > 1:
        points = [(a[0] + (b[0] - a[0]) * at, a[1] + (b[1] - a[1]) * at) for a, b in itertools.pairwise(points)]
    return points[0]


def _arc(start: Point, values: list[float]) -> list[Point]:
    """An elliptic arc by its ends, as in SVG."""
    rx, ry, turn, large, sweep, x, y = values
    rx, ry = abs(rx), abs(ry)
    if not rx or not ry or start == (x, y):
        return [(x, y)]
    cos, sin = math.cos(math.radians(turn)), math.sin(math.radians(turn))
    dx, dy = (start[0] - x) / 2, (start[1] - y) / 2
    px, py = cos * dx + sin * dy, -sin * dx + cos * dy
    grow = math.sqrt(max(1.0, (px / rx) ** 2 + (py / ry) ** 2))
    rx, ry = rx * grow, ry * grow
    below = (rx * py) ** 2 + (ry * px) ** 2
    factor = math.sqrt(max(0.0, ((rx * ry) ** 2 - below) / below)) if below else 0.0
    factor = -factor if bool(large) == bool(sweep) else factor
    cx, cy = factor * rx * py / ry, -factor * ry * px / rx
    first = math.atan2((py - cy) / ry, (px - cx) / rx)
    last = math.atan2((-py - cy) / ry, (-px - cx) / rx)
    span = last - first
    if sweep and span < 0:
        span += 2 * math.pi
    elif not sweep and span > 0:
        span -= 2 * math.pi
    mx, my = (start[0] + x) / 2, (start[1] + y) / 2
    steps = max(4, round(abs(span) / (2 * math.pi) * 4 * _STEPS))
    found = []
    for step in range(1, steps + 1):
        angle = first + span * step / steps
        ex, ey = rx * math.cos(angle) + cx, ry * math.sin(angle) + cy
        found.append((cos * ex - sin * ey + mx, sin * ex + cos * ey + my))
    return found
