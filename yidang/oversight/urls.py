"""Addresses of alarms."""

from django.urls import path

from yidang.oversight import views

app_name = "oversight"
urlpatterns = [
    path("alarms/", views.alarms, name="alarms"),
    path("alarms/departures/", views.depart, name="depart"),
    path("alarms/departures/<int:number>/withdraw/", views.stay, name="stay"),
    path("alarms/<uuid:public_id>/", views.alarm, name="alarm"),
]
