"""Pages of everybody signed in."""

from django.urls import path

from backend.web.shared import (
    availability,
    conversations,
    guides,
    identity_pages,
    notifications,
    people,
    points,
    profile,
    sessions,
    welcome,
)

urlpatterns = [
    path("accueil/", welcome.welcome, name="welcome"),
    path("seances/", sessions.list_sessions, name="sessions"),
    path("seances/<int:session_id>/", sessions.show_session, name="session"),
    path("messages/", conversations.list_conversations, name="conversations"),
    path("messages/<int:conversation_id>/", conversations.show_conversation, name="conversation"),
    path("mes-disponibilites/", availability.show_availability, name="availability"),
    path("mes-points/", points.show_points, name="points"),
    path("nouvelles/", notifications.show_notifications, name="notifications"),
    path("personnes/<int:person_id>/", people.show_person, name="person"),
    path("en-45-minutes/", guides.list_guides, name="guides"),
    path("en-45-minutes/<slug:slug>/", guides.show_guide, name="guide"),
    path("en-45-minutes/<slug:slug>/modifier/", guides.edit_guide, name="guide_edit"),
    path("en-45-minutes/<slug:slug>/versions/", guides.list_versions, name="guide_versions"),
    path("en-45-minutes/<slug:slug>/versions/<int:number>/", guides.show_version, name="guide_version"),
    path("profil/", profile.show_profile, name="profile"),
    path("profil/modifier/", identity_pages.edit_profile, name="edit_profile"),
    path("profil/quitter/<int:membership_id>/", identity_pages.leave, name="leave_network"),
]
