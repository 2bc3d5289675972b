from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("orbitrage.site_urls")),
    path("requests/", include("requests_app.urls")),
    path("queue/", include("requests_app.queue_urls")),
    path("", include("eligibility.urls")),
    path("quotas/", include("quotas.urls")),
    path("licences/", include("licences.urls")),
    path("catalogue/", include("catalogue.urls")),
    path("accounts/", include("allauth.account.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("admin/", admin.site.urls),
]
