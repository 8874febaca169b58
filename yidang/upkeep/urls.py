"""Addresses of the program's figures and health."""

from django.urls import path

from yidang.upkeep import metrics

app_name = "upkeep"
urlpatterns = [
    path("metrics", metrics.metrics, name="metrics"),
]
