"""What a calendar tells of one meeting."""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """RFC 5545 §3.8.1.11."""

    TENTATIVE = "TENTATIVE"
    CONFIRMED = "CONFIRMED"
    CANCELLED = "CANCELLED"


class Answer(StrEnum):
    """What a guest said, as ``PARTSTAT`` (RFC 5545 §3.2.12)."""

    AWAITED = "NEEDS-ACTION"
    ACCEPTED = "ACCEPTED"


@dataclass(frozen=True, slots=True)
class Mailbox:
    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Guest:
    mailbox: Mailbox
    answer: Answer


@dataclass(frozen=True, slots=True)
class Event:
    """One meeting in ``[starts_at, ends_at)``, told on the clocks of ``zone`` (an IANA name).

    ``uid`` stays for life; ``sequence`` rises with every change that a guest should see (RFC 5546 §2.1.4).
    """

    uid: str
    sequence: int
    starts_at: dt.datetime
    ends_at: dt.datetime
    zone: str
    status: Status
    title: str
    organizer: Mailbox
    created_at: dt.datetime
    changed_at: dt.datetime
    description: str = ""
    location: str = ""
    conference: str = ""
    url: str = ""
    alarm: dt.timedelta | None = None
