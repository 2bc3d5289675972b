from django.urls import path

from notices import views

app_name = "notices"
urlpatterns = [
    path("", views.notice_list, name="list"),
    path("read/", views.read_all, name="read_all"),
    path("<int:pk>/read/", views.read, name="read"),
    path("preferences/", views.preferences, name="preferences"),
    path("calendar/", views.calendar, name="calendar"),
    path("calendar/end/", views.end_calendar, name="calendar_end"),
    path("calendar/<str:token>.ics", views.calendar_feed, name="calendar_feed"),
    path("copies/requests/<slug:number>/", views.request_copies, name="request_copies"),
    path("copies/entities/<int:pk>/", views.entity_copies, name="entity_copies"),
    path("copies/<int:pk>/end/", views.end_copy, name="copy_end"),
    path("copies/confirm/<str:token>/", views.confirm_copy, name="copy_confirm"),
    path("copies/stop/<str:token>/", views.stop_copy, name="copy_stop"),
]
