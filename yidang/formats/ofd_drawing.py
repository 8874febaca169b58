"""OFD pages as images: text at its places in a system font, images, paths, annotations, seals."""

import contextlib
import io
import math
from typing import Any

from lxml import etree
from PIL import Image, ImageColor, ImageDraw

from yidang.formats import images, ofd
from yidang.formats.findings import finding
from yidang.formats.fonts import font
from yidang.formats.ofd import child, children, local, numbers
from yidang.formats.ofd_paths import Matrix, flatten, multiply
from yidang.formats.source import Source
from yidang.formats.types import ReadingFailed

_MOST_IMAGE = 60_000_000


def page_image(source: Source, number: int, width: int) -> Image.Image:
    """A page so many pixels wide; pages from 1.

    :raises ReadingFailed: there is no such page, or the package is damaged
    """
    pages = ofd.Package(source).pages
    if not 1 <= number <= len(pages):
        raise ReadingFailed(finding("page_absent", page=number, pages=len(pages)))
    page = pages[number - 1]
    document = page.document
    box = document.box(document.package.xml(page.path))
    finer = 2 if width <= 1240 else 1
    scale = min(width / box[2], 6 * width / box[3]) * finer
    canvas = _Canvas(document, box, scale)
    for resources in children(document.package.xml(page.path), "PageRes"):
        document.add_resources(document.package.find((resources.text or "").strip(), page.path))
    for layer in document.layers(page):
        canvas.draw_all(layer, canvas.ground, layer.get("DrawParam", ""))
    for appearance in document.annotations(page):
        place = numbers(appearance.get("Boundary")) or [0.0, 0.0]
        canvas.draw_all(appearance, multiply((1, 0, 0, 1, place[0], place[1]), canvas.ground), "")
    _seals(page, canvas)
    image = canvas.image.convert("RGB")
    return image.reduce(finer) if finer > 1 else image


def _seals(page: ofd.Page, canvas: "_Canvas") -> None:
    """The pictures of electronic seals, out of the signatures they are wrapped in."""
    package = page.document.package
    if not page.document.signatures:
        return
    for signature in children(package.xml(page.document.signatures), "Signature"):
        path = package.find(signature.get("BaseLoc", ""), page.document.signatures)
        info = child(package.xml(path), "SignedInfo") if path else None
        seal = package.find(ofd.text_in(child(info, "Seal"), "BaseLoc"), path)
        value = package.find(ofd.text_in(package.xml(path), "SignedValue"), path) if path else ""
        for stamp in children(info, "StampAnnot"):
            place = numbers(stamp.get("Boundary"))
            if stamp.get("PageRef") != page.identifier or len(place) != 4:
                continue
            for name in filter(None, (seal, value)):
                picture = _picture_within(package.read(name))
                if picture is not None:
                    canvas.paste(picture, multiply((place[2], 0, 0, place[3], place[0], place[1]), canvas.ground), 255)
                    break


def _picture_within(data: bytes) -> Image.Image | None:
    for magic in (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF8"):
        start = data.find(magic)
        if start >= 0:
            with contextlib.suppress(OSError, ValueError, SyntaxError):
                return Image.open(io.BytesIO(data[start:])).convert("RGBA")
    return None


class _Canvas:
    """An image and the transformation from millimetres to its pixels."""

    def __init__(self, document: ofd.Document, box: ofd.Box, scale: float) -> None:
        size = (max(1, round(box[2] * scale)), max(1, round(box[3] * scale)))
        self.image = Image.new("RGB", size, "white")
        self.brush = ImageDraw.Draw(self.image, "RGBA")
        self.document = document
        self.scale = scale
        self.ground: Matrix = (scale, 0, 0, scale, -box[0] * scale, -box[1] * scale)

    def draw_all(self, container: etree._Element, ground: Matrix, parameter: str, depth: int = 0) -> None:
        """Every thing of a layer or an appearance."""
        for thing in ofd.objects(container):
            if thing.get("Visible") == "false":
                continue
            place = numbers(thing.get("Boundary")) or [0.0, 0.0, 0.0, 0.0]
            matrix = multiply((1, 0, 0, 1, place[0], place[1] if len(place) > 1 else 0.0), ground)
            own = numbers(thing.get("CTM"))
            if len(own) == 6:
                matrix = multiply((own[0], own[1], own[2], own[3], own[4], own[5]), matrix)
            name = local(thing)
            if name == "TextObject":
                self._text(thing, matrix, parameter)
            elif name == "PathObject":
                self._path(thing, matrix, parameter)
            elif name == "ImageObject":
                self._image(thing, matrix)
            elif depth < 4:
                unit = self.document.composites.get(thing.get("ResourceID", ""))
                content = child(unit, "Content")
                if content is not None:
                    self.draw_all(content, matrix, parameter, depth + 1)

    def _style(self, thing: etree._Element, name: str, parameter: str) -> etree._Element | None:
        """A colour of a thing, or of its drawing parameters."""
        found = child(thing, name)
        parameter = thing.get("DrawParam", "") or parameter
        for _step in range(5):
            if found is not None or not parameter:
                break
            holder = self.document.parameters.get(parameter)
            found = child(holder, name)
            parameter = holder.get("Relative", "") if holder is not None else ""
        return found

    def _colour(self, style: etree._Element | None, thing: etree._Element) -> tuple[int, int, int, int]:
        values = numbers(style.get("Value")) if style is not None else []
        alpha = numbers(thing.get("Alpha")) or [255.0]
        own = numbers(style.get("Alpha")) if style is not None else []
        opacity = round(alpha[0] * (own[0] / 255 if own else 1))
        if style is not None and (style.get("Value") or "").startswith("#"):
            with contextlib.suppress(ValueError):
                return (*ImageColor.getrgb(style.get("Value", "").split()[0])[:3], opacity)
        bounded = [max(0, min(255, round(value))) for value in values]
        if len(bounded) == 1:
            bounded *= 3
        if len(bounded) == 4:
            ink = [value / 100 if max(values) <= 100 else value / 255 for value in values]
            bounded = [round(255 * (1 - part) * (1 - ink[3])) for part in ink[:3]]
        shade = bounded if len(bounded) == 3 else [0, 0, 0]
        return (shade[0], shade[1], shade[2], max(0, min(255, opacity)))

    def _text(self, thing: etree._Element, matrix: Matrix, parameter: str) -> None:
        size = (numbers(thing.get("Size")) or [3.5])[0]
        across = (numbers(thing.get("HScale")) or [1.0])[0]
        colour = self._colour(self._style(thing, "FillColor", parameter), thing)
        known = self.document.fonts.get(thing.get("Font", ""))
        family = f"{known.get('FontName', '')} {known.get('FamilyName', '')}" if known is not None else ""
        bold = thing.get("Weight", "400") > "500" or (known is not None and known.get("Bold") == "true")
        tall = math.hypot(matrix[2], matrix[3]) * size
        angle = math.degrees(math.atan2(matrix[1], matrix[0]))
        if not 1 <= tall <= 2000:
            return
        face = font(family, round(tall), bold=bold)
        for code in children(thing, "TextCode"):
            text = "".join(code.itertext()).strip("\n\r\t")
            for char, x, y in _placed(code, text, size, across):
                point = (matrix[0] * x + matrix[2] * y + matrix[4], matrix[1] * x + matrix[3] * y + matrix[5])
                self._glyph(char, point, face, angle, colour)

    def _glyph(self, char: str, point: tuple[float, float], face: Any, angle: float, colour: tuple[int, ...]) -> None:
        if char.isspace():
            return
        if abs(angle) < 1:
            self.brush.text(point, char, font=face, fill=colour, anchor="ls")
            return
        side = round(face.size * 3)
        mask = Image.new("L", (side, side), 0)
        ImageDraw.Draw(mask).text((side / 2, side / 2), char, font=face, fill=colour[3], anchor="ls")
        turned = mask.rotate(-angle, resample=Image.Resampling.BILINEAR)
        self.image.paste(colour[:3], (round(point[0] - side / 2), round(point[1] - side / 2)), turned)

    def _path(self, thing: etree._Element, matrix: Matrix, parameter: str) -> None:
        lines = flatten(ofd.text_in(thing, "AbbreviatedData"), matrix)
        if thing.get("Fill") == "true":
            style = self._style(thing, "FillColor", parameter)
            for line in lines if style is not None else ():  # a fill without a colour is transparent
                if len(line) > 2:
                    self.brush.polygon(line, fill=self._colour(style, thing))
        if thing.get("Stroke", "true") != "false":
            colour = self._colour(self._style(thing, "StrokeColor", parameter), thing)
            wide = numbers(thing.get("LineWidth"))
            if not wide:
                holder = self.document.parameters.get(thing.get("DrawParam", "") or parameter)
                wide = numbers(holder.get("LineWidth")) if holder is not None else []
            thick = max(1, round((wide or [0.353])[0] * math.hypot(matrix[0], matrix[1])))
            for line in lines:
                if len(line) > 1:
                    self.brush.line(line, fill=colour, width=thick, joint="curve")

    def _image(self, thing: etree._Element, matrix: Matrix) -> None:
        path = self.document.media.get(thing.get("ResourceID", ""), "")
        if not path:
            return
        with contextlib.suppress(OSError, ValueError, SyntaxError, Image.DecompressionBombError):
            picture = Image.open(io.BytesIO(self.document.package.read(path)))
            if picture.size[0] * picture.size[1] > _MOST_IMAGE:
                return
            alpha = round((numbers(thing.get("Alpha")) or [255.0])[0])
            keeps = picture.mode in ("RGBA", "LA", "P", "PA")
            self.paste(picture.convert("RGBA") if keeps else images.on_white(picture).convert("RGBA"), matrix, alpha)

    def paste(self, picture: Image.Image, matrix: Matrix, alpha: int) -> None:
        """A picture that fills the unit square of the matrix; a turned one is laid into the box around it."""
        corners = [
            (matrix[0] * x + matrix[2] * y + matrix[4], matrix[1] * x + matrix[3] * y + matrix[5])
            for x, y in ((0, 0), (1, 0), (0, 1), (1, 1))
        ]
        left, top = min(x for x, _y in corners), min(y for _x, y in corners)
        wide, high = max(x for x, _y in corners) - left, max(y for _x, y in corners) - top
        if not (1 <= wide <= 20_000 and 1 <= high <= 20_000) or wide * high > _MOST_IMAGE:
            return
        turns = round(math.degrees(math.atan2(matrix[1], matrix[0])) / 90) % 4
        if turns:
            picture = picture.rotate(-90 * turns, expand=True)
        fitted = picture.resize((max(1, round(wide)), max(1, round(high))), Image.Resampling.BILINEAR)
        mask = fitted.getchannel("A")
        if alpha < 255:
            mask = mask.point(lambda value: value * alpha // 255)
        self.image.paste(fitted.convert("RGB"), (round(left), round(top)), mask)


def _placed(code: etree._Element, text: str, size: float, across: float) -> list[tuple[str, float, float]]:
    """Each character with its place, in the units of its text object."""
    x, y = (numbers(code.get("X")) or [0.0])[0], (numbers(code.get("Y")) or [0.0])[0]
    right, down = _deltas(code.get("DeltaX"), len(text)), _deltas(code.get("DeltaY"), len(text))
    placed = []
    for index, char in enumerate(text):
        placed.append((char, x, y))
        if index < len(right):
            x += right[index]
        elif not down:
            x += size * across * (1.0 if ord(char) > 0x2E7F else 0.5)
        if index < len(down):
            y += down[index]
    return placed


def _deltas(text: str | None, most: int) -> list[float]:
    """Distances between characters; ``g 19 1.5`` says 1.5 nineteen times."""
    parts, found, position = (text or "").split(), [], 0
    while position < len(parts) and len(found) < most:
        if parts[position] == "g" and position + 2 < len(parts):
            times, value = numbers(parts[position + 1]), numbers(parts[position + 2])
            found += (value or [0.0]) * min(most, int(times[0]) if times else 0)
            position += 3
        else:
            found += numbers(parts[position])
            position += 1
    return found
