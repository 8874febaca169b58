"""Addresses of alarms and of rights."""

from django.urls import path

from yidang.oversight import review_views, rights_views, session_views, views

app_name = "oversight"
urlpatterns = [
    path("alarms/", views.alarms, name="alarms"),
    path("alarms/departures/", views.depart, name="depart"),
    path("alarms/departures/<int:number>/withdraw/", views.stay, name="stay"),
    path("alarms/<uuid:public_id>/", views.alarm, name="alarm"),
    path("online/", session_views.online, name="online"),
    path("online/<int:number>/end/", session_views.end, name="end_session"),
    path("rights/", rights_views.numbers, name="numbers"),
    path("rights/count/", rights_views.count, name="count_rights"),
    path("rights/unused/", rights_views.unused, name="unused"),
    path("rights/unused/<uuid:public_id>/end/", rights_views.end, name="end_unused"),
    path("rights/reviews/", review_views.reviews, name="reviews"),
    path("rights/reviews/<uuid:public_id>/", review_views.review, name="review"),
    path("rights/reviews/<uuid:public_id>/closing/", review_views.close, name="close_review"),
    path("rights/reviews/<uuid:public_id>/result/", review_views.result, name="review_result"),
]
