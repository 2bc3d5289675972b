from django.urls import path

from catalogue import views

app_name = "catalogue"

urlpatterns = [
    path("", views.item_list, name="list"),
    path("<int:pk>/", views.item_detail, name="detail"),
]
