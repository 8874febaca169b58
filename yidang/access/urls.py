"""Addresses of records and their pages."""

from django.urls import path

from yidang.access import views

app_name = "access"
urlpatterns = [
    path("records/<uuid:public_id>/", views.record, name="record"),
    path("records/<uuid:public_id>/hits/", views.hits, name="hits"),
    path("records/<uuid:public_id>/documents/<int:number>/pages/<int:page>/", views.page_image, name="page"),
    path("records/<uuid:public_id>/documents/<int:number>/content/", views.content, name="content"),
]
