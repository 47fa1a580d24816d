"""What somebody with the database's password could do: change the ledger with its triggers off."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

from django.db import connection

from tests.support.management.commands.flush import triggers_off_on_postgresql, triggers_off_on_sqlite


def execute_without_triggers(statement: str, parameters: Sequence[str | int | Decimal | dt.datetime] = ()) -> None:
    off = triggers_off_on_postgresql if connection.vendor == "postgresql" else triggers_off_on_sqlite
    # PostgreSQL alters no table while checks of this transaction are still to come: they are made at once.
    connection.check_constraints()
    with off(connection), connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        connection.check_constraints()
