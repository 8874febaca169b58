"""Addresses of tasks and of the program's health."""

from django.urls import path

from yidang.jobs import health, views

app_name = "jobs"
urlpatterns = [
    path("tasks/", views.tasks, name="list"),
    path("tasks/<int:number>/again/", views.again, name="again"),
    path("tasks/<int:number>/cancellation/", views.cancellation, name="cancellation"),
    path("healthz", health.healthz, name="healthz"),
]
