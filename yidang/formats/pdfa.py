"""PDF/A-2b: what keeps a PDF from being one, and declaring one that lacks only the declaration. Runs inside the cage.

Nothing on a page is changed: a file with fonts that are not embedded, attachments or colours of a printing press is
refused with its obstacles. What is checked is named a check: it is less than a validator of ISO 19005-2 looks at.
"""

import io
import struct
from collections.abc import Callable
from typing import Any

import pikepdf
from PIL import ImageCms

from yidang.formats.findings import finding
from yidang.formats.pdfa_pages import Seen, look_at_pages
from yidang.formats.source import Source
from yidang.formats.types import ReadingFailed

PART, CONFORMANCE = "2", "B"
_PDFA = "{http://www.aiim.org/pdfa/ns/id/}"
# Actions that PDF/A forbids; without them the pages look the same, so they are taken away and told.
_FORBIDDEN = {
    "/JavaScript",
    "/Launch",
    "/Sound",
    "/Movie",
    "/ResetForm",
    "/ImportData",
    "/Hide",
    "/SetOCGState",
    "/Rendition",
}
_PRINT, _UNSEEN = 4, 1 | 2 | 32 | 256  # flags of annotations: print; invisible, hidden, no view, toggle
_WORDS = {"/Title": "dc:title", "/Producer": "pdf:Producer", "/Creator": "xmp:CreatorTool", "/Keywords": "pdf:Keywords"}
Told = list[dict[str, Any]]


def _opened(source: Source) -> pikepdf.Pdf:
    try:
        return pikepdf.open(io.BytesIO(source.data))
    except pikepdf.PasswordError as error:
        raise ReadingFailed(finding("encrypted")) from error
    except (pikepdf.PdfError, ValueError, OverflowError, RuntimeError) as error:
        raise ReadingFailed(finding("broken", reason=str(error)[:120])) from error


def declare_pdfa(sources: list[Source]) -> tuple[Any, bytes]:
    """The deed: a PDF as PDF/A-2b when it lacks only the declaration; else its obstacles and no bytes."""
    with _opened(sources[0]) as document:
        if document.is_encrypted:
            return {"obstacles": [{"code": "encrypted"}], "removed": []}, b""
        obstacles = _obstacles(document)
        if obstacles:
            return {"obstacles": obstacles, "removed": []}, b""
        removed = _without_actions(document)
        for annotation in _annotations(document):
            if annotation.get("/Subtype") != "/Popup":
                annotation.F = int(annotation.get("/F", 0)) | _PRINT
        if "/AcroForm" in document.Root and "/NeedAppearances" in document.Root.AcroForm:
            del document.Root.AcroForm["/NeedAppearances"]
        _declare(document)
        out = io.BytesIO()
        # Flate for everything that was packed otherwise: LZW is forbidden. The same file makes the same bytes.
        document.save(
            out, compress_streams=True, stream_decode_level=pikepdf.StreamDecodeLevel.generalized, linearize=False,
            object_stream_mode=pikepdf.ObjectStreamMode.disable, force_version="1.7", deterministic_id=True,
        )  # fmt: skip
        return {"obstacles": [], "removed": removed}, out.getvalue()


def check_pdfa(sources: list[Source]) -> tuple[Any, bytes]:
    """The deed: the checks of a finished PDF/A, each with its name and whether it holds."""
    with _opened(sources[0]) as document:
        obstacles = {one["code"]: one for one in _obstacles(document)}
        metadata = document.open_metadata()
        declared = (metadata.get(f"{_PDFA}part", ""), metadata.get(f"{_PDFA}conformance", ""))
        checks = [
            {"code": "declared", "well": declared[0] in {"1", "2", "3"} and bool(declared[1]), "said": "-".join(declared)},
            {"code": "intent", "well": _has_intent(document)},
            {"code": "no_encryption", "well": not document.is_encrypted},
            {"code": "no_scripts", "well": not _actions(document)},
        ]  # fmt: skip
        for code in ("fonts", "colours", "attachments", "form_xfa", "annotations", "layers", "outside"):
            checks.append(
                {"code": code, "well": code not in obstacles, "said": obstacles.get(code, {}).get("said", "")}
            )
        producer = str(document.docinfo.get("/Producer", "")) if "/Info" in document.trailer else ""
        return {"checks": checks, "pages": len(document.pages), "producer": producer[:100]}, b""


def _obstacles(document: pikepdf.Pdf) -> Told:
    """What stands in the way and cannot be mended without changing what the file says or shows."""
    found: Told = []

    def add(code: str, said: str = "") -> None:
        if not any(one["code"] == code for one in found):
            found.append({"code": code, "said": said[:300]})

    seen: Seen = look_at_pages(document)
    if seen.fonts:
        add("fonts", "、".join(sorted(seen.fonts)[:8]))
    if seen.colours:
        add("colours", "、".join(sorted(seen.colours)))
    if seen.outside:
        add("outside", "、".join(sorted(seen.outside)))
    root = document.Root
    if "/Names" in root and "/EmbeddedFiles" in root.Names and len(document.attachments):
        add("attachments", "、".join(sorted(document.attachments)[:5]))
    if "/AcroForm" in root and "/XFA" in root.AcroForm:
        add("form_xfa")
    if "/OCProperties" in root:
        add("layers")
    for annotation in _annotations(document):
        kind = str(annotation.get("/Subtype", ""))
        if kind == "/FileAttachment":
            add("attachments")
        elif kind in {"/Sound", "/Movie", "/Screen", "/3D", "/RichMedia"}:
            add("annotations", kind[1:])
        elif kind not in {"/Popup", "/Link"} and ("/AP" not in annotation or int(annotation.get("/F", 0)) & _UNSEEN):
            box = [float(number) for number in annotation.get("/Rect", [0, 0, 0, 0])]  # type: ignore[arg-type]
            if box[0] != box[2] and box[1] != box[3]:
                add("annotations", kind[1:])
    return found


def _annotations(document: pikepdf.Pdf) -> list[Any]:
    return [one for page in document.pages for one in page.get("/Annots", []) if isinstance(one, pikepdf.Dictionary)]


def _holders(document: pikepdf.Pdf) -> list[Any]:
    """Every dictionary that may start an action."""
    fields = [item for item in document.objects if isinstance(item, pikepdf.Dictionary)]
    return [document.Root, *(page.obj for page in document.pages), *fields]


def _each_action(document: pikepdf.Pdf, judge: Callable[[Any, str, Any], None]) -> None:
    for holder in _holders(document):
        for key in ("/OpenAction", "/A", "/AA", "/Next"):
            action = holder.get(key)
            if isinstance(action, pikepdf.Dictionary) and (key == "/AA" or str(action.get("/S", "")) in _FORBIDDEN):
                judge(holder, key, action)
    names = document.Root.get("/Names")
    if isinstance(names, pikepdf.Dictionary) and "/JavaScript" in names:
        judge(names, "/JavaScript", names["/JavaScript"])


def _actions(document: pikepdf.Pdf) -> list[str]:
    found: list[str] = []
    _each_action(document, lambda _holder, key, action: found.append(_named(key, action)))
    return sorted(set(found))


def _without_actions(document: pikepdf.Pdf) -> list[str]:
    found = _actions(document)
    places: list[tuple[Any, str]] = []
    _each_action(document, lambda holder, key, _action: places.append((holder, key)))
    for holder, key in places:
        if key in holder:
            del holder[key]
    return found


def _named(key: str, action: Any) -> str:
    return "JavaScript" if key == "/JavaScript" else str(action.get("/S", "/AA"))[1:]


def _has_intent(document: pikepdf.Pdf) -> bool:
    intents = document.Root.get("/OutputIntents", [])
    return any(
        one.get("/S") == "/GTS_PDFA1" and isinstance(one.get("/DestOutputProfile"), pikepdf.Stream)
        and one.DestOutputProfile.read_bytes()[36:40] == b"acsp"
        for one in intents  # type: ignore[union-attr]
    )  # fmt: skip


def _declare(document: pikepdf.Pdf) -> None:
    """The profile of colours and the words of ISO 19005-2, part 6.6.4."""
    if not _has_intent(document):
        profile = document.make_stream(_srgb())
        profile.N, profile.Alternate = 3, pikepdf.Name.DeviceRGB
        document.Root.OutputIntents = pikepdf.Array(
            [
                document.make_indirect(
                    pikepdf.Dictionary(
                        Type=pikepdf.Name.OutputIntent, S=pikepdf.Name.GTS_PDFA1, OutputConditionIdentifier="sRGB",
                        Info="sRGB IEC61966-2.1", DestOutputProfile=profile,
                    )
                )
            ]
        )  # fmt: skip
    with document.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as metadata:
        for key, name in _WORDS.items():
            if "/Info" in document.trailer and (words := str(document.docinfo.get(key, "")).strip("\x00 ")):
                metadata[name] = words
        metadata[f"{_PDFA}part"], metadata[f"{_PDFA}conformance"] = PART, CONFORMANCE


def _srgb() -> bytes:
    """The profile of sRGB as LittleCMS makes it, dated the first day of its standard: the same bytes every time."""
    made = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return made[:24] + struct.pack(">6H", 1999, 10, 18, 0, 0, 0) + made[36:]
