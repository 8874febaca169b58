"""The API's half of the error table: hangs our problem documents on a django-ninja API."""

import logging
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from yidang.common.errors import InvalidInput, NotAllowed, YidangError
from yidang.ui.errors import as_refusal, problem

logger = logging.getLogger(__name__)


def install_on(api: NinjaAPI) -> None:
    """Answer every exception of ``api`` with a problem document; called once where the API is put together."""
    api.add_exception_handler(YidangError, _refused)
    api.add_exception_handler(Http404, _refused)
    api.add_exception_handler(ValidationError, _invalid)
    api.add_exception_handler(AuthenticationError, _unknown)
    api.add_exception_handler(HttpError, _http_error)
    api.add_exception_handler(Exception, _fault)


def _refused(request: HttpRequest, error: Any) -> HttpResponse:
    return problem(request, as_refusal(error))


def _unknown(request: HttpRequest, error: Any) -> HttpResponse:
    refusal = NotAllowed(
        _("The caller is not known."),
        code="token_invalid",
        remedy=_("Send a valid token as «Authorization: Bearer …», or sign in."),
    )
    return problem(request, refusal)


def _invalid(request: HttpRequest, error: Any) -> HttpResponse:
    """The first wrong field by its path, all of them under ``findings``."""
    findings = [
        {"field": ".".join(str(part) for part in one.get("loc", ())[1:]), "reason": str(one.get("msg", ""))}
        for one in error.errors
    ]
    first = findings[0] if findings else {"field": "", "reason": ""}
    refusal = InvalidInput(
        _("The field %(field)s is not as described: %(reason)s") % first,
        code="invalid_field",
        field=first["field"],
        remedy=_("See the description of this call at /api/v1/docs."),
        findings=findings,
    )
    return problem(request, refusal)


def _http_error(request: HttpRequest, error: Any) -> HttpResponse:
    code = {
        400: "malformed_request",
        401: "token_invalid",
        403: "not_allowed",
        405: "method_not_allowed",
        413: "too_large",
    }.get(error.status_code, "invalid_input")
    # ninja's own words about a broken body quote its parser; ours say what to do.
    sentence = _("The request could not be read.") if error.status_code == 400 else str(error)
    kind = NotAllowed if error.status_code in {401, 403} else InvalidInput
    return problem(request, kind(sentence, code=code, remedy=_("See the description of this call at /api/v1/docs.")))


def _fault(request: HttpRequest, error: Any) -> HttpResponse:
    logger.error("fault while answering %s %s", request.method, request.path, exc_info=error)
    return problem(request, as_refusal(error))
