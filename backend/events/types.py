"""What happened: frozen facts that carry primary keys, and nothing else that is stored."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened, told inside the transaction that made it so."""


@dataclass(frozen=True, slots=True)
class CredentialSubmitted(Event):
    """Sent to a network, with all its claims."""

    credential_id: int


@dataclass(frozen=True, slots=True)
class CredentialAnswered(Event):
    """The person gave what was asked for: it is for coordinators to read again."""

    credential_id: int


@dataclass(frozen=True, slots=True)
class CredentialDecided(Event):
    """A certificate that a coordinator has to tie to competencies: refused, or more was asked."""

    credential_id: int


@dataclass(frozen=True, slots=True)
class ClaimsDecided(Event):
    """One decision on claims of one credential: accepted, refused, revoked, or more was asked."""

    claim_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class SessionProposed(Event):
    session_id: int


@dataclass(frozen=True, slots=True)
class SessionConfirmed(Event):
    session_id: int


@dataclass(frozen=True, slots=True)
class SessionDeclined(Event):
    session_id: int


@dataclass(frozen=True, slots=True)
class SessionCancelled(Event):
    session_id: int
    author_id: int


@dataclass(frozen=True, slots=True)
class LearnerLeft(Event):
    """A learner left a group; the session stands for the others."""

    session_id: int
    learner_id: int


@dataclass(frozen=True, slots=True)
class AttendanceRecorded(Event):
    """The tutor said who was there."""

    session_id: int


@dataclass(frozen=True, slots=True)
class AttendanceDisputed(Event):
    """Tutor and learner differ: the coordinator decides."""

    session_id: int


@dataclass(frozen=True, slots=True)
class SessionSettled(Event):
    """Held or missed."""

    session_id: int


@dataclass(frozen=True, slots=True)
class HelpAsked(Event):
    """A request is open: its person asked, or confirmed what somebody entered beside them."""

    request_id: int


@dataclass(frozen=True, slots=True)
class RequestChanged(Event):
    """The person changed what an open request says."""

    request_id: int


@dataclass(frozen=True, slots=True)
class RequestEntered(Event):
    """Somebody entered a request beside its person, who has a code to read out."""

    request_id: int
    # Only its hash is stored: whoever tells the person must be told here.
    code: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class RequestConfirmed(Event):
    """By its person, or by whoever entered it and typed the code."""

    request_id: int
    author_id: int


@dataclass(frozen=True, slots=True)
class RequestWithdrawn(Event):
    """By ``author_id``; by nobody when nobody confirmed it in time."""

    request_id: int
    author_id: int | None


@dataclass(frozen=True, slots=True)
class InvitationSent(Event):
    """An address is asked to join a network."""

    invitation_id: int


@dataclass(frozen=True, slots=True)
class MemberJoined(Event):
    """For the first time, or again after having left."""

    membership_id: int


@dataclass(frozen=True, slots=True)
class MembersImported(Event):
    """People whom a list made members: each has an account that they do not know of."""

    import_id: int
    membership_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class MemberLeft(Event):
    """By their own choice when they are the author."""

    membership_id: int
    author_id: int


@dataclass(frozen=True, slots=True)
class MemberSuspended(Event):
    membership_id: int
    author_id: int


@dataclass(frozen=True, slots=True)
class MemberReinstated(Event):
    membership_id: int


@dataclass(frozen=True, slots=True)
class RoleGiven(Event):
    membership_id: int
    role: str


@dataclass(frozen=True, slots=True)
class RoleTaken(Event):
    membership_id: int
    role: str


@dataclass(frozen=True, slots=True)
class SignInPassPrinted(Event):
    """A coordinator printed a way to sign in as somebody."""

    pass_id: int
