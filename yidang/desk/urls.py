"""The first page."""

from django.urls import path

from yidang.desk import leaving_views, views

app_name = "desk"
urlpatterns = [
    path("", views.home, name="home"),
    path("accounts/<uuid:public_id>/leaving/", leaving_views.leaving, name="leaving"),
]
