"""The API: the routers of all packages under one address, problems by one table, and its own description."""

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema

from yidang.people.middleware import signed_in
from yidang.ui.problems import install_on

PACKAGES = [
    "people",
    "permissions",
    "audit",
    "jobs",
    "vault",
    "catalogue",
    "search",
    "digitisation",
    "access",
    "intake",
    "continuity",
    "desk",
]
METHODS = ("get", "post", "put", "patch", "delete")

api = NinjaAPI(
    title="Yidang 医档",
    version="1",
    description="The archive of a hospital: file, find, read. Errors are RFC 9457 problem documents.",
    auth=signed_in,
    urls_namespace="api",
    docs_url=None,
    openapi_url=None,
)
install_on(api)
for _package in PACKAGES:
    if find_spec(f"yidang.{_package}") and find_spec(f"yidang.{_package}.api"):
        api.add_router("", import_module(f"yidang.{_package}.api").router)


def schema() -> OpenAPISchema:
    """The OpenAPI 3.1 document."""
    document = api.get_openapi_schema(path_prefix="/api/v1/")
    document.setdefault("components", {})["securitySchemes"] = {
        "token": {"type": "http", "scheme": "bearer", "description": "A token of an API client."},
        "session": {"type": "apiKey", "in": "cookie", "name": "yidang_session"},
    }
    document["security"] = [{"token": []}, {"session": []}]
    for path in document["paths"].values():
        for operation in path.values():
            operation.pop("security", None)
            operation["responses"].setdefault(
                "default",
                {"description": "A problem document (RFC 9457)", "content": {"application/problem+json": {}}},
            )
    return document


@require_GET
def openapi(request: HttpRequest) -> HttpResponse:
    """The description for programs."""
    return JsonResponse(schema(), json_dumps_params={"ensure_ascii": False})


@require_GET
def docs(request: HttpRequest) -> HttpResponse:
    """The description for people: every call with its parameters, from the same document, with nothing from outside."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for path, operations in schema()["paths"].items():
        for method in METHODS:
            if method in operations:
                call = {**operations[method], "path": path, "method": method.upper()}
                groups.setdefault(call.get("tags", ["other"])[0], []).append(call)
    return render(request, "people/api_docs.html", {"groups": groups})
