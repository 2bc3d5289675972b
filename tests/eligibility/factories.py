"""Valid, boring objects of the eligibility app. What a test is about is written in the test."""

import datetime as dt
from decimal import Decimal

import factory
from factory.django import DjangoModelFactory

from eligibility import models

LONG_AGO = dt.date(2020, 1, 1)


class UserFactory(DjangoModelFactory):
    class Meta:
        model = models.User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"person{n}@example.org")
    full_name = factory.Sequence(lambda n: f"Person {n}")
    password = "!"


class ProgrammeRoleFactory(DjangoModelFactory):
    class Meta:
        model = models.ProgrammeRole

    user = factory.SubFactory(UserFactory)
    role = "secretariat"
    since = LONG_AGO


class SensorFactory(DjangoModelFactory):
    class Meta:
        model = models.Sensor
        django_get_or_create = ("code",)

    code = "pleiades"
    name = "Pléiades"
    operator = "Airbus DS"
    policy = "managed"
    archive_minimum_area_km2 = Decimal(25)
    tasking_minimum_area_km2 = Decimal(100)
    maximum_vertices = 999
    attribution_pattern = "© CNES {year}, distribution Airbus DS"
    mission_codes = factory.LazyFunction(lambda: ["PHR1A", "PHR1B"])
    valid_from = LONG_AGO
    source = "test"


class SpotFactory(SensorFactory):
    code = "spot67"
    name = "SPOT 6/7"
    archive_minimum_area_km2 = Decimal(100)
    tasking_minimum_area_km2 = Decimal(500)
    archive_minimum_width_km = Decimal(5)
    tasking_minimum_width_km = Decimal(20)
    attribution_pattern = "© Airbus DS {year}"
    mission_codes = factory.LazyFunction(lambda: ["SPOT6", "SPOT7"])


class OpenSensorFactory(SensorFactory):
    code = "sentinel2"
    name = "Sentinel-2"
    operator = "ESA"
    policy = "open"
    archive_minimum_area_km2 = None
    tasking_minimum_area_km2 = None
    maximum_vertices = None
    attribution_pattern = "Copernicus Sentinel data {year}"
    mission_codes = factory.LazyFunction(list)


class UserCategoryFactory(DjangoModelFactory):
    class Meta:
        model = models.UserCategory
        django_get_or_create = ("code",)

    code = "scientific-public"
    name_fr = "Organisme scientifique public"
    name_en = "Public research body"
    is_scientific = True
    valid_from = LONG_AGO
    source = "test"


class InstitutionalCategoryFactory(UserCategoryFactory):
    code = "institutional"
    name_fr = "Institution publique non scientifique"
    name_en = "Non-scientific public institution"
    is_scientific = False


class EntityFactory(DjangoModelFactory):
    class Meta:
        model = models.Entity

    name = factory.Sequence(lambda n: f"Laboratory {n}")
    acronym = factory.Sequence(lambda n: f"LAB{n}")
    category = factory.SubFactory(UserCategoryFactory)
    country = "FR"
    city = "Montpellier"
    postal_address = "1 rue de la Mesure\n34000 Montpellier"


class AffiliationFactory(DjangoModelFactory):
    class Meta:
        model = models.Affiliation

    user = factory.SubFactory(UserFactory)
    entity = factory.SubFactory(EntityFactory)
    role = "member"
    since = LONG_AGO


class MembershipFactory(DjangoModelFactory):
    """Covers no sensor unless told: `MembershipFactory(sensors=[sensor])`."""

    class Meta:
        model = models.Membership
        skip_postgeneration_save = True

    entity = factory.SubFactory(EntityFactory)
    starts_on = LONG_AGO

    @factory.post_generation
    def sensors(self, create, extracted):
        if create and extracted:
            self.sensors.set(extracted)


class MandateFactory(DjangoModelFactory):
    """Covers no sensor unless told: `MandateFactory(sensors=[sensor])`."""

    class Meta:
        model = models.Mandate
        skip_postgeneration_save = True

    contractor = factory.SubFactory(EntityFactory)
    principal = factory.SubFactory(EntityFactory)
    contract_reference = "2026-001"
    starts_on = LONG_AGO
    ends_on = dt.date(2099, 12, 31)

    @factory.post_generation
    def sensors(self, create, extracted):
        if create and extracted:
            self.sensors.set(extracted)


class CellFactory(DjangoModelFactory):
    class Meta:
        model = models.Cell
        django_get_or_create = ("code",)

    code = "pleiades-science"
    name_fr = "Cellule Pléiades scientifiques"
    name_en = "Pléiades science cell"
    email = "pleiades-science@example.org"
    decision_delay_days = 15
    valid_from = LONG_AGO
    source = "test"


class CellMemberFactory(DjangoModelFactory):
    class Meta:
        model = models.CellMember

    cell = factory.SubFactory(CellFactory)
    user = factory.SubFactory(UserFactory)
    role = "reviewer"
    since = LONG_AGO


class RoutingRuleFactory(DjangoModelFactory):
    class Meta:
        model = models.RoutingRule

    rank = 2
    sensor = factory.SubFactory(SensorFactory)
    is_scientific = True
    cell = factory.SubFactory(CellFactory)
    valid_from = LONG_AGO
    source = "test"


class EligibilityRuleFactory(DjangoModelFactory):
    class Meta:
        model = models.EligibilityRule

    code = factory.LazyAttribute(
        lambda row: f"{row.category.code}-{row.sensor.code}-{row.request_kind}"
    )
    category = factory.SubFactory(UserCategoryFactory)
    sensor = factory.SubFactory(SensorFactory)
    request_kind = "archive"
    answer = "yes"
    condition_fr = "Organisme adhérent"
    condition_en = "Member body"
    valid_from = LONG_AGO
    source = "test"


class ParameterFactory(DjangoModelFactory):
    class Meta:
        model = models.Parameter

    code = "offer-validity"
    name_fr = "Validité d'une proposition"
    name_en = "Validity of an offer"
    unit = "days"
    amount = Decimal(30)
    valid_from = LONG_AGO
    source = "test"


class TermsFactory(DjangoModelFactory):
    class Meta:
        model = models.Terms

    kind = "charter"
    version = factory.Sequence(lambda n: f"test-{n}")
    title_fr = "Charte d'adhésion"
    title_en = "Charter of membership"
    text_fr = "Texte de la charte."
    text_en = "Text of the charter."
    valid_from = LONG_AGO
    source = "test"


class TermsAcceptanceFactory(DjangoModelFactory):
    class Meta:
        model = models.TermsAcceptance

    terms = factory.SubFactory(TermsFactory)
    user = factory.SubFactory(UserFactory)
    entity = None
    text_sha256 = factory.LazyAttribute(lambda row: row.terms.text_sha256)


def member_entity(*sensors, **fields) -> models.Entity:
    """An entity that may ask for these sensors today: a membership, the terms accepted."""
    entity = EntityFactory(**fields)
    MembershipFactory(entity=entity, sensors=sensors)
    signatory = AffiliationFactory(entity=entity, role="legal_representative").user
    for kind in models.Terms.ACCEPTED_BY_ENTITY:
        terms = models.Terms.objects.filter(kind=kind).first() or TermsFactory(kind=kind)
        TermsAcceptanceFactory(terms=terms, entity=entity, user=signatory)
    return entity
