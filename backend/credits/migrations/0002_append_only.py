"""Triggers that make the ledger append-only, on both databases, whoever asks."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

TABLE = "credits_entry"
REFUSAL = "the ledger is append-only"

# REPLACE deletes the old row without firing DELETE triggers (unless recursive_triggers is on): the INSERT trigger
# sees it first.
SQLITE = (
    f"CREATE TRIGGER entry_no_update BEFORE UPDATE ON {TABLE} BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END",
    f"CREATE TRIGGER entry_no_delete BEFORE DELETE ON {TABLE} BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END",
    f"""CREATE TRIGGER entry_no_replace BEFORE INSERT ON {TABLE}
        WHEN EXISTS (
            SELECT 1 FROM {TABLE}
            WHERE id = NEW.id
               OR (network_id = NEW.network_id AND sequence = NEW.sequence)
               OR (source = NEW.source AND account_id = NEW.account_id)
        )
        BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: {REFUSAL}'); END""",
)
SQLITE_REVERSE = (
    "DROP TRIGGER entry_no_update",
    "DROP TRIGGER entry_no_delete",
    "DROP TRIGGER entry_no_replace",
)
POSTGRESQL = (
    f"""CREATE FUNCTION refuse_ledger_change() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'integrity_constraint_violation'; END $$""",
    f"""CREATE TRIGGER entry_no_change BEFORE UPDATE OR DELETE ON {TABLE}
        FOR EACH ROW EXECUTE FUNCTION refuse_ledger_change()""",
    f"""CREATE TRIGGER entry_no_truncate BEFORE TRUNCATE ON {TABLE}
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_ledger_change()""",
)
POSTGRESQL_REVERSE = (
    f"DROP TRIGGER entry_no_change ON {TABLE}",
    f"DROP TRIGGER entry_no_truncate ON {TABLE}",
    "DROP FUNCTION refuse_ledger_change()",
)


def add_triggers(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for statement in POSTGRESQL if schema_editor.connection.vendor == "postgresql" else SQLITE:
        schema_editor.execute(statement, params=None)


def remove_triggers(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for statement in POSTGRESQL_REVERSE if schema_editor.connection.vendor == "postgresql" else SQLITE_REVERSE:
        schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = [("credits", "0001_initial")]

    operations = [migrations.RunPython(add_triggers, remove_triggers)]
