"""Addresses of the shell itself."""

from django.urls import path

from yidang.ui import language, views

app_name = "ui"
urlpatterns = [
    path("language/", language.set_language, name="language"),
    path("columns/", views.choose_columns, name="columns"),
    path("patterns/", views.patterns, name="patterns"),
]
