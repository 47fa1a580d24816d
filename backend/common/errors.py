"""What a domain function raises when it refuses: pages and the API map these, once each, to an answer.

``code`` is stable and for machines, ``message`` is a French sentence for the person.
"""


class DomainError(Exception):
    """A refusal that the caller can explain to the person (400)."""

    code = "refused"
    message = "Cette action n’est pas possible."

    def __init__(self, message: str = "", *, code: str = "", fields: dict[str, list[str]] | None = None) -> None:
        self.message = message or self.message
        self.code = code or self.code
        self.fields = fields or {}
        super().__init__(self.message)


class NotFoundError(DomainError):
    """Absent, or not yours: the same answer for both (404)."""

    code = "not_found"
    message = "Cette page n’existe pas, ou ne vous concerne pas."


class ConflictError(DomainError):
    """The state of things forbids it, or somebody was faster (409)."""

    code = "conflict"
    message = "La situation a changé entre-temps. Rechargez la page."


class ForbiddenMoveError(ConflictError):
    """A state may not follow another (409)."""

    code = "forbidden_move"


class RoleRequiredError(DomainError):
    """A signed-in person without the role that a whole area asks for (403)."""

    code = "role_required"
    message = "Cette partie est réservée à un autre rôle."
