from django.urls import path

from licences import views

app_name = "licences"

urlpatterns = [
    path("", views.licence_list, name="list"),
    path("verify/", views.verify_form, name="verify_form"),
    path("verify/file/", views.verify_file, name="verify_file"),
    path("verify/<slug:number>/", views.verify, name="verify"),
    path("sign/<str:token>/", views.sign, name="sign"),
    path("<slug:number>/signature-link/", views.send_link, name="send_link"),
    path("<slug:number>/", views.licence_detail, name="detail"),
    path("<slug:number>/<slug:language>/", views.download, name="download"),
]
