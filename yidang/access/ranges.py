"""Range requests for originals (RFC 9110, section 14)."""

import re
import time
from collections.abc import Callable, Iterator
from typing import BinaryIO
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

CHUNK = 256 * 1024
ASK_AGAIN = 1.0  # seconds of a download after which the right to it is asked again
# Longer numbers than any file has bytes; what does not fit this form is no range, and the whole is sent (RFC 9110, 14.2).
_RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")


def _asked(header: str) -> tuple[str, str] | None:
    """The two ends of a well-formed range as they were written, one of them perhaps empty."""
    match = _RANGE.fullmatch(header)
    if match is None or match.group() == "bytes=-":
        return None
    start, end = match.groups()
    return None if start and end and int(end) < int(start) else (start, end)


def is_later_part(header: str) -> bool:
    """Whether a Range header asks for bytes behind the beginning only."""
    asked = _asked(header)
    return asked is not None and (not asked[0] or int(asked[0]) > 0)


def ranged_response(
    request: HttpRequest, content: BinaryIO, *, size: int, mime: str, name: str, digest: str, still: Callable[[], bool]
) -> HttpResponseBase:
    """The whole of an original or the one range that was asked for, always as a download and never to be run.

    :param size: bytes in all
    :param name: the file's name as it came, Chinese included
    :param digest: SHA-256, used as the entity tag
    :param still: whether the right to it still stands; where it ended, a download under way breaks off
    """
    etag = f'"{digest}"'
    first, last, status = 0, size - 1, 200
    asked = _asked(request.headers.get("Range", ""))
    if asked and request.headers.get("If-Range", etag) == etag:
        first, last = _bounds(*asked, size)
        if first > last:
            content.close()
            return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
        status = 206
    response = StreamingHttpResponse(
        _slice(content, first, last, still), status=status, content_type=mime or "application/octet-stream"
    )
    response["Content-Length"] = str(last - first + 1)
    response["Content-Disposition"] = _disposition(name)
    response["Accept-Ranges"] = "bytes"
    response["ETag"] = etag
    # Whatever the file is, a browser that opens it runs nothing of it.
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["X-Content-Type-Options"] = "nosniff"
    if status == 206:
        response["Content-Range"] = f"bytes {first}-{last}/{size}"
    return response


def _bounds(start: str, end: str, size: int) -> tuple[int, int]:
    if not start:
        return max(0, size - int(end)), size - 1
    return int(start), min(int(end), size - 1) if end else size - 1


def _disposition(name: str) -> str:
    plain = re.sub(r"[^A-Za-z0-9._ -]", "_", name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def _slice(content: BinaryIO, first: int, last: int, still: Callable[[], bool]) -> Iterator[bytes]:
    """The bytes, as long as the right stands: fewer than were promised, and the reader's browser says «interrupted»."""
    asked = time.monotonic()
    with content:
        content.seek(first)
        left = last - first + 1
        while left > 0 and (chunk := content.read(min(CHUNK, left))):
            if time.monotonic() - asked >= ASK_AGAIN:
                if not still():
                    return
                asked = time.monotonic()
            left -= len(chunk)
            yield chunk
