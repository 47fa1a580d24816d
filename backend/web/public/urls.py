"""Pages that anybody may open."""

from django.urls import path

from backend.web.public import certificates, demonstration, joining, pages, paper, referentials

urlpatterns = [
    path("", pages.home, name="home"),
    path("aide/", pages.show_help, name="help"),
    path("accessibilite/", pages.accessibility, name="accessibility"),
    path("mentions-legales/", pages.legal, name="legal"),
    path("vie-privee/", pages.privacy, name="privacy"),
    path("favicon.ico", pages.favicon, name="favicon"),
    path("robots.txt", pages.robots, name="robots"),
    path("invitation/<str:token>/", joining.show_invitation, name="invitation"),
    path("connexion/<str:secret>/", paper.sign_in_on_paper, name="sign_in_on_paper"),
    path("courriels/", demonstration.list_mails, name="demonstration_mails"),
    path("courriels/<slug:name>/", demonstration.show_mail, name="demonstration_mail"),
    path("verifier/", certificates.ask_number, name="certificate_form"),
    path("verifier/<str:number>/", certificates.check_certificate, name="certificate"),
    path("referentiels/", referentials.list_frameworks, name="referentials"),
    path("referentiels/capacites/<str:key>/", referentials.show_capacity, name="capacity"),
    path("referentiels/<slug:slug>/", referentials.show_framework, name="framework"),
]
