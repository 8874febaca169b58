"""Addresses of search."""

from django.urls import path

from yidang.search import keeping_views, views

app_name = "search"
urlpatterns = [
    path("search/", views.results, name="results"),
    path("search/suggest/", views.suggestions, name="suggest"),
    path("search/preview/<uuid:public_id>/", views.preview, name="preview"),
    path("search/export/", views.export, name="export"),
    path("search/saved/", keeping_views.saved, name="saved"),
    path("search/saved/new/", keeping_views.save, name="save"),
    path("search/saved/<uuid:public_id>/", keeping_views.open_saved, name="open_saved"),
    path("search/saved/<uuid:public_id>/follow/", keeping_views.follow, name="follow"),
    path("search/saved/<uuid:public_id>/remove/", keeping_views.remove_saved, name="remove_saved"),
    path("favourites/", keeping_views.favourites, name="favourites"),
    path("favourites/<uuid:public_id>/", keeping_views.keep, name="keep"),
    path("favourites/<uuid:public_id>/remove/", keeping_views.drop, name="drop"),
]
