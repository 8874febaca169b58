"""Addresses of records and their pages."""

from django.urls import path

from yidang.access import print_views, trace_views, views

app_name = "access"
urlpatterns = [
    path("records/<uuid:public_id>/", views.record, name="record"),
    path("records/<uuid:public_id>/hits/", views.hits, name="hits"),
    path("records/<uuid:public_id>/documents/<int:number>/pages/<int:page>/", views.page_image, name="page"),
    path("records/<uuid:public_id>/documents/<int:number>/content/", views.content, name="content"),
    path("records/<uuid:public_id>/documents/<int:number>/print/", print_views.ask, name="print"),
    path("prints/<uuid:public_id>/", print_views.fetch, name="printout"),
    path("tracing/", trace_views.trace, name="trace"),
]
