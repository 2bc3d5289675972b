import datetime as dt
from decimal import Decimal
import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from quotas import services
from tests.eligibility.factories import *
from tests.quotas.factories import *
from tests.quotas.test_ledger_selectors import dated, paris

@pytest.mark.django_db(transaction=True)
@pytest.mark.browser
def test_shots(live_server, page, client):
    from django.db import transaction
    per = {"period_starts_on": dt.date(2026,10,1), "period_ends_on": dt.date(2026,12,31)}
    prog = EnvelopeFactory(granted=10000, **per)
    ent = EntityFactory(name="Institut national de recherche pour l'agriculture, l'alimentation et l'environnement de Montpellier", acronym="")
    al = AllowanceFactory(entity=ent, granted=500, **per)
    b = AllowanceFactory(entity=ent, scope="budget", unit="eur", allotment="arbitrated", granted=812, **per)
    with transaction.atomic():
        for i, (n, km) in enumerate([("R2026-000101",60),("R2026-000102",120),("R2026-000103",45),("R2026-000104", 200)]):
            services.hold(amounts=[services.Amount(al.pk, Decimal(km)), services.Amount(prog.pk, Decimal(km*10))], cause=cause(n))
        services.consume_request(request_number="R2026-000101", cause=cause("R2026-000101"))
        services.consume_request(request_number="R2026-000102", cause=cause("R2026-000102"))
        services.refund_request(request_number="R2026-000101", cause=cause("R2026-000101"))
        services.record_demand(request_number="R2026-000105", plan=plan(free_line(11400, prog)))
        ids = list(__import__("quotas").models.LedgerEntry.objects.order_by("pk"))
        dated(*[paris("2026-10-02T09:00") + dt.timedelta(days=3*i) for i in range(len(ids))])
    user = ProgrammeRoleFactory().user
    client.force_login(user)
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": client.cookies[settings.SESSION_COOKIE_NAME].value, "url": live_server.url}])
    for w in (1280, 390):
        page.set_viewport_size({"width": w, "height": 900})
        for name, url in (("list", reverse("quotas:list")), ("statement", reverse("quotas:statement", args=[al.pk]))):
            page.goto(live_server.url + url)
            page.screenshot(path=f"/tmp/e_{name}_{w}.png", full_page=True)
            print(name, w, page.evaluate("document.documentElement.scrollWidth"))
