"""Addresses of signing off."""

from django.urls import path

from yidang.approval import arranging_views, design_views, link_views, mending_views, views

app_name = "approval"
urlpatterns = [
    path("signing/", views.queue, name="queue"),
    path("signing/batch/", views.batch, name="batch"),
    path("signing/deputies/", arranging_views.deputies, name="deputies"),
    path("signing/deputies/<int:delegation_id>/end/", arranging_views.end_deputy, name="end_deputy"),
    path("signing/watch/", arranging_views.watch, name="watch"),
    path("signing/times/", arranging_views.times, name="times"),
    path("signing/routes/", design_views.routes, name="routes"),
    path("signing/routes/<slug:kind>/<slug:key>/", design_views.route, name="route"),
    path("signing/waiting/", mending_views.waiting, name="waiting"),
    path("signing/waiting/<int:seat_id>/reassign/", mending_views.reassign, name="reassign"),
    path("signing/calendar/", mending_views.calendar, name="calendar"),
    path("signing/<uuid:public_id>/take-back/", mending_views.take_back, name="take_back"),
    path("signing/<uuid:public_id>/", views.case, name="case"),
    path("signing/<uuid:public_id>/decide/", views.decide, name="decide"),
    path("signing/<uuid:public_id>/countersign/", views.countersign, name="countersign"),
    path("sign/<str:token>/", link_views.link, name="link"),
]
