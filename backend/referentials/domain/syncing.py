"""Makes a table hold given rows, by natural key, in few queries and without touching what is already right."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Count, ForeignKey, ManyToOneRel, Model, QuerySet
from django.db.models.deletion import PROTECT

from backend.referentials.domain.rows import Keys, Rows

BATCH = 500


@dataclass(frozen=True, slots=True)
class Changes:
    """What a load did to one table, in natural keys; ``total`` is what it holds now."""

    total: int = 0
    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.removed)


class Table[M: Model]:
    """One table while it is brought up to date."""

    def __init__(self, model: type[M], *, key: str) -> None:
        self.model, self.key = model, key
        self.stored: dict[str, M] = {getattr(row, key): row for row in self._rows()}
        self.gone: tuple[str, ...] = ()
        self.changes = Changes()

    @property
    def keys(self) -> Keys:
        """Primary keys by natural key."""
        return {key: row.pk for key, row in self.stored.items()}

    @property
    def singular(self) -> str:
        return str(self.model._meta.verbose_name)  # noqa: SLF001 (Django documents _meta)

    @property
    def plural(self) -> str:
        return str(self.model._meta.verbose_name_plural)  # noqa: SLF001

    def write(self, rows: Rows) -> None:
        """Add what is missing, update what differs; rows that are no longer wanted stay until ``remove``."""
        added = {key: self.model(**{self.key: key}, **row) for key, row in rows.items() if key not in self.stored}
        changed = {key: fields for key, row in rows.items() if (fields := self._assign(key, row))}
        self._rows().bulk_create(added.values(), batch_size=BATCH)
        if changed:
            names = sorted({name for fields in changed.values() for name in fields})
            self._rows().bulk_update([self.stored[key] for key in changed], names, batch_size=BATCH)
        self.gone = tuple(key for key in self.stored if key not in rows)
        self.stored |= added
        self.changes = Changes(len(rows), added=tuple(added), changed=tuple(changed))

    def mark_changed(self, keys: Iterable[str]) -> None:
        """Count rows as changed because of what hangs on them."""
        known = {*self.changes.added, *self.changes.changed, *self.gone}
        extra = tuple(key for key in dict.fromkeys(keys) if key not in known)
        self.changes = replace(self.changes, changed=self.changes.changed + extra)

    def remove(self) -> None:
        """Delete the rows that are no longer wanted."""
        if self.gone:
            self._rows().filter(pk__in=[self.stored[key].pk for key in self.gone]).delete()
        self.changes = replace(self.changes, removed=self.gone)

    def find_uses(self) -> dict[str, dict[str, int]]:
        """Of the rows that are no longer wanted, those that other rooms still point to: how many rows of what."""
        keys = {self.stored[key].pk: key for key in self.gone}
        uses: dict[str, dict[str, int]] = {}
        for pointer in _protected_pointers(self.model) if keys else []:
            pointing = pointer.model._base_manager.filter(**{f"{pointer.name}__in": keys})  # noqa: SLF001
            for pk, count in pointing.order_by().values_list(pointer.name).annotate(Count("pk")):
                uses.setdefault(keys[pk], {})[str(pointer.model._meta.verbose_name)] = count  # noqa: SLF001
        return uses

    def _rows(self) -> QuerySet[M]:
        return self.model._base_manager.all()  # noqa: SLF001 (documented, and never filtered)

    def _assign(self, key: str, row: Mapping[str, Any]) -> list[str]:
        """Set a stored row's fields; names of those that differed."""
        stored = self.stored.get(key)
        if stored is None:
            return []
        different = [name for name, value in row.items() if getattr(stored, name) != value]
        for name in different:
            setattr(stored, name, row[name])
        return [self.model._meta.get_field(name.removesuffix("_id")).name for name in different]  # noqa: SLF001


def sync_links(
    left: Table[Any], right: Table[Any], through: type[Model], *, columns: Sequence[str], wanted: dict[str, list[str]]
) -> None:
    """Make a many-to-many table hold the wanted pairs of natural keys."""
    left_keys, right_keys = left.keys, right.keys
    pairs = {(left_keys[key], right_keys[other]) for key, others in wanted.items() for other in others}
    stored = {tuple(pair): pk for pk, *pair in through._base_manager.values_list("pk", *columns)}  # noqa: SLF001
    missing = sorted(pairs - stored.keys())
    extra = sorted(stored.keys() - pairs)
    through._base_manager.bulk_create(  # noqa: SLF001
        [through(**dict(zip(columns, pair, strict=True))) for pair in missing], batch_size=BATCH
    )
    if extra:
        through._base_manager.filter(pk__in=[stored[pair] for pair in extra]).delete()  # noqa: SLF001
    names = {pk: key for key, pk in left_keys.items()}
    left.mark_changed(names[pair[0]] for pair in [*missing, *extra])


def _protected_pointers(model: type[Model]) -> list["ForeignKey[Any, Any]"]:
    """Foreign keys of other apps that forbid deleting a row of ``model``; within this one a load mends them itself."""
    relations = model._meta.get_fields(include_hidden=True)  # noqa: SLF001
    pointers = [relation.field for relation in relations if isinstance(relation, ManyToOneRel)]
    return [
        pointer
        for pointer in pointers
        if pointer.remote_field.on_delete is PROTECT and pointer.model._meta.app_label != model._meta.app_label  # noqa: SLF001
    ]
