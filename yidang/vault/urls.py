"""Addresses of custody."""

from django.urls import path

from yidang.vault import views

app_name = "vault"
urlpatterns = [
    path("custody/", views.custody, name="custody"),
    path("custody/scrubs/", views.scrubs, name="scrubs"),
    path("custody/repairs/", views.repairs, name="repairs"),
    path("custody/check/", views.check, name="check"),
]
