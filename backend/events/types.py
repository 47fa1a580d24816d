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
class SessionsProposed(Event):
    """Proposed all at once, by a publication or one by one; mails about them wait ``mail_delay`` minutes.

    A listener works on all of them together: five hundred come in one publication.
    """

    session_ids: tuple[int, ...]
    mail_delay: int = 0


@dataclass(frozen=True, slots=True)
class SessionsTakenBack(Event):
    """A publication is taken back before any mail left or anybody answered: these sessions are about to vanish."""

    session_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class SessionConfirmed(Event):
    """At the time that was proposed; late, if silence had declined it."""

    session_id: int


@dataclass(frozen=True, slots=True)
class SessionMoved(Event):
    """The last party accepted another time: the session is confirmed then, whatever it was before."""

    session_id: int
    author_id: int


@dataclass(frozen=True, slots=True)
class SessionDeclined(Event):
    """By the tutor, or by silence (``Session.no_answer``)."""

    session_id: int


@dataclass(frozen=True, slots=True)
class SessionCancelled(Event):
    session_id: int
    author_id: int


@dataclass(frozen=True, slots=True)
class TimeOffered(Event):
    """Somebody proposes another time; nothing has moved yet."""

    offer_id: int


@dataclass(frozen=True, slots=True)
class TimeDeclined(Event):
    """By one of the others, or taken back by whoever proposed it: the session stays when it is."""

    offer_id: int


@dataclass(frozen=True, slots=True)
class SessionAnswerDue(Event):
    """The last day on which the tutor can answer has begun."""

    session_id: int


@dataclass(frozen=True, slots=True)
class SessionTomorrow(Event):
    """A confirmed session begins within a day."""

    session_id: int


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
class AttendanceAwaited(Event):
    """A session is over and somebody has not said who was there; ``rank`` counts how often it was asked."""

    session_id: int
    rank: int


@dataclass(frozen=True, slots=True)
class AttendanceUndecided(Event):
    """A week of silence: the coordinator decides."""

    session_id: int


@dataclass(frozen=True, slots=True)
class CertificateRevoked(Event):
    certificate_id: int


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


@dataclass(frozen=True, slots=True)
class MessageSent(Event):
    conversation_id: int
    message_id: int


@dataclass(frozen=True, slots=True)
class MessageWithdrawn(Event):
    """A message is gone, taken back or hidden: ``message_id`` is the item that says so, under a number of its own."""

    conversation_id: int
    message_id: int


@dataclass(frozen=True, slots=True)
class MessageReported(Event):
    """Somebody showed one message to the coordinators."""

    report_id: int


@dataclass(frozen=True, slots=True)
class ReadMarked(Event):
    """A person read up to ``number``; others are told only if ``is_shown``, the person's own windows always."""

    conversation_id: int
    person_id: int
    number: int
    is_shown: bool


@dataclass(frozen=True, slots=True)
class MemberRemoved(Event):
    """Somebody may no longer read a conversation: taken out of a lounge, or gone from a session."""

    conversation_id: int
    person_id: int


@dataclass(frozen=True, slots=True)
class RunQueued(Event):
    """A computation waits for a worker, for the first time or again."""

    run_id: int


@dataclass(frozen=True, slots=True)
class RunProgressed(Event):
    """A computation has something new to show: it began, came nearer, or ended in any way. Read its row."""

    run_id: int
    campaign_id: int


@dataclass(frozen=True, slots=True)
class CampaignCalled(Event):
    """People are asked to take part in a campaign, or reminded."""

    call_id: int


@dataclass(frozen=True, slots=True)
class FavourAsked(Event):
    """Somebody could make one more session possible."""

    favour_id: int


@dataclass(frozen=True, slots=True)
class AgreementMoved(Event):
    """Proposed, accepted, refused or ended by a coordinator of one of its networks."""

    agreement_id: int
    author_id: int


@dataclass(frozen=True, slots=True)
class SharedCoordinationMoved(Event):
    """Asked for, accepted, refused or ended."""

    shared_id: int
    author_id: int
