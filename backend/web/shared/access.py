"""What every page of a signed-in person begins and ends with."""

from collections.abc import Callable, Sequence
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_safe

from backend.accounts.models import Person
from backend.common.errors import ConflictError, DomainError, NotFoundError, RoleRequiredError
from backend.common.patient_numbers import validate_no_patient_number

PAGE_SIZE = 20
CONFLICT, UNPROCESSABLE = 409, 422


class PersonRequest(HttpRequest):
    """A request of somebody signed in."""

    user: Person


type View = Callable[..., HttpResponse]


def reading(view: View) -> View:
    """A page that is only read; anybody not signed in goes to sign in first, and comes back."""
    return require_safe(login_required(view))


def acting(view: View) -> View:
    """A page with forms that post to its own address."""
    return require_http_methods(["GET", "HEAD", "POST"])(login_required(view))


def return_address(request: HttpRequest, default: str) -> str:
    """Where the form came from, if it said so and it is a page of ours."""
    wanted = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(wanted, allowed_hosts=None, require_https=request.is_secure())
    return wanted if safe else default


def refuse(form: forms.Form, error: DomainError) -> int:
    """Write what the domain refused into the form, beside its fields where it names them; the status to answer.

    What is absent, or asks for another role, is no matter of a form: it goes on to its own page.
    """
    if isinstance(error, NotFoundError | RoleRequiredError):
        raise error
    named = next((name for name in error.fields if name in form.fields), None)
    form.add_error(named, error.message)
    return CONFLICT if isinstance(error, ConflictError) else UNPROCESSABLE


def page_of(request: HttpRequest, items: QuerySet[Any] | Sequence[Any], size: int = PAGE_SIZE) -> Page[Any]:
    """The page of a list that the address asks for; the nearest one for a number that does not exist."""
    return Paginator(items, size).get_page(request.GET.get("page"))


class ReasonField(forms.CharField):
    """Some words that somebody else will read."""

    def __init__(self, *, label: str, help_text: str, **options: Any) -> None:
        super().__init__(
            label=label,
            help_text=help_text,
            max_length=500,
            widget=forms.Textarea(attrs={"rows": 2}),
            validators=[validate_no_patient_number],
            error_messages={"required": "Dites pourquoi, en quelques mots."},
            **options,
        )
