from django.apps import AppConfig
from django.core.checks import Tags, register

from orbitrage.checks import demonstration_is_private


class OrbitrageConfig(AppConfig):
    name = "orbitrage"

    def ready(self) -> None:
        register(demonstration_is_private, Tags.security)
