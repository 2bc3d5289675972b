"""Included at the root: the profile lives among the account pages, in this namespace."""

from django.urls import path

from eligibility import views

app_name = "eligibility"

urlpatterns = [
    path("eligibility/", views.rules, name="rules"),
    path("eligibility/join/", views.join, name="join"),
    path("eligibility/entities/new/", views.register_entity, name="entity_register"),
    path("eligibility/entities/<int:pk>/", views.entity, name="entity"),
    path(
        "eligibility/entities/<int:pk>/memberships/new/",
        views.start_membership,
        name="membership_start",
    ),
    path(
        "eligibility/entities/<int:pk>/terms/<int:terms_pk>/",
        views.entity_terms,
        name="entity_terms",
    ),
    path("eligibility/terms/<int:pk>/", views.terms, name="terms"),
    path(
        "eligibility/affiliations/<int:pk>/activate/",
        views.activate_affiliation,
        name="affiliation_activate",
    ),
    path("eligibility/affiliations/<int:pk>/end/", views.end_affiliation, name="affiliation_end"),
    path(
        "eligibility/memberships/<int:pk>/suspend/",
        views.suspend_membership,
        name="membership_suspend",
    ),
    path(
        "eligibility/memberships/<int:pk>/reinstate/",
        views.reinstate_membership,
        name="membership_reinstate",
    ),
    path("eligibility/demo-sign-in/", views.demo_sign_in, name="demo_sign_in"),
    path("accounts/profile/", views.profile, name="profile"),
    path("accounts/tokens/", views.tokens, name="tokens"),
    path("accounts/tokens/new/", views.new_token, name="token_new"),
    path("accounts/tokens/<int:pk>/end/", views.end_token, name="token_end"),
]
