"""Addresses of the shell alone, with what its pages link to."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import include, path
from django.views.decorators.http import require_POST

from yidang.common.errors import InvalidInput, NotAllowed, Unavailable


def search(request: HttpRequest) -> HttpResponse:
    return render(request, "ui/patterns.html", __import__("yidang.ui.samples", fromlist=["context"]).context(request))


def sign_in(request: HttpRequest) -> HttpResponse:
    return render(request, "ui/signin.html", {"username": request.POST.get("username", "")})


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


def raises(request: HttpRequest, kind: str) -> HttpResponse:
    raise {
        "input": InvalidInput("题名是空的。", field="title", remedy="请填写题名。"),
        "allowed": NotAllowed(),
        "unavailable": Unavailable(),
        "fault": RuntimeError("/srv/secret/path"),
    }[kind]


urlpatterns = [
    path("", include("yidang.ui.urls")),
    path("search/", search, name="search"),
    path("filing/", search, name="filing"),
    path("sign-in/", sign_in),
    path("sign-out/", sign_out),
    path("raise/<str:kind>/", raises),
    path("api/v1/raise/<str:kind>/", raises),
]
handler404 = "yidang.ui.errors.handler404"
handler500 = "yidang.ui.errors.handler500"
