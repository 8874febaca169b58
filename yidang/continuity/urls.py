"""Addresses of backups, drills and the register of formats."""

from django.urls import path

from yidang.continuity import converting_views, pack_views, views

app_name = "continuity"
urlpatterns = [
    path("continuity/", views.home, name="home"),
    path("continuity/backups/", views.backups, name="backups"),
    path("continuity/drills/", views.drills, name="drills"),
    path("continuity/drills/<int:number>/", views.report, name="report"),
    path("continuity/way-back/", views.way_back, name="way_back"),
    path("continuity/formats/", views.held, name="formats"),
    path("continuity/formats/<int:number>/", views.judgement, name="judgement"),
    path("continuity/formats/<int:number>/conversion/", converting_views.conversion, name="conversion"),
    path("continuity/conversions/", converting_views.conversions, name="conversions"),
    path("continuity/conversions/<int:number>/", converting_views.plan, name="plan"),
    path("continuity/conversions/<int:number>/stop/", converting_views.stopping, name="stopping"),
    path("continuity/conversions/<int:number>/resume/", converting_views.resuming, name="resuming"),
    path("continuity/packs/", pack_views.packs_made, name="packs"),
    path("continuity/packs/new/", pack_views.new, name="new_pack"),
    path("continuity/packs/<int:number>/file/", pack_views.file, name="pack_file"),
    path("continuity/records/<uuid:public_id>/conversion/", converting_views.of_record, name="of_record"),
]
