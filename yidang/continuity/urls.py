"""Addresses of backups, drills and the register of formats."""

from django.urls import path

from yidang.continuity import views

app_name = "continuity"
urlpatterns = [
    path("continuity/", views.home, name="home"),
    path("continuity/backups/", views.backups, name="backups"),
    path("continuity/drills/", views.drills, name="drills"),
    path("continuity/drills/<int:number>/", views.report, name="report"),
    path("continuity/formats/", views.held, name="formats"),
    path("continuity/formats/<int:number>/", views.judgement, name="judgement"),
]
