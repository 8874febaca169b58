"""Addresses: each package brings its own; this file only says where they hang."""

from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path

PACKAGES = [
    "ui",
    "people",
    "permissions",
    "approval",
    "audit",
    "jobs",
    "vault",
    "catalogue",
    "search",
    "digitisation",
    "access",
    "oversight",
    "intake",
    "continuity",
    "upkeep",
    "desk",
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include(f"yidang.{name}.urls"))
    for name in PACKAGES
    if find_spec(f"yidang.{name}") and find_spec(f"yidang.{name}.urls")
]
if find_spec("config.api"):
    from config import api as calls

    urlpatterns += [
        path("api/v1/openapi.json", calls.openapi, name="openapi"),
        path("api/v1/docs", calls.docs, name="docs"),
        path("api/v1/", calls.api.urls),
    ]

handler400 = "yidang.ui.errors.handler400"
handler403 = "yidang.ui.errors.handler403"
handler404 = "yidang.ui.errors.handler404"
handler500 = "yidang.ui.errors.handler500"
