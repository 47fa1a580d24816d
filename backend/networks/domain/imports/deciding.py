"""The fate of each line, by what the database holds: in as many queries for five thousand lines as for one.

What an import may touch: members' roles (added, never taken), place and attachment; and the identity of an account that
nobody has signed in to yet and that no other network knows. The identity of everybody else is their own to correct.
An account of another network is « new » here, as an address without account is: nothing tells them apart.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from django.db.models import Prefetch, QuerySet

from backend.accounts.domain.people import SPECIALIST_PROFESSION
from backend.accounts.enums import PracticeMode
from backend.accounts.models import Person
from backend.networks.domain.imports.catalogue import Catalogue
from backend.networks.domain.imports.checking import Problems, Wanted, check_line
from backend.networks.domain.imports.lines import Column, Fate, Line, Verdict
from backend.networks.enums import Attachment, Role
from backend.networks.models import Membership, Network
from backend.referentials.models import Profession

BATCH = 5_000
RPPS_OF_ANOTHER = "Ce numéro RPPS est déjà celui d’un autre compte."
EMAIL_OF_ANOTHER = "Cette adresse est celle d’une personne qui a un autre numéro RPPS."
IDENTITY = {
    "last_name": "Nom",
    "first_name": "Prénom",
    "profession": "Profession",
    "specialty": "Spécialité",
    "practice_mode": "Mode d’exercice",
    "rpps": "RPPS",
}


@dataclass(slots=True)
class Decision:
    """A line's verdict with what writing it needs. Who is here and stays has a ``membership``."""

    verdict: Verdict
    wanted: Wanted
    account: Person | None = None
    membership: Membership | None = None
    identity: dict[str, object] = field(default_factory=dict)
    roles_missing: list[Role] = field(default_factory=list)


def decide_lines(network: Network, lines: Sequence[Line]) -> list[Decision]:
    catalogue = Catalogue(network)
    read = [(line, *check_line(line, catalogue, network)) for line in lines]
    snapshot = _Snapshot(network, [wanted for _, wanted, _, _ in read])
    return [snapshot.decide(*row) for row in read]


class _Snapshot:
    """Accounts that the lines name, and the first line that named each address and number."""

    def __init__(self, network: Network, wanted: Sequence[Wanted]) -> None:
        self.network = network
        memberships = Membership.objects.select_related("site").prefetch_related("roles")
        everybody = Person.objects.select_related("profession", "specialty").prefetch_related(
            Prefetch("memberships", queryset=memberships)
        )
        by_email = _find(everybody, "email", {row.email for row in wanted if row.email})
        by_rpps = _find(everybody, "rpps", {row.rpps for row in wanted if row.rpps})
        self.by_email = {person.email: person for person in by_email}
        self.by_rpps = {person.rpps: person for person in by_rpps}
        self.first_lines: dict[tuple[str, str], int] = {}

    def decide(self, line: Line, wanted: Wanted, problems: Problems, notes: list[str]) -> Decision:
        account = self.by_email.get(wanted.email)
        if line.is_candidate and not wanted.email:
            account = self._known_by_rpps(wanted)
        membership = self._membership_of(account) if account else None
        self._check_twins(line, wanted, problems)
        self._check_owner(line, wanted, account, membership, problems)
        decision = Decision(Verdict(line, Fate.REFUSED, dict(problems), [], notes), wanted, account, membership)
        if not problems:
            decision.verdict = self._settle(decision, notes)
        return decision

    def _known_by_rpps(self, wanted: Wanted) -> Person | None:
        """Of a member only: where else somebody has an account is told to nobody."""
        account = self.by_rpps.get(wanted.rpps) if wanted.rpps else None
        return account if account and self._membership_of(account) else None

    def _membership_of(self, account: Person) -> Membership | None:
        return next(
            (row for row in account.memberships.all() if row.network_id == self.network.pk and row.left_at is None),
            None,
        )

    def _check_twins(self, line: Line, wanted: Wanted, problems: Problems) -> None:
        for column, value in ((Column.EMAIL, wanted.email), (Column.RPPS, wanted.rpps)):
            if not value:
                continue
            first = self.first_lines.setdefault((column, value), line.number)
            if first != line.number:
                problems[column].append(f"Déjà à la ligne {first}.")

    def _check_owner(
        self, line: Line, wanted: Wanted, account: Person | None, membership: Membership | None, problems: Problems
    ) -> None:
        if not wanted.rpps or line.is_candidate:
            return
        owner = self.by_rpps.get(wanted.rpps)
        if owner is not None and owner != account:
            problems[Column.RPPS].append(RPPS_OF_ANOTHER)
        elif membership and account and account.rpps and account.rpps != wanted.rpps:
            problems[Column.EMAIL].append(EMAIL_OF_ANOTHER)

    def _settle(self, decision: Decision, notes: list[str]) -> Verdict:
        """The verdict on a line without fault."""
        line = decision.verdict.line
        if decision.membership is None:
            fate = Fate.CANDIDATE if line.is_candidate else Fate.NEW
            return Verdict(line, fate, notes=notes)
        if line.is_candidate:
            return Verdict(line, Fate.KNOWN, notes=notes)
        changes = [*self._compare_identity(decision, notes), *_compare_membership(decision)]
        if decision.membership.suspended_at is not None:
            notes = [*notes, "Sa participation est suspendue, et le reste."]
        return Verdict(line, Fate.CHANGED if changes else Fate.KNOWN, changes=changes, notes=notes)

    def _compare_identity(self, decision: Decision, notes: list[str]) -> Iterator[str]:
        account, wanted = decision.account, decision.wanted
        differing = {
            name: after
            for name in IDENTITY
            if account and (after := getattr(wanted, name)) and after != (getattr(account, name) or "")
        }
        if not differing or account is None:
            return
        if not self._may_correct(account):
            names = ", ".join(IDENTITY[name].lower() for name in differing)
            notes.append(f"La personne a dit autre chose de : {names}. Son compte garde ce qu’elle a dit.")
            return
        decision.identity = differing | _clear_what_does_not_fit(account, wanted.profession)
        for name, after in decision.identity.items():
            yield _tell_change(IDENTITY[name], *(_say(name, value) for value in (getattr(account, name), after)))

    def _may_correct(self, account: Person) -> bool:
        """Whether nobody but this network has had anything to do with the account."""
        alone = all(row.network_id == self.network.pk for row in account.memberships.all())
        return alone and account.last_login is None and not account.is_staff and not account.is_superuser


def _compare_membership(decision: Decision) -> Iterator[str]:
    membership, wanted = decision.membership, decision.wanted
    if membership is None:
        return
    held = {given.role for given in membership.roles.all()}
    decision.roles_missing = [role for role in wanted.roles if role not in held]
    # A place that the list brings has no number yet: two of them would look alike.
    if wanted.site and (not wanted.site.pk or wanted.site != membership.site):
        yield _tell_change("Site", membership.site, wanted.site)
    if wanted.attachment and wanted.attachment != membership.attachment:
        before, after = Attachment(membership.attachment).label, Attachment(wanted.attachment).label
        yield _tell_change("Rattachement", before, after)
    if decision.roles_missing:
        yield f"Rôle ajouté : {', '.join(role.label for role in decision.roles_missing)}"


def _clear_what_does_not_fit(account: Person, profession: Profession | None) -> dict[str, object]:
    """What another profession leaves without meaning."""
    cleared: dict[str, object] = {}
    if profession and account.specialty and profession.slug != SPECIALIST_PROFESSION:
        cleared["specialty"] = None
    if profession and account.rpps and not profession.has_rpps:
        cleared["rpps"] = None
    return cleared


def _say(name: str, value: object) -> object:
    return PracticeMode(str(value)).label if name == "practice_mode" and value else value


def _tell_change(name: str, before: object, after: object) -> str:
    return f"{name} : {before or 'vide'} → {after or 'vide'}"


def _find(people: QuerySet[Person], name: str, values: Iterable[str]) -> Iterator[Person]:
    ordered = sorted(values)
    for start in range(0, len(ordered), BATCH):
        yield from people.filter(**{f"{name}__in": ordered[start : start + BATCH]})
