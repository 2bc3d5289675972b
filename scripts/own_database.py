"""Make a database of the given name in the private cluster unless there is one; print its URL."""

import os
import sys
from pathlib import Path

import django
import psycopg
from django.conf import settings


def main(name: str) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "orbitrage.settings.dev")
    django.setup()
    private = settings.DATABASES["default"]
    host, user = private["HOST"], private["USER"]
    with psycopg.connect(
        host=host, user=user, dbname=private["NAME"], autocommit=True
    ) as connection:
        query = "SELECT 1 FROM pg_database WHERE datname = %s"
        if connection.execute(query, [name]).fetchone() is None:
            connection.execute(f'CREATE DATABASE "{name}"')
    print(f"postgis://{user}@/{name}?host={host}")


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    main(sys.argv[1])
