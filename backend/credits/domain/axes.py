"""A person's own notes: under which axis of the certification périodique they file what they did, domain by domain."""

from collections.abc import Mapping

from django.db import transaction

from backend.accounts.models import Person
from backend.common.errors import DomainError, NotFoundError
from backend.credits.enums import Axis
from backend.credits.models import AxisNote
from backend.referentials.enums import Area


def may_note_axes(person: Person) -> bool:
    """Only the professions with an order are under the certification périodique."""
    return person.profession is not None and person.profession.has_order


def axes_of(person: Person) -> dict[str, int]:
    """Axis by area; nobody else reads it."""
    return dict(AxisNote.objects.filter(person=person).values_list("area", "axis"))


@transaction.atomic
def note_axes(*, person: Person, axes: Mapping[str, int | None]) -> None:
    """Say it for some areas; ``None`` takes a note away."""
    if not may_note_axes(person):
        raise NotFoundError
    if not set(axes) <= set(Area.values) or not {axis for axis in axes.values() if axis is not None} <= set(
        Axis.values
    ):
        raise DomainError("Choisissez un des quatre axes.", code="axis")
    for area, axis in axes.items():
        if axis is None:
            AxisNote.objects.filter(person=person, area=area).delete()
        else:
            AxisNote.objects.update_or_create(person=person, area=area, defaults={"axis": axis})
