"""The addresses that these tests need, whatever else is installed."""

from django.urls import include, path
from ninja import NinjaAPI

from yidang.search.api import router
from yidang.ui.problems import install_on

api = NinjaAPI(urls_namespace="search-tests")
install_on(api)
api.add_router("", router)

urlpatterns = [path("", include("yidang.ui.urls")), path("", include("yidang.search.urls")), path("api/v1/", api.urls)]
