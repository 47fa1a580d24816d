"""Django's `flush` for tests that commit: it empties append-only tables too, then guards them again."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.commands import flush
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

GUARDED_TABLES = """
    SELECT DISTINCT relation.relname FROM pg_trigger JOIN pg_class relation ON relation.oid = pg_trigger.tgrelid
    WHERE NOT tgisinternal
"""


@contextmanager
def triggers_off_on_postgresql(connection: BaseDatabaseWrapper) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute(GUARDED_TABLES)
        tables = [connection.ops.quote_name(name) for (name,) in cursor.fetchall()]
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        try:
            yield
        finally:
            for table in tables:
                cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


@contextmanager
def triggers_off_on_sqlite(connection: BaseDatabaseWrapper) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        triggers = cursor.fetchall()
        for name, _ in triggers:
            cursor.execute(f"DROP TRIGGER {connection.ops.quote_name(name)}")
        try:
            yield
        finally:
            for _, statement in triggers:
                cursor.execute(statement)


class Command(flush.Command):
    def handle(self, **options: Any) -> None:
        connection = connections[options["database"]]
        off = triggers_off_on_postgresql if connection.vendor == "postgresql" else triggers_off_on_sqlite
        with off(connection):
            super().handle(**options)
