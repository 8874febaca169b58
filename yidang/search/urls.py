"""Addresses of search."""

from django.urls import path

from yidang.search import views

app_name = "search"
urlpatterns = [
    path("search/", views.results, name="results"),
    path("search/suggest/", views.suggestions, name="suggest"),
    path("search/preview/<uuid:public_id>/", views.preview, name="preview"),
    path("search/export/", views.export, name="export"),
    path("search/saved/", views.saved, name="saved"),
    path("search/saved/new/", views.save, name="save"),
    path("search/saved/<uuid:public_id>/remove/", views.remove_saved, name="remove_saved"),
]
