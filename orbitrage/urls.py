from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path

from orbitrage import api

# One sign-in for all, with its limits on attempts and its checks of the address.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

urlpatterns = [
    path("", include("orbitrage.site_urls")),
    path("notices/", include("notices.urls")),
    path("requests/", include("requests_app.urls")),
    path("queue/", include("requests_app.queue_urls")),
    path("", include("eligibility.urls")),
    path("quotas/", include("quotas.urls")),
    path("licences/", include("licences.urls")),
    path("catalogue/", include("catalogue.urls")),
    path("api/", api.page, name="api"),
    path("api/v1/openapi.json", api.openapi, name="openapi"),
    path("api/v1/", api.api.urls),
    path("accounts/", include("allauth.account.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("admin/", admin.site.urls),
]
