"""What a process asks the database once a second for all its sockets, with two queries however many they are.

Who is still signed in, who still belongs, and the last number of every topic: so revocation takes effect and a lost
broadcast is noticed within a second, whatever happens to the channel layer.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.contrib.sessions.models import Session
from django.db.models import CharField, F, QuerySet, TextField, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast

from backend.accounts.models import ApiToken, Person
from backend.common.clock import now
from backend.conversations.domain.access import open_pairs_among
from backend.conversations.models import Conversation
from backend.notifications.models import Inbox
from realtime.sign_in import Credential


@dataclass(frozen=True, slots=True)
class Question:
    """What the sockets of a process rest on."""

    credentials: Collection[Credential]
    conversations: Collection[int]
    inboxes: Collection[int]


@dataclass(slots=True)
class Answer:
    sessions: set[str] = field(default_factory=set)
    tokens: set[str] = field(default_factory=set)
    # The stored password of everybody whose account is open.
    people: dict[int, str] = field(default_factory=dict)
    # (person, conversation) pairs that are still open.
    seats: set[tuple[int, int]] = field(default_factory=set)
    # Last number by key of topic.
    last: dict[str, int] = field(default_factory=dict)

    def is_good(self, credential: Credential) -> bool:
        password = self.people.get(credential.person_id)
        if password is None:
            return False
        if credential.token_hash:
            return credential.token_hash in self.tokens
        return credential.session_key in self.sessions and password == credential.password


def ask(question: Question) -> Answer:
    people = {credential.person_id for credential in question.credentials}
    answer = Answer(seats=open_pairs_among(people, question.conversations) if question.conversations else set())
    for kind, key, value in _rows(question, people):
        match kind:
            case "session":
                answer.sessions.add(key)
            case "token":
                answer.tokens.add(key)
            case "person":
                answer.people[int(key)] = value
            case _:
                answer.last[f"{kind}:{key}"] = int(value)
    return answer


def _rows(question: Question, people: Collection[int]) -> Iterable[Any]:
    sessions = {credential.session_key for credential in question.credentials} - {""}
    tokens = {credential.token_hash for credential in question.credentials} - {""}
    conversations = Conversation.objects.filter(pk__in=question.conversations)
    parts = [
        _part("person", Person.objects.filter(pk__in=people, is_active=True), F("pk"), F("password")),
        _part("session", Session.objects.filter(pk__in=sessions, expire_date__gt=now()), F("pk"), Value("")),
        _part("token", ApiToken.objects.filter(hash__in=tokens), F("hash"), Value("")),
        _part("conversation", conversations, F("pk"), F("last_number")),
        _part("me", Inbox.objects.filter(person__in=question.inboxes), F("person_id"), F("last_number")),
    ]
    first, *others = parts
    # Parts without anything to ask fall away, and with them what kept the model's own order out.
    return first.union(*others, all=True).order_by()


def _part(kind: str, rows: QuerySet[Any], key: Combinable, value: Combinable) -> QuerySet[Any, Any]:
    columns: QuerySet[Any, Any] = rows.order_by().annotate(
        row_kind=Value(kind, output_field=CharField()),
        row_key=Cast(key, TextField()),
        row_value=Cast(value, TextField()),
    )
    return columns.values_list("row_kind", "row_key", "row_value")
