from django.urls import path

from quotas import views

app_name = "quotas"

urlpatterns = [
    path("", views.envelope_list, name="list"),
    path("<int:pk>/", views.statement, name="statement"),
    path("<int:pk>/statement.csv", views.statement_csv, name="statement_csv"),
]
