"""The Celery application. Tasks only say "look": what to do stands in the database."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "orbitrage.settings.prod")

app = Celery("orbitrage")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.autodiscover_tasks(related_name="periodic")
app.autodiscover_tasks(["orbitrage"], related_name="outbox_handlers")
