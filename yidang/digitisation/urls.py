"""Addresses of the page about texts."""

from django.urls import path

from yidang.digitisation import views

app_name = "digitisation"
urlpatterns = [
    path("texts/", views.home, name="home"),
    path("texts/findings/", views.findings, name="findings"),
    path("texts/findings/<int:number>/settlement/", views.settlement, name="settlement"),
    path("texts/<int:number>/again/", views.again, name="again"),
]
