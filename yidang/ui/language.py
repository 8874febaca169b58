"""Chinese first, English complete: the choice is remembered in a cookie; programs are answered as they ask."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.module_loading import import_string
from django.views.decorators.http import require_POST

from yidang.ui.context import actor_of

YEAR = 365 * 24 * 3600


def language_for(request: HttpRequest) -> str:
    """The cookie's language; without one what an API client accepts, and for a browser the house's own language.

    A browser's Accept-Language is not asked: office PCs carry whatever their image came with.
    """
    known = {code for code, _name in settings.LANGUAGES}
    chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    if chosen in known:
        return chosen
    if request.path.startswith("/api/") and request.META.get("HTTP_ACCEPT_LANGUAGE"):
        return translation.get_language_from_request(request)
    return settings.LANGUAGE_CODE


class LanguageMiddleware:
    """Activates the reader's language for the request and names it in the answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        language = language_for(request)
        translation.activate(language)
        request.LANGUAGE_CODE = language  # type: ignore[attr-defined]
        response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response


def remember_language(response: HttpResponse, language: str) -> None:
    """Put the choice into the answer's cookie; called by the switch and after signing in."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=YEAR,
        samesite="Lax",
        secure=bool(getattr(settings, "HTTPS", False)),
        httponly=True,
    )


def back_to(request: HttpRequest, default: str = "/") -> str:
    """The local address that the form names in ``next``, never one of another host."""
    target = request.POST.get("next", "")
    allowed = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return target if allowed else default


@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """The header's switch: remembers the language and, through ``YIDANG_LANGUAGE_HOOK(actor, language)``, the person's choice."""
    language = request.POST.get("language", "")
    response = HttpResponseRedirect(back_to(request))
    if language in {code for code, _name in settings.LANGUAGES}:
        remember_language(response, language)
        hook = getattr(settings, "YIDANG_LANGUAGE_HOOK", "")
        if hook and actor_of(request).is_signed_in:
            import_string(hook)(actor_of(request), language)
    return response
