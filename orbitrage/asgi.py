import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "orbitrage.settings.prod")
os.environ.setdefault("ORBITRAGE_PROCESS", "web")

application = get_asgi_application()
