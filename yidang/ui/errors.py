"""Every refusal on one road: the six errors become a status and then a page, a fragment or a problem document."""

import errno
import json
import logging
import sys
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.core.exceptions import (
    BadRequest,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    TooManyFilesSent,
)
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.http.multipartparser import MultiPartParserError
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from yidang.common.db.unreachable import DatabaseUnreachable, is_unreachable
from yidang.common.errors import (
    IntegrityFailure,
    InvalidInput,
    NotAllowed,
    NotFound,
    Unavailable,
    WrongState,
    YidangError,
)
from yidang.ui.context import actor_of

logger = logging.getLogger(__name__)

# The one table. A code that needs another status than its kind stands in the second part.
STATUS = {NotFound: 404, NotAllowed: 403, InvalidInput: 422, WrongState: 409, IntegrityFailure: 500, Unavailable: 503}
STATUS_BY_CODE = {
    "malformed_request": 400,
    "form_expired": 403,
    "signed_out": 401,
    "token_invalid": 401,
    "method_not_allowed": 405,
    "too_large": 413,
    "too_many_requests": 429,
    "too_much_at_once": 429,
    "internal_error": 500,
    "storage_full": 507,
}
DISK_TROUBLE = "disk_trouble"
PAGES = {400, 403, 404, 500, 503}


def status_of(error: YidangError) -> int:
    """The HTTP status of a refusal."""
    if error.code in STATUS_BY_CODE:
        return STATUS_BY_CODE[error.code]
    return next((status for kind, status in STATUS.items() if isinstance(error, kind)), 500)


def as_refusal(error: BaseException) -> YidangError:
    """Any exception as one of ours; what is not ours says nothing about the inside."""
    if isinstance(error, YidangError):
        return error
    if isinstance(error, Http404):
        return NotFound()
    if isinstance(error, PermissionDenied):
        return NotAllowed()
    if isinstance(error, RequestDataTooBig | TooManyFilesSent):
        return InvalidInput(
            _("More was sent than the server takes at once."),
            code="too_large",
            remedy=_("Send less, or file it in several parts."),
        )
    if isinstance(error, BadRequest | SuspiciousOperation | MultiPartParserError):
        return InvalidInput(
            _("The request could not be read."),
            code="malformed_request",
            remedy=_("Go back, reload the page and try again."),
        )
    if is_unreachable(error):
        return DatabaseUnreachable()
    if _is_disk_trouble(error):
        return Unavailable(
            _("The server's disk is full or cannot be written."),
            code=DISK_TROUBLE,
            remedy=_(
                "Tell the system administrator. Look whether what you entered is already there before you send it again."
            ),
        )
    return YidangError(
        _("Something went wrong on our side."),
        code="internal_error",
        remedy=_(
            "Look first whether what you entered is already there, then try again. "
            "If it happens again, tell the system administrator the time shown here."
        ),
    )


def _is_disk_trouble(error: BaseException) -> bool:
    """Whether the disk, or the database because of it, did not take something."""
    if isinstance(error, OSError):
        return error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO}
    said = str(error).lower()
    full = ("disk is full", "disk i/o error", "no space left on device")
    return isinstance(error, OperationalError) and any(words in said for words in full)


def wants_problem(request: HttpRequest) -> bool:
    """Whether the caller is a program rather than a page."""
    return request.path.startswith("/api/")


def problem_body(error: YidangError) -> dict[str, Any]:
    """An RFC 9457 problem document with ``code``, ``title``, ``detail``, ``field`` and ``remedy``, before it is sent."""
    status = status_of(error)
    body: dict[str, Any] = {
        "type": "about:blank",
        "status": status,
        "code": error.code,
        "title": title_of(status),
        "detail": str(error),
        "field": error.field or None,
        "remedy": str(error.remedy) or None,
    }
    body.update({name: value for name, value in error.details.items() if name not in body})
    return body


def problem(request: HttpRequest, error: YidangError) -> JsonResponse:
    """The answer of the API to a refusal."""
    body = problem_body(error)
    status = body["status"]
    response = JsonResponse(body, status=status, json_dumps_params={"ensure_ascii": False, "default": str})
    response["Content-Type"] = "application/problem+json"
    if status == 401:
        response["WWW-Authenticate"] = "Bearer"
    if status in {429, 503}:
        response["Retry-After"] = "5"
    return response


def title_of(status: int) -> str:
    """The heading of an error page."""
    titles = {
        400: _("The request could not be read"),
        401: _("Please sign in"),
        403: _("You may not do this"),
        404: _("Nothing here"),
        405: _("This is done another way"),
        409: _("Something has changed in the meantime"),
        413: _("Too large"),
        422: _("Please check what was entered"),
        429: _("Too many attempts"),
        500: _("Something went wrong on our side"),
        503: _("Not available right now"),
        507: _("The disk is full"),
    }
    return titles.get(status, titles[500])


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    target = f"{settings.LOGIN_URL}?{urlencode({'next': request.get_full_path()})}"
    if request.headers.get("HX-Request"):
        response = HttpResponse(status=401)
        response["HX-Redirect"] = settings.LOGIN_URL
        return response
    return HttpResponseRedirect(target)


def respond(request: HttpRequest, error: BaseException) -> HttpResponse:
    """The answer to a refusal, in the form that the caller understands."""
    refusal = as_refusal(error)
    status = status_of(refusal)
    if wants_problem(request):
        return problem(request, refusal)
    if (
        status < 500
        and isinstance(refusal, NotAllowed)
        and refusal.code != "form_expired"
        and not actor_of(request).is_signed_in
    ):
        return _to_sign_in(request)
    if request.headers.get("HX-Request"):
        return _fragment(request, refusal, status)
    page = status if status in PAGES else (500 if status > 500 else 400)
    # A page about a fault must not need the parts that may have failed: no rail, no counts, no session.
    quiet = status >= 500 or not actor_of(request).is_signed_in
    context = {
        "error": refusal,
        "status": status,
        "title": title_of(status),
        "layout": "ui/plain.html" if quiet else "ui/base.html",
    }
    return HttpResponse(render_to_string(f"ui/errors/{page}.html", context, request=request), status=status)


def _fragment(request: HttpRequest, refusal: YidangError, status: int) -> HttpResponse:
    """For htmx: the page stays as it is, with everything entered, and a toast says what is wrong."""
    html = render_to_string("ui/errors/fragment.html", {"error": refusal}, request=request)
    response = HttpResponse(html, status=status)
    if not request.headers.get("X-Errors-In-Place"):
        response["HX-Reswap"] = "none"
        text = f"{refusal}\n{refusal.remedy}".strip()
        response["HX-Trigger"] = json.dumps({"toast": {"text": text, "kind": "bad"}})
    return response


class ErrorMiddleware:
    """Turns what a view raises into an answer; faults that are not refusals go to the log with their trace."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Called by Django for an exception of a view."""
        if as_refusal(error).code in {"internal_error", DISK_TROUBLE}:
            if settings.DEBUG:
                return None
            logger.error("fault while answering %s %s", request.method, request.path, exc_info=error)
        elif isinstance(error, IntegrityFailure):
            logger.error("integrity failure %s at %s", error.code, request.path)
        return respond(request, error)


def handler400(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Named in the root URL configuration."""
    return respond(request, exception if isinstance(exception, YidangError) else BadRequest())


def handler403(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Named in the root URL configuration."""
    return respond(request, PermissionDenied())


def handler404(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Named in the root URL configuration; the same words whether or not something is there."""
    return respond(request, Http404())


def handler500(request: HttpRequest) -> HttpResponse:
    """Named in the root URL configuration; also reached by a refusal that a middleware raised."""
    error = sys.exc_info()[1]
    try:
        return respond(request, error or RuntimeError())
    except Exception:
        logger.exception("the error page itself could not be made")
        return HttpResponse("500 · 医档 Yidang", status=500, content_type="text/plain; charset=utf-8")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that was open too long, or came from another site."""
    refusal = NotAllowed(
        _("This form is no longer valid."),
        code="form_expired",
        remedy=_("Go back, reload the page and send it again; what you typed is usually still there."),
    )
    return respond(request, refusal)
