"""The main job over one file without a browser: each step by its service, each figure printed."""

import re
from argparse import ArgumentParser
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone, translation
from pypdf import PdfReader

from eligibility.models import Cell, Sensor
from licences.models import Licence
from orbitrage.demonstration.people import People, found_entity
from orbitrage.demonstration.products import products_over
from orbitrage.outbox_handlers import HANDLERS
from orbitrage.shared import outbox
from orbitrage.shared.documents import files
from orbitrage.shared.errors import DomainError
from orbitrage.shared.models import OutboxMessage, OutboxState
from quotas.pricing import FundingPlan
from quotas.selectors import charged_km2, discrepancies
from requests_app.arbitration import services as arbitration
from requests_app.intake import services as intake
from requests_app.intake.selectors.preview import Preview, preview
from requests_app.intake.services import deliveries, offers
from requests_app.models import ImageryRequest
from requests_app.review import services as review
from requests_app.selectors import plan_of
from requests_app.supply import services as supply


@dataclass(frozen=True)
class Case:
    category: str
    sensor: str
    request_kind: str
    cell: str


CASES = {
    "pleiades-science-archive": Case(
        "scientific-public", "pleiades", "archive", "pleiades-science"
    ),
    "institution-tasking": Case("institutional", "pleiades", "tasking", "institutional"),
    "spot-science": Case("scientific-public", "spot67", "archive", "spot-science"),
}


class Command(BaseCommand):
    help = "Carries one request over FILE from the entity to the delivered images."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--case", choices=CASES, default="pleiades-science-archive")

    def handle(self, *_args: Any, **options: Any) -> None:
        self.step_number = 0
        with translation.override("en"):
            try:
                self.walk(options["file"], CASES[options["case"]])
            except DomainError as error:
                codes = ", ".join(error.codes)
                raise CommandError(f"refused ({codes}): {error}") from error
            except OSError as error:
                raise CommandError(str(error)) from error

    def say(self, what: str, **figures: object) -> None:
        self.step_number += 1
        shown = "; ".join(f"{name.replace('_', ' ')} {value}" for name, value in figures.items())
        self.stdout.write(f"{self.step_number:2d}. {what}" + (f": {shown}" if shown else ""))

    def walk(self, file: Path, case: Case) -> None:
        sensor, cell = Sensor.objects.get(code=case.sensor), Cell.objects.get(code=case.cell)
        people = found_entity(category=case.category, cell=cell, suffix=uuid4().hex[:8])
        self.say("Entity", name=people.entity.name, category=people.entity.category.name)
        request = self.ask(file, case, sensor, people)
        plan = self.decide(request, people)
        self.supply(request, people)
        self.compare(request, plan)

    def ask(self, file: Path, case: Case, sensor: Sensor, people: People) -> ImageryRequest:
        area = intake.keep_area(user=people.requester, data=file.read_bytes(), file_name=file.name)
        draft = intake.draft_of(
            user=people.requester,
            entity=people.entity,
            mandate=None,
            sensor=sensor,
            area=area,
            answers=answers(case.request_kind, file),
        )
        request = intake.create_draft(draft=draft, user=people.requester)
        self.say(
            "Area of interest",
            file=file.name,
            area_km2=area.area_km2,
            parts=area.geometry.num_geom,
            repaired="yes" if area.repaired else "no",
            to_the_operator_km2=request.operator_area_km2,
        )
        self.report(preview(request, user=people.requester, on=timezone.localdate()))
        request = intake.submit(request_id=request.pk, user=people.requester)
        if request.cell is None or request.cell.code != case.cell:
            raise CommandError(f"routed to {request.cell}, not to {case.cell}")
        self.say("Submitted", number=request.number, cell=request.cell.code)
        return request

    def report(self, seen: Preview) -> None:
        self.say(
            "Eligible",
            answer="yes" if seen.eligibility.allowed else "no",
            rule=seen.eligibility.rule_code,
        )
        self.say(
            "Already available",
            percent=seen.coverage.covered_percent,
            covered_km2=seen.coverage.covered_km2,
        )
        for line in seen.plan.lines:
            self.say(f"Funding, {line.source}", km2=line.area_km2, eur=line.amount_eur)

    def decide(self, request: ImageryRequest, people: People) -> FundingPlan:
        review.take(request_id=request.pk, user=people.reviewer)
        review.recommend(
            request_id=request.pk,
            user=people.reviewer,
            opinion="Complete; the purpose is a public one.",
            nationality_reviewed=True,
        )
        self.say("Reviewed", reviewer=people.reviewer.full_name)
        request.refresh_from_db()
        wanted = plan_of(request)
        assert wanted is not None  # frozen at submission
        if wanted.is_priced or wanted.shortfall_km2 > 0:
            self.offer(request, people)
        else:
            arbitration.approve(request_id=request.pk, user=people.arbitrator)
            enlarged = "enlarged to the operator's minimum"
            ending = enlarged if request.order_is_enlarged else "free"
            self.say("Approved", ending=ending, arbitrator=people.arbitrator.full_name)
        request.refresh_from_db()
        decided = plan_of(request)
        assert decided is not None  # frozen by the decision
        self.say(
            "Ledger, held",
            counted_km2=decided.counted_km2,
            free_km2=decided.free_km2,
            priced_km2=decided.priced_km2,
            ledger_km2=charged_km2(request.number),
        )
        return decided

    def offer(self, request: ImageryRequest, people: People) -> None:
        arbitration.offer(request_id=request.pk, user=people.arbitrator, is_shortfall_priced=True)
        request.refresh_from_db()
        self.say(
            "Offered with a priced part",
            quotation=request.quotation_number,
            eur=request.priced_eur,
        )
        reference = f"PO-{request.number}"
        offers.accept_offer(
            request_id=request.pk, user=people.entity_contact, purchase_reference=reference
        )
        self.say("Offer accepted", purchase_reference=reference)

    def supply(self, request: ImageryRequest, people: People) -> None:
        outbox.drain(HANDLERS)
        request.refresh_from_db()
        self.say("Licence", number=request.licence_number)
        supply.order(request_id=request.pk, user=people.supply_officer)
        outbox.drain(HANDLERS)
        acquisition = request.shares.get().acquisition
        self.say(
            "Ordered",
            operator_reference=acquisition.operator_reference,
            contract=acquisition.supply_contract,
            operator_km2=acquisition.area_km2,
        )
        products = products_over(request, acquired_at=timezone.now())
        supply.register_delivery(
            request_id=request.pk, user=people.supply_officer, products=products, complete=True
        )
        share = request.shares.get()
        self.say("Delivered", products=len(products), delivered_km2=share.delivered_km2)
        deliveries.accept_delivery(request_id=request.pk, user=people.requester)
        outbox.drain(HANDLERS)
        request.refresh_from_db()
        self.say("Closed", state=request.state)

    def compare(self, request: ImageryRequest, plan: FundingPlan) -> None:
        of_request = OutboxMessage.objects.filter(stream__startswith=request.number)
        stuck = of_request.exclude(state=OutboxState.DONE)
        if stuck:
            raise CommandError(f"outbox: {stuck.count()} messages not done: {stuck.first()}")
        wrong = discrepancies()
        if wrong:
            raise CommandError(f"the books do not reconcile: {wrong}")
        licence = Licence.objects.get(number=request.licence_number)
        file = licence.files.get(language="fr", annex=None)
        printed_km2 = km2_printed_in(files.read(file.storage_name, file.sha256))
        ledger_km2 = charged_km2(request.number)
        self.say(
            "Books reconcile",
            ledger_km2=ledger_km2,
            planned_km2=plan.counted_km2,
            pdf_km2=printed_km2,
        )
        if printed_km2 != round(ledger_km2, 2):
            raise CommandError("the licence does not print the km² of the ledger")
        self.stdout.write(str(Path(settings.MEDIA_ROOT) / file.storage_name))


def answers(request_kind: str, file: Path) -> dict[str, Any]:
    today = timezone.localdate()
    is_tasking = request_kind == "tasking"
    return {
        "title": f"Walkthrough over {file.stem}"[:120],
        "purpose": "Following land use for a public-service mission.",
        "public_service_mission": "Spatial planning",
        "request_kind": request_kind,
        "acquisition_mode": "mono",
        "window_starts_on": today + timedelta(days=15) if is_tasking else None,
        "window_ends_on": today + timedelta(days=120) if is_tasking else None,
        "maximum_cloud_percent": 10,
        "maximum_incidence_deg": 30,
        "spectral_mode": "pansharpened",
        "processing_level": "ortho",
        "on_shortfall": "release",
        "agrees_to_enlargement": True,
        "agrees_to_repair": True,
    }


def km2_printed_in(pdf: bytes) -> Decimal:
    """The area of a French licence, read back from the text of its first page."""
    text = "".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages)
    found = re.search(r"(\d[\d\s.\u202f\u00a0]*,\d{2})\s*km²", text)
    if found is None:
        raise CommandError("the licence prints no area")
    digits = re.sub(r"[^\d,]", "", found.group(1))
    return Decimal(digits.replace(",", "."))
