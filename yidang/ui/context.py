"""What every page's shell needs: who looks, the rail, the theme, the language; computed only when a template asks."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import Resolver404, resolve
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language

from yidang.common import standstill
from yidang.common.actor import Actor
from yidang.ui import navigation
from yidang.ui.toasts import waiting_toasts

THEME_COOKIE = "yidang_theme"
HTML_LANG = {"zh-hans": "zh-Hans", "en": "en"}
# Each language names itself, whatever the language of the page: what is said aloud begins with the visible word.
SWITCH = {"en": ("EN", "EN: switch to English"), "zh-hans": ("中文", "中文：切换到中文")}


def actor_of(request: HttpRequest) -> Actor:
    """The request's actor; nobody, where the middleware that finds out has not run."""
    return getattr(request, "actor", None) or Actor.anonymous(request.META.get("REMOTE_ADDR", ""))


def _exists(path: str) -> bool:
    try:
        resolve(path)
    except Resolver404:
        return False
    return True


def _address_if_there(path: str) -> Any:
    return SimpleLazyObject(lambda: path if _exists(path) else "")


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor; everything that costs something is lazy, so that an error page can do without."""
    theme = request.COOKIES.get(THEME_COOKIE, "")
    entries = SimpleLazyObject(lambda: navigation.entries(actor_of(request), request.path))
    rail = SimpleLazyObject(lambda: navigation.rail(entries))
    language = get_language() or settings.LANGUAGE_CODE
    other = "en" if language != "en" else "zh-hans"
    return {
        "actor": SimpleLazyObject(lambda: actor_of(request)),
        "stands_still": SimpleLazyObject(lambda: not standstill.takes_new()),
        "hospital_name": getattr(settings, "HOSPITAL_NAME", ""),
        "theme": theme if theme in {"light", "dark"} else "",
        "html_lang": HTML_LANG.get(language, language),
        "other_language": other,
        "other_lang": HTML_LANG[other],
        "other_word": SWITCH[other][0],
        "other_label": SWITCH[other][1],
        "rail_more": SimpleLazyObject(lambda: navigation.more_of(rail)),
        "rail_entries": rail,
        "bar_entries": SimpleLazyObject(lambda: [entry for entry in entries if entry.place == "bar"]),
        "toasts": SimpleLazyObject(lambda: waiting_toasts(request)),
        "search_url": _address_if_there("/search/"),
        "sign_out_url": _address_if_there("/sign-out/"),
        "sign_in_url": _address_if_there(getattr(settings, "LOGIN_URL", "/sign-in/")),
        "password_url": _address_if_there("/password/"),
    }
