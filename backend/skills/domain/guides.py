"""« En 45 minutes »: one page a notion, kept by the tutors validated on it; each writing is a version, none is lost."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.db import transaction
from django.db.models import QuerySet

from backend.accounts.models import Person
from backend.common.clock import now
from backend.common.errors import ConflictError, DomainError, NotFoundError, RoleRequiredError
from backend.common.patient_numbers import refuse_patient_number
from backend.networks.enums import Role
from backend.networks.models import Membership
from backend.referentials.models import Notion
from backend.skills.models import Claim, Guide

LINKS_MAX = 6
LABEL_LENGTH_MAX = 120
ADDRESS_LENGTH_MAX = 300
AIMS_LENGTH_MAX = 2000
EXERCISE_LENGTH_MAX = 6000
CHANGE_LENGTH_MAX = 200
STARTER = "Page de départ"

type Link = dict[str, str]


def current_guide(notion: Notion) -> Guide | None:
    """The version that is shown."""
    return Guide.objects.filter(notion=notion).order_by("-number").first()


def versions_of(notion: Notion) -> QuerySet[Guide]:
    """All versions, last first."""
    return Guide.objects.filter(notion=notion).order_by("-number")


def may_write_guide(person: Person, notion: Notion) -> bool:
    """Whether the person is validated on the notion today, in a network where they still tutor."""
    tutoring = Membership.objects.active().filter(person=person, roles__role=Role.TUTOR).values("network")
    valid = Claim.objects.valid_on(now().date())
    return valid.filter(person=person, notion=notion, network__in=tutoring).exists()


@transaction.atomic
def write_guide(
    *,
    notion: Notion,
    author: Person,
    based_on: int,
    aims: str,
    exercise: str,
    links: Sequence[Link] = (),
    change: str = "",
) -> Guide:
    """Add a version; ``based_on`` is the number of the one that was read, 0 for none.

    What changes nothing makes no version. Raises ``ConflictError`` when somebody wrote in between.
    """
    if not may_write_guide(author, notion):
        raise RoleRequiredError("Cette page s’écrit par les tuteurs validés sur ce sujet.")
    text = _check_text(aims, exercise, change)
    wanted = {"aims": text["aims"], "exercise": text["exercise"], "links": _check_links(links)}
    # Two writers wait for each other here: versions are numbered without holes.
    Notion.objects.select_for_update(of=("self",)).get(pk=notion.pk)
    latest = current_guide(notion)
    if latest is not None and _content(latest) == wanted:
        return latest
    if based_on != (latest.number if latest else 0):
        raise ConflictError("Quelqu’un a écrit une version plus récente de cette page.", code="newer_version")
    number = based_on + 1
    return Guide.objects.create(notion=notion, number=number, author=author, change=text["change"], **wanted)


def restore_guide(*, notion: Notion, author: Person, number: int, based_on: int) -> Guide:
    """Make an old version the one that is shown, by writing it again."""
    old = access_version(notion, number)
    return write_guide(
        notion=notion,
        author=author,
        based_on=based_on,
        aims=old.aims,
        exercise=old.exercise,
        links=old.links,
        change=f"Retour à la version {number}",
    )


def access_version(notion: Notion, number: int) -> Guide:
    found = Guide.objects.filter(notion=notion, number=number).first()
    if found is None:
        raise NotFoundError
    return found


@transaction.atomic
def load_guides(*, path: Path) -> int:
    """Give their starter page to the notions that have none; what is there stays. How many were added."""
    rows: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["guides"]
    notions = {notion.slug: notion for notion in Notion.objects.filter(guides=None)}
    fresh = [_read_starter(notions[row["notion"]], row) for row in rows if row["notion"] in notions]
    return len(Guide.objects.bulk_create(fresh))


def _read_starter(notion: Notion, row: Mapping[str, Any]) -> Guide:
    text = _check_text("\n".join(row["aims"]), "\n".join(row["exercise"]), STARTER)
    return Guide(notion=notion, number=1, links=_check_links(row["links"]), **text)


def _content(guide: Guide) -> dict[str, object]:
    return {"aims": guide.aims, "exercise": guide.exercise, "links": guide.links}


def _check_text(aims: str, exercise: str, change: str) -> dict[str, str]:
    limits = {"aims": AIMS_LENGTH_MAX, "exercise": EXERCISE_LENGTH_MAX, "change": CHANGE_LENGTH_MAX}
    text = {name: _tidy(value) for name, value in (("aims", aims), ("exercise", exercise), ("change", change))}
    for name, value in text.items():
        if not value and name != "change":
            raise _refusal(name, "Écrivez au moins une ligne.")
        if len(value) > limits[name]:
            raise _refusal(name, f"{limits[name]} signes au plus.")
        refuse_patient_number(value, field=name)
    return text


def _tidy(text: str) -> str:
    """One idea a line, without empty ones."""
    return "\n".join(line.strip() for line in text.splitlines() if line.strip())


def _check_links(links: Sequence[Link]) -> list[Link]:
    if len(links) > LINKS_MAX:
        raise _refusal("links", f"{LINKS_MAX} liens au plus.")
    return [_check_link(link) for link in links]


def _check_link(link: Link) -> Link:
    label, url = link["label"].strip(), link["url"].strip()
    refuse_patient_number(f"{label} {url}", field="links")
    if not label or len(label) > LABEL_LENGTH_MAX or len(url) > ADDRESS_LENGTH_MAX or not is_safe_address(url):
        raise _refusal(
            "links", f"« {label or url} » : donnez un nom et une adresse complète qui commence par https://."
        )
    return {"label": label, "url": url}


def is_safe_address(url: str) -> bool:
    """An https address of a host with a name, without password nor port tricks nor blanks."""
    try:
        parts = urlsplit(url)
        plain = parts.port is None and not parts.username and not parts.password
    except ValueError:
        return False
    blank = any(sign.isspace() or not sign.isprintable() for sign in url)
    return parts.scheme == "https" and plain and "." in (parts.hostname or "") and not blank and "\\" not in url


def _refusal(field: str, message: str) -> DomainError:
    return DomainError(message, code=field, fields={field: [message]})
