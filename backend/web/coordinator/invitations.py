"""« Inviter »: asking addresses to join, and what became of it; and sheets of paper that sign in."""

import re
from typing import Any

import segno
from django import forms
from django.contrib import messages
from django.core.exceptions import BadRequest
from django.db.models import QuerySet
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.cache import never_cache

from backend.common.errors import ConflictError, DomainError
from backend.common.formats import format_count
from backend.networks.domain.invitations import Sent, invite_people, revoke_invitation
from backend.networks.domain.passes import cancel_passes, print_pass
from backend.networks.enums import Attachment, InvitationState, Role
from backend.networks.models import Invitation, Network, Site
from backend.networks.rules import access_membership_for, invitation_state, may_sign_in_on_paper, networks_with_role
from backend.notifications.domain.notify import absolute_url
from backend.web.shared.access import CONFLICT, UNPROCESSABLE, PersonRequest, acting, page_of, refuse
from backend.web.shared.identity import NO_SITE, group_sites
from backend.web.shared.profile import ROLE_WORDS
from backend.web.shared.wording import Tag

SEPARATORS = re.compile(r"[\s,;]+")
ADDRESSES_LENGTH_MAX = 20_000
STATE_TAGS = {
    InvitationState.OPEN: Tag("en attente", "warm", "clock"),
    InvitationState.ACCEPTED: Tag("acceptée", "good", "check"),
    InvitationState.EXPIRED: Tag("expirée", "quiet", "clock"),
    InvitationState.REVOKED: Tag("retirée", "quiet", "close"),
}


class InvitationForm(forms.Form):
    network = forms.ChoiceField(label="Réseau")
    emails = forms.CharField(
        label="Adresses électroniques",
        help_text="Une par ligne, ou séparées par des virgules.",
        max_length=ADDRESSES_LENGTH_MAX,
        widget=forms.Textarea(attrs={"rows": 4, "autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": "Écrivez au moins une adresse."},
    )
    roles = forms.MultipleChoiceField(
        label="Rôles",
        choices=[(role.value, ROLE_WORDS[role].capitalize()) for role in Role],
        initial=[Role.LEARNER],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choisissez au moins un rôle."},
    )
    attachment = forms.ChoiceField(
        label="Lien avec la CPTS", choices=Attachment.choices, initial=Attachment.MEMBER, widget=forms.RadioSelect
    )
    site = forms.ChoiceField(label="Lieu de travail", required=False)

    def __init__(self, networks: list[Network], data: QueryDict | None = None) -> None:
        super().__init__(data, use_required_attribute=False)
        self.networks = {network.slug: network for network in networks}
        self._offer("network", [(network.slug, network.name) for network in networks])
        sites = Site.objects.filter(network__in=networks).order_by("network__name", "kind", "name")
        self._offer("site", [("", NO_SITE), *group_sites(sites)])
        if len(networks) < 2:
            del self.fields["network"]

    def _offer(self, name: str, choices: list[Any]) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]  # they are all choices

    @property
    def network_wanted(self) -> Network:
        slug = self.cleaned_data.get("network")
        return self.networks[slug] if slug else next(iter(self.networks.values()))

    def send(self, request: PersonRequest) -> Sent:
        data = self.cleaned_data
        return invite_people(
            network=self.network_wanted,
            author=request.user,
            emails=SEPARATORS.split(data["emails"]),
            roles=[Role(role) for role in data["roles"]],
            attachment=Attachment(data["attachment"]),
            site=Site.objects.get(pk=data["site"]) if data["site"] else None,
        )


@acting
def invite(request: PersonRequest) -> HttpResponse:
    networks = networks_with_role(request.user, Role.COORDINATOR)
    form, status = InvitationForm(networks), 200
    if request.method == "POST":
        form, status = InvitationForm(networks, request.POST), UNPROCESSABLE
        if form.is_valid():
            try:
                sent = form.send(request)
            except DomainError as error:
                status = refuse(form, error)
            else:
                _tell(request, sent)
                return redirect("invitations")
    return render(request, "members/invite.html", {"form": form}, status=status)


def _tell(request: PersonRequest, sent: Sent) -> None:
    if sent.invited:
        words = format_count(len(sent.invited), "invitation envoyée", "invitations envoyées")
        messages.success(request, f"{words}. Le lien est valable 14 jours.")
    if sent.members:
        messages.info(request, f"Déjà membres, rien ne leur est envoyé : {', '.join(sent.members)}.")


@acting
def list_invitations(request: PersonRequest) -> HttpResponse:
    networks = networks_with_role(request.user, Role.COORDINATOR)
    if request.method == "POST":
        return _change(request, networks)
    page = page_of(request, _invitations(networks))
    rows = [
        (row, STATE_TAGS[invitation_state(row)], ", ".join(ROLE_WORDS[Role(role)] for role in row.roles))
        for row in page.object_list
    ]
    context = {"page": page, "rows": rows, "several": len(networks) > 1}
    return render(request, "members/invitations.html", context)


def _invitations(networks: list[Network]) -> QuerySet[Invitation]:
    """The last invitation of each address, for one that was replaced says nothing more."""
    return (
        Invitation.objects.filter(network__in=networks)
        .select_related("network", "author", "accepted_by")
        .order_by("-created_at", "-pk")
    )


def _change(request: PersonRequest, networks: list[Network]) -> HttpResponse:
    number = request.POST.get("invitation", "")
    if not number.isascii() or not number.isdecimal() or len(number) > 18:
        raise BadRequest
    invitation = _invitations(networks).filter(pk=int(number)).first()
    match invitation, request.POST.get("action"):
        case Invitation(), "renvoyer":
            _send_again(request, invitation)
        case Invitation(), "retirer":
            revoke_invitation(network=invitation.network, invitation_id=invitation.pk, author=request.user)
            messages.success(request, f"Invitation retirée : le lien envoyé à {invitation.email} ne sert plus.")
        case _:
            raise BadRequest
    return redirect("invitations")


def _send_again(request: PersonRequest, invitation: Invitation) -> None:
    sent = invite_people(
        network=invitation.network,
        author=request.user,
        emails=[invitation.email],
        roles=[Role(role) for role in invitation.roles],
        attachment=Attachment(invitation.attachment),
        site=invitation.site,
    )
    _tell(request, sent)


@never_cache
@acting
def print_sheet(request: PersonRequest, membership_id: int) -> HttpResponse:
    """The sheet is on the answer to the button that makes it, and nowhere else."""
    membership = access_membership_for(request.user, membership_id)
    context: dict[str, Any] = {"membership": membership, "may_print": may_sign_in_on_paper(membership, request.user)}
    if request.method != "POST":
        return render(request, "members/paper.html", context)
    if request.POST.get("action") == "retirer":
        cancel_passes(membership=membership, author=request.user)
        messages.success(request, "Les feuilles imprimées pour cette personne ne servent plus.")
        return redirect("member", membership_id=membership.pk)
    try:
        made, secret = print_pass(membership=membership, author=request.user)
    except ConflictError as error:
        return render(request, "members/paper.html", {**context, "problem": error.message}, status=CONFLICT)
    address = absolute_url(reverse("sign_in_on_paper", args=[secret]))
    context |= {"made": made, "code": draw_code(address)}
    return render(request, "members/sheet.html", context)


def draw_code(text: str) -> SafeString:
    """A QR code as a drawing within the page, without any style of its own."""
    drawing = segno.make(text, error="m", micro=False).svg_inline(
        scale=1, border=4, light="#fff", dark="#000", omitsize=True, svgclass="qr", lineclass=None
    )
    return mark_safe(drawing)  # noqa: S308 (drawn here, of an address of ours)
