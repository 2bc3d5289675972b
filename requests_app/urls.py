from django.urls import path

from requests_app import views

app_name = "requests"
urlpatterns = [
    path("", views.request_index, name="list"),
    path("list.<slug:extension>", views.list_file, name="list_file"),
    path("new/", views.new, name="new"),
    path("area/", views.read_area, name="read_area"),
    path("places/", views.places, name="places"),
    path("open-data/", views.open_data, name="open_data"),
    path("panel/", views.panel, name="panel"),
    path("rest/", views.take_remaining, name="rest"),
    path("choices/", views.choices, name="choices"),
    path("forms/", views.keep_form, name="keep_form"),
    path("forms/<uuid:key>/give-up/", views.give_up_form, name="give_up_form"),
    path("<slug:number>/", views.detail, name="detail"),
    path("<slug:number>/edit/", views.edit, name="edit"),
    path("<slug:number>/panel/", views.panel_of_change, name="panel_of_change"),
    path("<slug:number>/rest/", views.take_remaining_of_change, name="rest_of_change"),
    path("<slug:number>/explanation.json", views.explanation, name="explanation"),
    path("<slug:number>/copy/", views.copy, name="copy"),
    path("<slug:number>/order.geojson", views.order_area, name="order_area"),
    path("<slug:number>/messages/", views.messages_page, name="messages"),
    path("<slug:number>/attachments/<uuid:key>/", views.attachment, name="attachment"),
    path("<slug:number>/do/<slug:transition>/", views.move, name="move"),
]
