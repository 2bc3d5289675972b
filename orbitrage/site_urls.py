"""The pages that belong to no app, and the two probes. Included at the root."""

from django.urls import path

from orbitrage import views

urlpatterns = [
    path("", views.home, name="home"),
    path("contact/", views.contact, name="contact"),
    path("emergency/", views.emergency, name="emergency"),
    path("legal/", views.legal, name="legal"),
    path("privacy/", views.privacy, name="privacy"),
    path("accessibility/", views.accessibility, name="accessibility"),
    path("entities/<int:pk>/territory/", views.entity_territory, name="entity_territory"),
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("styleguide/", views.styleguide, name="styleguide"),
]
