"""Addresses of the log."""

from django.urls import path

from yidang.audit import views

app_name = "audit"
urlpatterns = [
    path("audit/", views.log, name="log"),
    path("audit/verification/", views.verification, name="verification"),
    path("audit/<int:seq>/", views.entry, name="entry"),
]
