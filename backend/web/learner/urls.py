"""Pages of whoever asks for help."""

from django.urls import path

from backend.web.learner import ask, entering, find_now, positioning, requests

PERSON = "demander/pour/<int:membership_id>/"

urlpatterns = [
    path("ou-j-en-suis/", positioning.choose_framework, name="positioning"),
    path("ou-j-en-suis/<slug:slug>/", positioning.show_standing, name="standing"),
    path("ou-j-en-suis/<slug:slug>/<int:position>/", positioning.answer_domain, name="positioning_domain"),
    path("demander/", ask.choose_subject, name="ask"),
    path("demander/situation/<slug:phrase>/", ask.ask_about_phrase, name="ask_phrase"),
    path("demander/capacite/<str:key>/", ask.ask_about_capacity, name="ask_capacity"),
    path("demander/pour/", entering.choose_person, name="ask_for"),
    path(PERSON, entering.choose_subject, name="ask_for_person"),
    path(f"{PERSON}situation/<slug:phrase>/", entering.ask_about_phrase, name="ask_for_phrase"),
    path(f"{PERSON}capacite/<str:key>/", entering.ask_about_capacity, name="ask_for_capacity"),
    path("mes-demandes/", requests.list_my_requests, name="requests"),
    path("mes-demandes/<int:request_id>/", requests.show_request, name="request"),
    path("mes-demandes/<int:request_id>/trouver/", find_now.find_now, name="find_now"),
    path("mes-demandes/<int:request_id>/modifier/", requests.change_my_request, name="request_change"),
]
