"""The first page."""

from django.urls import path

from yidang.desk import views

app_name = "desk"
urlpatterns = [path("", views.home, name="home")]
