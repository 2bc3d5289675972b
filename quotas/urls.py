from django.urls import path

from quotas import views

app_name = "quotas"

urlpatterns = [
    path("", views.envelope_list, name="list"),
    path("acts/", views.act_list, name="acts"),
    path("acts/<int:pk>/confirm/", views.confirm_act, name="confirm_act"),
    path("acts/<int:pk>/withdraw/", views.withdraw_act, name="withdraw_act"),
    path("<int:pk>/", views.statement, name="statement"),
    path("<int:pk>/act/<slug:kind>/", views.act, name="act"),
    path("<int:pk>/statement.csv", views.statement_csv, name="statement_csv"),
]
