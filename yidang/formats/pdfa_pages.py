"""What pages draw with: fonts that are not in the file, colours of a press, content that stands elsewhere."""

from dataclasses import dataclass, field
from typing import Any

import pikepdf

_SHOWS = {"Tj", "TJ", "'", '"'}
_PRESS = {"k", "K"}
_INVISIBLE = 3  # the mode of text that nobody sees: what recognition laid under a scan
_DEEP = 8
_MOST_OPERATORS = 2_000_000


@dataclass
class Seen:
    """What was met on all pages together."""

    fonts: set[str] = field(default_factory=set)
    colours: set[str] = field(default_factory=set)
    outside: set[str] = field(default_factory=set)
    operators: int = 0
    visited: set[tuple[int, int]] = field(default_factory=set)


def look_at_pages(document: pikepdf.Pdf) -> Seen:
    """Go through what every page draws, forms and appearances within it included."""
    seen = Seen()
    for page in document.pages:
        _content(page.obj, page.get("/Resources", pikepdf.Dictionary()), seen, 0)
        for note in page.get("/Annots", []):
            if isinstance(note, pikepdf.Dictionary) and isinstance(note.get("/AP"), pikepdf.Dictionary):
                _appearance(note.AP, seen)
    return seen


def _appearance(faces: Any, seen: Seen) -> None:
    for key in faces.keys():  # noqa: SIM118 — not a dict
        face = faces.get(key)
        if isinstance(face, pikepdf.Stream):
            _form(face, pikepdf.Dictionary(), seen, 1)
        elif isinstance(face, pikepdf.Dictionary):
            _appearance(face, seen)


def _form(form: Any, inherited: Any, seen: Seen, depth: int) -> None:
    if form.objgen in seen.visited or depth > _DEEP:
        return
    seen.visited.add(form.objgen)
    _content(form, form.get("/Resources", inherited), seen, depth)


def _content(stream: Any, resources: Any, seen: Seen, depth: int) -> None:
    fonts, things, spaces = (resources.get(name, {}) for name in ("/Font", "/XObject", "/ColorSpace"))
    for key in spaces.keys():  # noqa: SIM118
        _space(spaces.get(key), seen)
    font, mode, kept = "", 0, list[tuple[str, int]]()
    for operands, operator in pikepdf.parse_content_stream(stream):
        seen.operators += 1
        if seen.operators > _MOST_OPERATORS:
            seen.outside.add("too long")
            return
        name = str(operator)
        if name == "q":
            kept.append((font, mode))
        elif name == "Q" and kept:
            font, mode = kept.pop()
        elif name == "Tf":
            font = str(operands[0])
        elif name == "Tr":
            mode = int(operands[0])
        elif name in _SHOWS and mode != _INVISIBLE:
            _font(fonts.get(font), font, seen, resources, depth)
        elif name in _PRESS or (name in {"cs", "CS"} and str(operands[0]) == "/DeviceCMYK"):
            seen.colours.add("CMYK")
        elif name == "Do":
            _thing(things.get(str(operands[0])), resources, seen, depth)
        elif name == "INLINE IMAGE" and str(getattr(operands[0], "colorspace", "")) in {"/DeviceCMYK", "/CMYK"}:
            seen.colours.add("CMYK")


def _thing(thing: Any, resources: Any, seen: Seen, depth: int) -> None:
    if not isinstance(thing, pikepdf.Stream):
        return
    if "/F" in thing or "/OPI" in thing or thing.get("/Subtype") == "/PS":
        seen.outside.add(str(thing.get("/Subtype", "/PS"))[1:])
    if thing.get("/Subtype") == "/Form":
        _form(thing, resources, seen, depth + 1)
    elif thing.get("/Subtype") == "/Image" and "/ColorSpace" in thing:
        _space(thing.ColorSpace, seen)


def _space(space: Any, seen: Seen) -> None:
    """A colour space that means the press, directly or as what stands in for another."""
    if isinstance(space, pikepdf.Array):
        kind = str(space[0])
        if kind in {"/Indexed", "/I", "/Pattern"} and len(space) > 1:
            _space(space[1], seen)
        elif kind in {"/Separation", "/DeviceN"} and len(space) > 2:
            _space(space[2], seen)
        elif kind == "/DeviceCMYK":
            seen.colours.add("CMYK")
    elif isinstance(space, pikepdf.Name) and str(space) in {"/DeviceCMYK", "/CMYK"}:
        seen.colours.add("CMYK")


def _font(font: Any, key: str, seen: Seen, resources: Any, depth: int) -> None:
    if not isinstance(font, pikepdf.Dictionary):
        seen.fonts.add(key[1:] or "?")
        return
    if font.is_indirect:
        if font.objgen in seen.visited:
            return
        seen.visited.add(font.objgen)
    kind = str(font.get("/Subtype", ""))
    if kind == "/Type3":
        for name in font.get("/CharProcs", {}).keys():  # noqa: SIM118
            _form(font.CharProcs[name], font.get("/Resources", resources), seen, depth + 1)
        return
    below = font.get("/DescendantFonts")
    carrier: Any = below[0] if kind == "/Type0" and isinstance(below, pikepdf.Array) and len(below) else font
    descriptor = carrier.get("/FontDescriptor")
    names = ("/FontFile", "/FontFile2", "/FontFile3")
    if not isinstance(descriptor, pikepdf.Dictionary) or not any(name in descriptor for name in names):
        seen.fonts.add(str(font.get("/BaseFont", "/?"))[1:])
