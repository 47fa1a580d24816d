"""How fast one account may ask."""

from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle
from rest_framework.views import APIView

from backend.accounts.models import Person


class AccountThrottle(SimpleRateThrottle):
    """Ten requests a second for a minute, by account: a whole hospital may sit behind one address."""

    scope = "account"
    rate = "600/min"

    def get_cache_key(self, request: Request, view: APIView) -> str | None:
        """Nobody signed in counts nowhere: what they may read is ready-made."""
        if not isinstance(request.user, Person):
            return None
        return self.cache_format % {"scope": self.scope, "ident": request.user.pk}
