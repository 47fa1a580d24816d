"""The pages, one include for each kind of person."""

from django.urls import include, path

urlpatterns = [
    path("", include("backend.web.shared.urls")),
    path("", include("backend.web.learner.urls")),
    path("", include("backend.web.tutor.urls")),
    path("", include("backend.web.coordinator.urls")),
    path("", include("backend.web.public.urls")),
]
