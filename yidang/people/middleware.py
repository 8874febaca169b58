"""Who asks: built once for every request, from the session or the token; nobody passes without a sign-in."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.middleware.csrf import CsrfViewMiddleware
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from yidang.common import clock
from yidang.common.actor import Actor
from yidang.common.errors import NotAllowed
from yidang.people import clients, passwords, sessions
from yidang.people.public import is_public
from yidang.ui.errors import respond
from yidang.ui.language import language_for

SAFE = {"GET", "HEAD", "OPTIONS", "TRACE"}
API = "/api/v1/"
# What a person whose password has expired may still open.
WITHOUT_PASSWORD = {"people:password", "people:sign_out", "ui:bundle", "ui:language"}


class SignedOut(NotAllowed):
    """Nobody is signed in, or the token is not known."""

    code = "signed_out"


class PasswordExpired(NotAllowed):
    """The owner has to choose a new password first."""

    code = "password_expired"


def caller_address(request: HttpRequest) -> str:
    """Where the call comes from; behind a proxy what the nearest proxy says, since only that one is ours."""
    if settings.BEHIND_PROXY:
        forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")[-1].strip()
        if forwarded:
            return forwarded[:45]
    return str(request.META.get("REMOTE_ADDR", ""))[:45]


class ActorMiddleware:
    """Sets ``request.actor``; asks strangers to sign in; keeps forms of other sites away from the API."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        address, now = caller_address(request), clock.now()
        request.actor = Actor.anonymous(address)
        request.must_change_password = False
        scheme, _blank, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            # A request with a token never uses the session as well: a browser cannot be made to send a token.
            request._dont_enforce_csrf_checks = True
            request.actor = clients.actor_of_token(token.strip(), address=address, now=now) or request.actor
        elif scheme.lower() == "ticket":
            # Neither does one with a filing ticket; the calls that take tickets read it themselves.
            request._dont_enforce_csrf_checks = True
        elif found := sessions.find(request, address=address, now=now):
            request.actor, user = found
            request.must_change_password = passwords.must_change(user, now=now)
        self._speak(request)
        return self.get_response(request)

    @staticmethod
    def _speak(request: HttpRequest) -> None:
        """The person's own language, where this browser has not chosen one."""
        actor: Actor = request.actor
        if actor.kind == "person" and not request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME):
            translation.activate(actor.language)
        elif actor.kind == "client":
            translation.activate(language_for(request))

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        """Ask for a sign-in, then for a new password where one is due, then for the form's token."""
        actor: Actor = request.actor
        name = request.resolver_match.view_name if request.resolver_match else ""
        if not actor.is_signed_in:
            # The API's calls ask by themselves, because some take a ticket instead of a sign-in.
            if is_public(view, name) or _is_call(request, name):
                return None
            return self._stranger(request)
        if request.must_change_password and name not in WITHOUT_PASSWORD:
            return self._new_password(request)
        if actor.kind == "person" and getattr(view, "csrf_exempt", False) and request.method not in SAFE:
            return _CsrfOfCalls(self.get_response).process_view(request, _not_exempt, (), {})
        return None

    @staticmethod
    def _stranger(request: HttpRequest) -> HttpResponse:
        if not passwords.anybody_there():
            return HttpResponseRedirect(reverse("people:first_start"))
        return respond(request, signed_out())

    @staticmethod
    def _new_password(request: HttpRequest) -> HttpResponse:
        if request.path.startswith("/api/"):
            error = PasswordExpired(_("Your password has expired."), remedy=_("Choose a new one at /password/ first."))
            return respond(request, error)
        if request.headers.get("HX-Request"):
            response = HttpResponse(status=401)
            response["HX-Redirect"] = reverse("people:password")
            return response
        return HttpResponseRedirect(reverse("people:password"))


def signed_out() -> SignedOut:
    """The refusal for a caller who is not known."""
    return SignedOut(
        _("Nobody is signed in."), remedy=_("Sign in, or send a valid token as «Authorization: Bearer …».")
    )


def signed_in(request: HttpRequest) -> Actor:
    """The API's question who calls, for ``NinjaAPI(auth=signed_in)``.

    :raises SignedOut: no session and no valid token
    """
    actor: Actor = request.actor
    if not actor.is_signed_in:
        raise signed_out()
    return actor


def _is_call(request: HttpRequest, name: str) -> bool:
    return request.path.startswith(API) and name.startswith("api:")


def _not_exempt(*_args: Any) -> HttpResponse:
    """Stands for the view when the form's token is asked, because the API's views are exempt as such."""
    raise NotImplementedError


class _CsrfOfCalls(CsrfViewMiddleware):
    """The form's token asked of API calls that come with a browser's session."""
