from django.urls import path

from licences.views import administration, checking, deciding, reading, signing

app_name = "licences"

urlpatterns = [
    path("", reading.licence_list, name="list"),
    path("verify/", checking.verify_form, name="verify_form"),
    path("verify/file/", checking.verify_file, name="verify_file"),
    path("verify/<slug:number>/", checking.verify, name="verify"),
    path("sign/<str:token>/", signing.sign, name="sign"),
    path("list.<slug:extension>", reading.list_file, name="list_file"),
    path("texts/", administration.texts, name="texts"),
    path(
        "texts/<slug:kind>/<slug:version>/<slug:language>/",
        administration.specimen,
        name="specimen",
    ),
    path(
        "texts/<slug:kind>/<slug:version>/",
        administration.text_changes,
        name="text_changes",
    ),
    path("renewals/new/", administration.renew_all, name="renewals_new"),
    path("renewals/<int:pk>/", administration.renewals, name="renewals"),
    path("regions/new/", administration.open_region, name="region_new"),
    path("<slug:number>/signature-link/", signing.send_link, name="send_link"),
    path("<slug:number>/print-again/", administration.print_again, name="print_again"),
    path("<slug:number>/revoke/", deciding.revoke, name="revoke"),
    path("<slug:number>/renew/", deciding.renew, name="renew"),
    path("<slug:number>/", reading.licence_detail, name="detail"),
    path("<slug:number>/<slug:language>/", reading.download, name="download"),
]
