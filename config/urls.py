"""Addresses: each package brings its own; this file only says where they hang."""

from importlib.util import find_spec

from django.urls import include, path

PACKAGES = ["ui", "people", "permissions", "audit", "jobs", "vault", "catalogue", "search", "digitisation", "access", "intake", "desk"]

urlpatterns = [
    path("", include(f"yidang.{name}.urls"))
    for name in PACKAGES
    if find_spec(f"yidang.{name}") and find_spec(f"yidang.{name}.urls")
]
if find_spec("config.api"):
    from config.api import api

    urlpatterns.append(path("api/v1/", api.urls))

handler400 = "yidang.ui.errors.handler400"
handler403 = "yidang.ui.errors.handler403"
handler404 = "yidang.ui.errors.handler404"
handler500 = "yidang.ui.errors.handler500"
