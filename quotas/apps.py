from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class QuotasConfig(AppConfig):
    name = "quotas"
    label = "quotas"
    verbose_name = _("Quotas and tariffs")
    default_auto_field = "django.db.models.BigAutoField"
