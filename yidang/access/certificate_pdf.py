"""The PDF of a certified copy: a first page that says what it is, the pages, on each the code; at its end the signed note.

Every page is one JPEG, so that a page's mark is the digest of what is seen on it. Making it twice gives the same bytes.
"""

import hashlib
import io
import json
import math
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import pikepdf
import segno
from PIL import Image, ImageDraw, ImageFont

from yidang.access.fonts import font
from yidang.access.tracing import traced
from yidang.access.verify_certificate import canonical
from yidang.common import signing

SIZE = (1654, 2339)  # A4 at 200 dots an inch
_MARGIN, _FOOT = 90, 300
_INK, _DIM, _RED = (20, 20, 20), (90, 90, 90), (190, 30, 30)


def statement(
    title: str, lines: Sequence[tuple[str, str]], closing: Sequence[str], *, hospital: str, seal: str
) -> Image.Image:
    """The first page: what is certified, for whom, on which ground."""
    page = Image.new("RGB", SIZE, "white")
    draw = ImageDraw.Draw(page)
    _centred(draw, hospital, 150, 46)
    _centred(draw, title, 240, 72)
    y = 420
    for label, value in lines:
        draw.text((_MARGIN + 40, y), label, font=font(34), fill=_DIM)
        for part in _wrapped(value, 34, SIZE[0] - 2 * _MARGIN - 420):
            draw.text((_MARGIN + 380, y), part, font=font(34), fill=_INK)
            y += 58
        y += 14
    y += 40
    for sentence in closing:
        for part in _wrapped(sentence, 32, SIZE[0] - 2 * _MARGIN - 80):
            draw.text((_MARGIN + 40, y), part, font=font(32), fill=_INK)
            y += 54
    _seal(page, (SIZE[0] - 430, min(y + 40, SIZE[1] - _FOOT - 400)), hospital, seal)
    return page


def listed(title: str, entries: Sequence[Sequence[tuple[str, int]]]) -> tuple[list[Image.Image], list[tuple[int, int]]]:
    """As many sheets as the entries need, each entry its lines and their sizes; where each stands: its sheet and height."""
    pages: list[Image.Image] = []
    tops: list[tuple[int, int]] = []
    y = SIZE[1]
    for entry in entries:
        lines = [
            (part, size)
            for at, (text, size) in enumerate(entry)  # beside the first line stands on which sheets
            for part in _wrapped(text, size, SIZE[0] - 2 * _MARGIN - (80 if at else 420))
        ]
        height = sum(size + 20 for _text, size in lines)
        if y + height > SIZE[1] - _FOOT:
            pages.append(Image.new("RGB", SIZE, "white"))
            _centred(ImageDraw.Draw(pages[-1]), title, 150, 46)
            y = 300
        tops.append((len(pages) - 1, y))
        draw = ImageDraw.Draw(pages[-1])
        draw.line((_MARGIN + 40, y - 16, SIZE[0] - _MARGIN - 40, y - 16), fill=_DIM, width=1)
        for at, (text, size) in enumerate(lines):
            draw.text((_MARGIN + 40, y), text, font=font(size), fill=_INK if at == 0 else _DIM)
            y += size + 20
        y += 40
    return pages, tops


def beside(page: Image.Image, y: int, text: str) -> None:
    """A word at the right of an entry of the list."""
    ImageDraw.Draw(page).text((SIZE[0] - _MARGIN - 40, y), text, font=font(34), fill=_INK, anchor="ra")


def copied(image: bytes) -> Image.Image:
    """A page of the record, fitted above the foot."""
    page = Image.new("RGB", SIZE, "white")
    with Image.open(io.BytesIO(image)) as opened:
        clean = opened.convert("RGB")
    room = (SIZE[0] - _MARGIN, SIZE[1] - _FOOT - _MARGIN // 2)
    scale = min(room[0] / clean.width, room[1] / clean.height)
    fitted = clean.resize((round(clean.width * scale), round(clean.height * scale)), Image.Resampling.LANCZOS)
    page.paste(fitted, ((SIZE[0] - fitted.width) // 2, _MARGIN // 2))
    return page


def footed(page: Image.Image, lines: Sequence[str], address: str) -> Image.Image:
    """A page with the code in words and as a picture for telephones at its foot."""
    draw = ImageDraw.Draw(page)
    top = SIZE[1] - _FOOT + 10
    draw.line((_MARGIN, top, SIZE[0] - _MARGIN, top), fill=_DIM, width=2)
    out = io.BytesIO()
    segno.make(address, error="m", micro=False).save(out, kind="png", scale=5, border=2)
    with Image.open(out) as code:
        side = code.convert("RGB").resize((230, 230), Image.Resampling.NEAREST)
    page.paste(side, (_MARGIN, top + 20))
    for at, line in enumerate(lines):
        draw.text(
            (_MARGIN + 260, top + 30 + at * 50), line, font=font(32 if at == 0 else 26), fill=_INK if at == 0 else _DIM
        )
    return page


@dataclass(frozen=True)
class Bound:
    """A copy's bytes, the marks of its pages, and the SM2 signature in its note, empty where there is none."""

    content: bytes
    marks: list[str]
    sm2: dict[str, str]


def bound(
    pages: Sequence[Image.Image], *, traces: Sequence[int], facts: dict[str, Any], sm2: dict[str, str] | None
) -> Bound:
    """The whole PDF with its signed note. The SM2 signature is over the note without it, the one by Ed25519 over all.

    :param sm2: the SM2 signature that it was given when it was made first, empty for none; None makes one if set

    :param traces: the opening that each page's tracing mark names
    :param facts: what the note says of the certificate: hospital, number, code, issued_at
    """
    jpegs = [_jpeg(page, trace) for page, trace in zip(pages, traces, strict=True)]
    marks = [hashlib.sha256(jpeg).hexdigest() for jpeg in jpegs]
    body = _body(jpegs)
    key = signing.archive_key()
    note = {**facts, "form": 1, "key": key.key_id, "pages": marks, "body": hashlib.sha256(body).hexdigest()}
    beside = _signed_with_sm2(canonical(note)) if sm2 is None else sm2
    text = canonical({**note, "sm2": beside} if beside else note)
    told = json.dumps({"text": text, "signature": key.sign_text(text)}, ensure_ascii=False, sort_keys=True)
    place = body.rstrip().rsplit(b"startxref", 1)[1].split()[0]
    tail = b"%Yidang-Certificate: " + b64encode(told.encode()) + b"\nstartxref\n" + place + b"\n%%EOF\n"
    return Bound(body + tail, marks, beside)


def _signed_with_sm2(text: str) -> dict[str, str]:
    key = signing.sm2_key()
    return {"public_key": key.public.hex(), "signature": key.sign_text(text)} if key else {}


def sm2_fits(note: dict[str, Any]) -> bool:
    """Whether a note that the archive signed was signed with SM2 as well, as far as it says so.

    :raises KeyMissing: its SM2 key is not in the data folder
    """
    told = note.get("sm2")
    text = canonical({name: value for name, value in note.items() if name != "sm2"})
    return told is None or signing.sm2_fits(told["public_key"], text, told["signature"])


def _jpeg(page: Image.Image, trace: int) -> bytes:
    out = io.BytesIO()
    traced(page, trace).save(out, "JPEG", quality=85)
    return out.getvalue()


def _body(jpegs: Sequence[bytes]) -> bytes:
    pdf = pikepdf.new()
    for jpeg in jpegs:
        image = pikepdf.Stream(pdf, jpeg, Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image, Width=SIZE[0],
            Height=SIZE[1], ColorSpace=pikepdf.Name.DeviceRGB, BitsPerComponent=8, Filter=pikepdf.Name.DCTDecode)  # fmt: skip
        pdf.add_blank_page(page_size=(595, 842))
        page = pdf.pages[-1]
        page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(P=image))
        page.Contents = pikepdf.Stream(pdf, b"q 595 0 0 842 0 0 cm /P Do Q")
    out = io.BytesIO()
    pdf.save(
        out, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.disable, compress_streams=False,
        stream_decode_level=pikepdf.StreamDecodeLevel.none,
    )  # fmt: skip
    return out.getvalue()


def _centred(draw: ImageDraw.ImageDraw, text: str, y: int, size: int) -> None:
    draw.text((SIZE[0] / 2, y), text, font=font(size), fill=_INK, anchor="ma")


def _wrapped(text: str, size: int, width: int) -> list[str]:
    lines, line, face = [], "", cast(ImageFont.FreeTypeFont, font(size))
    for letter in text:
        if face.getlength(line + letter) > width:
            lines.append(line)
            line = ""
        line += letter
    return [*lines, line]


def _seal(page: Image.Image, place: tuple[int, int], hospital: str, words: str) -> None:
    """A drawn stamp: it shows where the paper one goes; what proves the copy is the note."""
    draw, side = ImageDraw.Draw(page), 330
    x, y = place
    draw.ellipse((x, y, x + side, y + side), outline=_RED, width=9)
    size = min(40, int(250 / max(len(hospital), 1)))
    draw.text((x + side / 2, y + 90), hospital, font=font(max(size, 18)), fill=_RED, anchor="mm")
    corners = [(math.pi * point / 5, 40 if point % 2 == 0 else 16) for point in range(10)]
    middle = (x + side / 2, y + side / 2)
    draw.polygon([(middle[0] + r * math.sin(at), middle[1] - r * math.cos(at)) for at, r in corners], fill=_RED)
    draw.text((x + side / 2, y + 245), words, font=font(min(34, int(240 / max(len(words), 1)))), fill=_RED, anchor="mm")


def stamp_of(moment: datetime) -> str:
    """A moment as the copy writes it."""
    return moment.strftime("%Y-%m-%d %H:%M")
