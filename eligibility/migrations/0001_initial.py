import django.contrib.gis.db.models.fields
import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
from django.conf import settings
from django.contrib.postgres.operations import BtreeGistExtension, CreateExtension
from django.db import migrations, models

import orbitrage.shared.text


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        CreateExtension("postgis"),
        BtreeGistExtension(),
        migrations.CreateModel(
            name="Cell",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("valid_from", models.DateField(verbose_name="valid from")),
                ("source", models.CharField(max_length=300, verbose_name="source")),
                ("is_example", models.BooleanField(default=False, verbose_name="example value")),
                ("code", models.SlugField(max_length=40, unique=True, verbose_name="code")),
                ("name_fr", models.CharField(max_length=160, verbose_name="name (French)")),
                ("name_en", models.CharField(max_length=160, verbose_name="name (English)")),
                ("email", models.EmailField(max_length=254, verbose_name="e-mail")),
                (
                    "decision_delay_days",
                    models.PositiveSmallIntegerField(
                        verbose_name="usual delay of a decision, days"
                    ),
                ),
            ],
            options={
                "verbose_name": "cell",
                "verbose_name_plural": "cells",
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="Sensor",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("valid_from", models.DateField(verbose_name="valid from")),
                ("source", models.CharField(max_length=300, verbose_name="source")),
                ("is_example", models.BooleanField(default=False, verbose_name="example value")),
                ("code", models.SlugField(max_length=30, unique=True, verbose_name="code")),
                ("name", models.CharField(max_length=60, verbose_name="name")),
                ("operator", models.CharField(max_length=60, verbose_name="operator")),
                (
                    "policy",
                    models.CharField(
                        choices=[("managed", "Ordered through a cell"), ("open", "Open data")],
                        max_length=10,
                        verbose_name="access",
                    ),
                ),
                ("is_offered", models.BooleanField(default=True, verbose_name="offered")),
                (
                    "archive_minimum_area_km2",
                    models.DecimalField(blank=True, decimal_places=6, max_digits=14, null=True),
                ),
                (
                    "tasking_minimum_area_km2",
                    models.DecimalField(blank=True, decimal_places=6, max_digits=14, null=True),
                ),
                (
                    "archive_minimum_width_km",
                    models.DecimalField(blank=True, decimal_places=3, max_digits=9, null=True),
                ),
                (
                    "tasking_minimum_width_km",
                    models.DecimalField(blank=True, decimal_places=3, max_digits=9, null=True),
                ),
                ("maximum_vertices", models.PositiveIntegerField(blank=True, null=True)),
                ("needs_nationality_review", models.BooleanField(default=False)),
                ("attribution_pattern", models.CharField(max_length=200)),
                (
                    "mission_codes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=20),
                        blank=True,
                        default=list,
                        size=None,
                    ),
                ),
                ("open_data_links", models.JSONField(blank=True, default=list)),
            ],
            options={
                "verbose_name": "sensor",
                "verbose_name_plural": "sensors",
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="UserCategory",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("valid_from", models.DateField(verbose_name="valid from")),
                ("source", models.CharField(max_length=300, verbose_name="source")),
                ("is_example", models.BooleanField(default=False, verbose_name="example value")),
                ("code", models.SlugField(max_length=40, unique=True, verbose_name="code")),
                ("name_fr", models.CharField(max_length=160, verbose_name="name (French)")),
                ("name_en", models.CharField(max_length=160, verbose_name="name (English)")),
                ("is_scientific", models.BooleanField(default=False, verbose_name="scientific")),
            ],
            options={
                "verbose_name": "user category",
                "verbose_name_plural": "user categories",
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="User",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                (
                    "last_login",
                    models.DateTimeField(blank=True, null=True, verbose_name="last login"),
                ),
                (
                    "is_superuser",
                    models.BooleanField(
                        default=False,
                        help_text="Designates that this user has all permissions without explicitly assigning them.",
                        verbose_name="superuser status",
                    ),
                ),
                ("email", models.EmailField(max_length=254, unique=True, verbose_name="e-mail")),
                (
                    "full_name",
                    models.CharField(
                        max_length=150,
                        validators=[orbitrage.shared.text.validate_one_line],
                        verbose_name="full name",
                    ),
                ),
                (
                    "language",
                    models.CharField(
                        choices=[("fr", "Français"), ("en", "English")],
                        default="fr",
                        max_length=2,
                        verbose_name="language",
                    ),
                ),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
                (
                    "is_staff",
                    models.BooleanField(
                        default=False, verbose_name="may open the administration pages"
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="created"
                    ),
                ),
                (
                    "suspended_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="suspended"),
                ),
                ("erased_at", models.DateTimeField(blank=True, null=True, verbose_name="erased")),
                (
                    "groups",
                    models.ManyToManyField(
                        blank=True,
                        help_text="The groups this user belongs to. A user will get all permissions granted to each of their groups.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.group",
                        verbose_name="groups",
                    ),
                ),
                (
                    "user_permissions",
                    models.ManyToManyField(
                        blank=True,
                        help_text="Specific permissions for this user.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.permission",
                        verbose_name="user permissions",
                    ),
                ),
            ],
            options={
                "verbose_name": "account",
                "verbose_name_plural": "accounts",
                "ordering": ["full_name", "pk"],
            },
        ),
        migrations.CreateModel(
            name="CellMember",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("reviewer", "Reviewer"),
                            ("arbitrator", "Arbitrator"),
                            ("chair", "Chair"),
                            ("supply_officer", "Supply officer"),
                        ],
                        max_length=20,
                        verbose_name="role",
                    ),
                ),
                ("since", models.DateField(verbose_name="since")),
                ("until", models.DateField(blank=True, null=True, verbose_name="until")),
                (
                    "cell",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="members",
                        to="eligibility.cell",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="cell_posts",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "cell member",
                "verbose_name_plural": "cell members",
                "ordering": ["cell", "role", "since", "pk"],
            },
        ),
        migrations.CreateModel(
            name="Entity",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "name",
                    models.CharField(
                        max_length=200,
                        validators=[orbitrage.shared.text.validate_one_line],
                        verbose_name="name",
                    ),
                ),
                (
                    "acronym",
                    models.CharField(
                        blank=True,
                        max_length=40,
                        validators=[orbitrage.shared.text.validate_one_line],
                        verbose_name="acronym",
                    ),
                ),
                ("siret", models.CharField(blank=True, max_length=14, verbose_name="SIRET number")),
                (
                    "ror_id",
                    models.CharField(blank=True, max_length=40, verbose_name="ROR identifier"),
                ),
                ("country", models.CharField(default="FR", max_length=2, verbose_name="country")),
                (
                    "city",
                    models.CharField(
                        blank=True,
                        max_length=100,
                        validators=[orbitrage.shared.text.validate_one_line],
                        verbose_name="city",
                    ),
                ),
                ("postal_address", models.TextField(blank=True, verbose_name="postal address")),
                ("website", models.URLField(blank=True, verbose_name="website")),
                (
                    "territory",
                    django.contrib.gis.db.models.fields.MultiPolygonField(
                        blank=True, null=True, srid=4326, verbose_name="territory"
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="created"
                    ),
                ),
                (
                    "supervising_bodies",
                    models.ManyToManyField(
                        blank=True,
                        related_name="supervised_entities",
                        to="eligibility.entity",
                        verbose_name="supervising bodies",
                    ),
                ),
                (
                    "category",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entities",
                        to="eligibility.usercategory",
                        verbose_name="category",
                    ),
                ),
            ],
            options={
                "verbose_name": "entity",
                "verbose_name_plural": "entities",
                "ordering": ["name", "pk"],
            },
        ),
        migrations.CreateModel(
            name="Affiliation",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("member", "Member"),
                            ("entity_contact", "Entity contact"),
                            ("legal_representative", "Legal representative"),
                        ],
                        default="member",
                        max_length=30,
                        verbose_name="role",
                    ),
                ),
                (
                    "requested_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="asked for"
                    ),
                ),
                ("since", models.DateField(blank=True, null=True, verbose_name="since")),
                ("until", models.DateField(blank=True, null=True, verbose_name="until")),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="affiliations",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "entity",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="affiliations",
                        to="eligibility.entity",
                    ),
                ),
            ],
            options={
                "verbose_name": "affiliation",
                "verbose_name_plural": "affiliations",
                "ordering": ["entity", "user", "role", "pk"],
            },
        ),
        migrations.CreateModel(
            name="Parameter",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("valid_from", models.DateField(verbose_name="valid from")),
                ("source", models.CharField(max_length=300, verbose_name="source")),
                ("is_example", models.BooleanField(default=False, verbose_name="example value")),
                ("code", models.SlugField(max_length=60, verbose_name="code")),
                ("name_fr", models.CharField(max_length=160, verbose_name="name (French)")),
                ("name_en", models.CharField(max_length=160, verbose_name="name (English)")),
                ("unit", models.CharField(max_length=20, verbose_name="unit")),
                (
                    "amount",
                    models.DecimalField(decimal_places=6, max_digits=14, verbose_name="amount"),
                ),
            ],
            options={
                "verbose_name": "parameter",
                "verbose_name_plural": "parameters",
                "ordering": ["code", "-valid_from"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("code", "valid_from"), name="parameter_one_amount_a_day"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ProgrammeRole",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "role",
                    models.CharField(
                        choices=[("secretariat", "Secretariat"), ("observer", "Observer")],
                        max_length=20,
                        verbose_name="role",
                    ),
                ),
                ("since", models.DateField(verbose_name="since")),
                ("until", models.DateField(blank=True, null=True, verbose_name="until")),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="programme_roles",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "programme role",
                "verbose_name_plural": "programme roles",
                "ordering": ["role", "since", "pk"],
            },
        ),
        migrations.CreateModel(
            name="RoutingRule",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("valid_from", models.DateField(verbose_name="valid from")),
                ("source", models.CharField(max_length=300, verbose_name="source")),
                ("is_example", models.BooleanField(default=False, verbose_name="example value")),
                ("rank", models.PositiveSmallIntegerField(verbose_name="rank")),
                (
                    "is_scientific",
                    models.BooleanField(blank=True, null=True, verbose_name="scientific purpose"),
                ),
                (
                    "cell",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="routing_rules",
                        to="eligibility.cell",
                    ),
                ),
                (
                    "sensor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="routing_rules",
                        to="eligibility.sensor",
                    ),
                ),
            ],
            options={
                "verbose_name": "routing rule",
                "verbose_name_plural": "routing rules",
                "ordering": ["rank", "sensor", "-valid_from"],
            },
        ),
        migrations.CreateModel(
            name="Membership",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("starts_on", models.DateField(verbose_name="starts on")),
                ("ends_on", models.DateField(blank=True, null=True, verbose_name="ends on")),
                (
                    "suspended_on",
                    models.DateField(blank=True, null=True, verbose_name="suspended on"),
                ),
                (
                    "suspension_reason",
                    models.TextField(blank=True, verbose_name="reason of the suspension"),
                ),
                (
                    "entity",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="memberships",
                        to="eligibility.entity",
                    ),
                ),
                (
                    "sensors",
                    models.ManyToManyField(
                        related_name="memberships", to="eligibility.sensor", verbose_name="sensors"
                    ),
                ),
            ],
            options={
                "verbose_name": "membership",
                "verbose_name_plural": "memberships",
                "ordering": ["entity", "-starts_on"],
            },
        ),
        migrations.CreateModel(
            name="Mandate",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "contract_reference",
                    models.CharField(max_length=120, verbose_name="contract reference"),
                ),
                ("starts_on", models.DateField(verbose_name="starts on")),
                ("ends_on", models.DateField(verbose_name="ends on")),
                (
                    "contractor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="mandates_received",
                        to="eligibility.entity",
                    ),
                ),
                (
                    "principal",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="mandates_given",
                        to="eligibility.entity",
                    ),
                ),
                (
                    "sensors",
                    models.ManyToManyField(
                        related_name="mandates", to="eligibility.sensor", verbose_name="sensors"
                    ),
                ),
            ],
            options={
                "verbose_name": "mandate",
                "verbose_name_plural": "mandates",
                "ordering": ["principal", "contractor", "-starts_on"],
            },
        ),
        migrations.CreateModel(
            name="Terms",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("valid_from", models.DateField(verbose_name="valid from")),
                ("source", models.CharField(max_length=300, verbose_name="source")),
                ("is_example", models.BooleanField(default=False, verbose_name="example value")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("charter", "Charter"),
                            ("licences", "Licences"),
                            ("site", "Terms of use"),
                        ],
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                ("version", models.CharField(max_length=20, verbose_name="version")),
                ("title_fr", models.CharField(max_length=200, verbose_name="title (French)")),
                ("title_en", models.CharField(max_length=200, verbose_name="title (English)")),
                ("text_fr", models.TextField(verbose_name="text (French)")),
                ("text_en", models.TextField(verbose_name="text (English)")),
            ],
            options={
                "verbose_name": "terms",
                "verbose_name_plural": "terms",
                "ordering": ["kind", "-valid_from"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("kind", "version"), name="terms_version_unique"
                    ),
                    models.UniqueConstraint(
                        fields=("kind", "valid_from"), name="terms_one_version_a_day"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="TermsAcceptance",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "accepted_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, verbose_name="accepted"
                    ),
                ),
                ("text_sha256", models.CharField(max_length=64)),
                (
                    "entity",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="terms_acceptances",
                        to="eligibility.entity",
                    ),
                ),
                (
                    "terms",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="acceptances",
                        to="eligibility.terms",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="terms_acceptances",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "acceptance of terms",
                "verbose_name_plural": "acceptances of terms",
                "ordering": ["-accepted_at", "pk"],
            },
        ),
        migrations.CreateModel(
            name="EligibilityRule",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("valid_from", models.DateField(verbose_name="valid from")),
                ("source", models.CharField(max_length=300, verbose_name="source")),
                ("is_example", models.BooleanField(default=False, verbose_name="example value")),
                ("code", models.SlugField(max_length=80, verbose_name="code")),
                (
                    "request_kind",
                    models.CharField(
                        choices=[
                            ("archive", "Archive"),
                            ("tasking", "Tasking"),
                            ("open", "Open data"),
                        ],
                        max_length=10,
                        verbose_name="kind of request",
                    ),
                ),
                (
                    "answer",
                    models.CharField(
                        choices=[
                            ("yes", "Yes"),
                            ("no", "No"),
                            ("after_agreement", "After agreement"),
                        ],
                        max_length=20,
                        verbose_name="answer",
                    ),
                ),
                (
                    "condition_fr",
                    models.CharField(blank=True, max_length=400, verbose_name="condition (French)"),
                ),
                (
                    "condition_en",
                    models.CharField(
                        blank=True, max_length=400, verbose_name="condition (English)"
                    ),
                ),
                (
                    "agreement_by",
                    models.CharField(blank=True, max_length=80, verbose_name="agreement given by"),
                ),
                (
                    "sensor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="eligibility_rules",
                        to="eligibility.sensor",
                    ),
                ),
                (
                    "category",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="eligibility_rules",
                        to="eligibility.usercategory",
                    ),
                ),
            ],
            options={
                "verbose_name": "eligibility rule",
                "verbose_name_plural": "eligibility rules",
                "ordering": ["category", "sensor", "request_kind", "-valid_from"],
            },
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.UniqueConstraint(
                django.db.models.functions.text.Lower("email"), name="user_email_unique_in_any_case"
            ),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("is_active", False),
                    models.Q(("suspended_at__isnull", True), ("erased_at__isnull", True)),
                    _connector="OR",
                ),
                name="user_suspended_or_erased_is_inactive",
            ),
        ),
        migrations.AddConstraint(
            model_name="cellmember",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("until__isnull", True), ("until__gte", models.F("since")), _connector="OR"
                ),
                name="cell_member_dates_ordered",
            ),
        ),
        migrations.AddConstraint(
            model_name="cellmember",
            constraint=models.UniqueConstraint(
                condition=models.Q(("until__isnull", True)),
                fields=("cell", "user", "role"),
                name="cell_member_holds_a_role_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="affiliation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("until__isnull", True),
                    ("since__isnull", True),
                    ("until__gte", models.F("since")),
                    _connector="OR",
                ),
                name="affiliation_dates_ordered",
            ),
        ),
        migrations.AddConstraint(
            model_name="affiliation",
            constraint=models.UniqueConstraint(
                condition=models.Q(("until__isnull", True)),
                fields=("user", "entity", "role"),
                name="affiliation_held_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="programmerole",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("until__isnull", True), ("until__gte", models.F("since")), _connector="OR"
                ),
                name="programme_role_dates_ordered",
            ),
        ),
        migrations.AddConstraint(
            model_name="programmerole",
            constraint=models.UniqueConstraint(
                condition=models.Q(("until__isnull", True)),
                fields=("user", "role"),
                name="programme_role_held_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="routingrule",
            constraint=models.UniqueConstraint(
                fields=("sensor", "is_scientific", "valid_from"),
                name="routing_rule_one_cell_a_day",
                nulls_distinct=False,
            ),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("ends_on__isnull", True),
                    ("ends_on__gte", models.F("starts_on")),
                    _connector="OR",
                ),
                name="membership_dates_ordered",
            ),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("suspended_on__isnull", True),
                    models.Q(("suspension_reason", ""), _negated=True),
                    _connector="OR",
                ),
                name="membership_suspension_says_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                expressions=[
                    ("entity", "="),
                    (
                        models.Func(
                            models.F("starts_on"),
                            models.F("ends_on"),
                            django.contrib.postgres.fields.ranges.RangeBoundary(
                                inclusive_lower=True, inclusive_upper=True
                            ),
                            function="daterange",
                            output_field=django.contrib.postgres.fields.ranges.DateRangeField(),
                        ),
                        "&&",
                    ),
                ],
                name="membership_one_at_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="mandate",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_on__gte", models.F("starts_on"))),
                name="mandate_dates_ordered",
            ),
        ),
        migrations.AddConstraint(
            model_name="mandate",
            constraint=models.CheckConstraint(
                condition=models.Q(("contractor", models.F("principal")), _negated=True),
                name="mandate_binds_two_entities",
            ),
        ),
        migrations.AddConstraint(
            model_name="termsacceptance",
            constraint=models.UniqueConstraint(
                condition=models.Q(("entity__isnull", False)),
                fields=("terms", "entity"),
                name="terms_accepted_once_by_an_entity",
            ),
        ),
        migrations.AddConstraint(
            model_name="termsacceptance",
            constraint=models.UniqueConstraint(
                condition=models.Q(("entity__isnull", True)),
                fields=("terms", "user"),
                name="terms_accepted_once_by_a_person",
            ),
        ),
        migrations.AddConstraint(
            model_name="entity",
            constraint=models.UniqueConstraint(
                condition=models.Q(("siret", ""), _negated=True),
                fields=("siret",),
                name="entity_siret_unique",
            ),
        ),
        migrations.AddConstraint(
            model_name="entity",
            constraint=models.CheckConstraint(
                condition=models.Q(("siret", ""), ("siret__regex", "^[0-9]{14}$"), _connector="OR"),
                name="entity_siret_has_14_digits",
            ),
        ),
        migrations.AddConstraint(
            model_name="entity",
            constraint=models.CheckConstraint(
                condition=models.Q(("country__regex", "^[A-Z]{2}$")),
                name="entity_country_has_two_letters",
            ),
        ),
        migrations.AddConstraint(
            model_name="eligibilityrule",
            constraint=models.UniqueConstraint(
                fields=("category", "sensor", "request_kind", "valid_from"),
                name="eligibility_rule_one_answer_a_day",
            ),
        ),
        migrations.AddConstraint(
            model_name="eligibilityrule",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("answer", "after_agreement"), _negated=True),
                    models.Q(("agreement_by", ""), _negated=True),
                    _connector="OR",
                ),
                name="eligibility_agreement_names_who",
            ),
        ),
    ]
