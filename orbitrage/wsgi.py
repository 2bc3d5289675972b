import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "orbitrage.settings.prod")
os.environ.setdefault("ORBITRAGE_PROCESS", "web")

application = get_wsgi_application()
