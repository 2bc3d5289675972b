from django.urls import path

from quotas import views

app_name = "quotas"

urlpatterns = [
    path("", views.envelope_list, name="list"),
    path("acts/", views.act_list, name="acts"),
    path("acts/<int:pk>/", views.act_lines, name="act_lines"),
    path("acts/<int:pk>/confirm/", views.confirm_act, name="confirm_act"),
    path("acts/<int:pk>/withdraw/", views.withdraw_act, name="withdraw_act"),
    path("revisions/", views.revision_list, name="revisions"),
    path("revisions/new/<slug:sensor>/", views.revision_new, name="revision_new"),
    path("revisions/<int:pk>/", views.revision, name="revision"),
    path("revisions/<int:pk>/edit/", views.revision_edit, name="revision_edit"),
    path("revisions/<int:pk>/publish/", views.publish_revision, name="publish_revision"),
    path("revisions/<int:pk>/withdraw/", views.withdraw_revision, name="withdraw_revision"),
    path("quotations/", views.quotation_list, name="quotations"),
    path("quotations/<slug:number>/", views.quotation, name="quotation"),
    path("quotations/<slug:number>/references/", views.record_references, name="record_references"),
    path("quotations/<slug:number>/accept/", views.accept_package, name="accept_package"),
    path("quotations/<slug:number>/<slug:language>.pdf", views.quotation_pdf, name="quotation_pdf"),
    path("packages/", views.packages, name="packages"),
    path("<int:pk>/", views.statement, name="statement"),
    path("<int:pk>/act/<slug:kind>/", views.act, name="act"),
    path("<int:pk>/statement.<slug:extension>", views.statement_file, name="statement_file"),
    path("grants/", views.grant_file, name="grant_file"),
    path("grants/apply/", views.apply_grants, name="apply_grants"),
    path("grants/template.csv", views.grant_template, name="grant_template"),
    path("held/", views.held, name="held"),
    path("entities/<int:pk>/", views.entity_statement, name="entity_statement"),
    path("entities/<int:pk>/statement.<slug:extension>", views.entity_file, name="entity_file"),
    path("cells/<int:pk>/", views.cell_statement, name="cell_statement"),
    path("cells/<int:pk>/statement.<slug:extension>", views.cell_file, name="cell_file"),
]
