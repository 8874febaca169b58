"""Addresses of permissions."""

from django.urls import path

from yidang.permissions import views

app_name = "permissions"
urlpatterns = [path("permissions/explain/", views.explain, name="explain")]
