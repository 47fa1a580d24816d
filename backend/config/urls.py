"""Every address of Tandem."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path

from backend.config import health

handler429 = "backend.web.public.pages.too_many_requests"  # asked for by allauth

# One door, with its limits: the admin's own sign-in form leads to ours.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("admin/", admin.site.urls),
    path("compte/", include("backend.config.account_urls")),
    path("api/v1/", include("backend.api.urls")),
    path("", include("backend.web.urls")),
]
