from django.apps import AppConfig
from django.core.checks import Tags, register

from orbitrage.checks import demonstration_is_private, seal_is_the_workers


class OrbitrageConfig(AppConfig):
    name = "orbitrage"

    def ready(self) -> None:
        register(demonstration_is_private, Tags.security)
        register(seal_is_the_workers, Tags.security)
