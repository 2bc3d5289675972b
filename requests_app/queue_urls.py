from django.urls import path

from requests_app import views

app_name = "queue"
urlpatterns = [path("", views.queue, name="list")]
