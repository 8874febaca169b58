"""Addresses of the shell itself."""

from django.urls import path

from yidang.ui import bundles, language, views

app_name = "ui"
urlpatterns = [
    path("assets/<str:digest>/shell.<str:kind>", bundles.serve, name="bundle"),
    path("language/", language.set_language, name="language"),
    path("columns/", views.choose_columns, name="columns"),
    path("patterns/", views.patterns, name="patterns"),
]
