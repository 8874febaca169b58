"""Addresses of the program's figures and health."""

from django.urls import path

from yidang.upkeep import metrics, readiness, views

app_name = "upkeep"
urlpatterns = [
    path("health/", views.page, name="health"),
    path("health/bundles/", views.bundles, name="bundles"),
    path("health/looks/", views.looks, name="looks"),
    path("readyz", readiness.readyz, name="readyz"),
    path("metrics", metrics.metrics, name="metrics"),
]
