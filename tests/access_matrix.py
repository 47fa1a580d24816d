"""Who gets what answer where: one line for each route and method, one column for each kind of person.

Everybody but the last three stands in one network, and everything addressed belongs to it; the *stranger* coordinates
another network, *admin* is a support administrator without any membership. What a column says:

    200 …    the status of the answer
    login    sent to the sign-in page
    302      sent anywhere else

A method that has no line is refused to everybody. `POST` carries no data, `POST:action=accept` does; what a request
changes is undone after it. Rules: nobody signed in is `login` on a page and 401 in
the API; absent or not yours is 404; 403 is for a signed-in person without the role that a whole area asks for.
"""

from collections.abc import Callable
from pathlib import Path

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.mail import EmailMessage

from backend.accounts.domain.passes import create_pass
from backend.accounts.models import Person
from backend.common.eml import EmailBackend
from backend.needs.domain.phrases import read_themes
from backend.networks.domain.imports.importing import prepare_import
from backend.networks.domain.imports.lines import Line
from backend.networks.domain.invitations import invite_address, token_of
from backend.networks.enums import Role
from backend.networks.models import Invitation, MemberImport, Membership
from backend.referentials.models import Notion
from tests.support.cast import Cast
from tests.support.factories import EvidenceFactory, GuideFactory

ROLES = ("anonymous", "learner", "tutor", "coordinator", "auditor", "stranger", "admin")

MATRIX = """
route                                method                 anonymous learner tutor coordinator auditor stranger admin
ask                                  GET                    login     200     403   403         403     403      403
ask_capacity                         GET                    login     200     403   403         403     403      403
ask_capacity                         POST                   login     422     403   403         403     403      403
ask_for                              GET                    login     200     200   200         403     200      403
ask_for                              POST                   login     422     422   422         403     422      403
ask_for_capacity                     GET                    login     404     404   200         404     404      404
ask_for_capacity                     POST                   login     404     404   422         404     404      404
ask_for_person                       GET                    login     404     404   200         404     404      404
ask_for_phrase                       GET                    login     404     404   200         404     404      404
ask_for_phrase                       POST                   login     404     404   422         404     404      404
ask_phrase                           GET                    login     200     403   403         403     403      403
ask_phrase                           POST                   login     422     403   403         403     403      403
positioning                          GET                    login     200     200   200         200     200      200
positioning_domain                   GET                    login     200     200   200         200     200      200
positioning_domain                   POST                   login     302     302   302         302     302      302
request                              GET                    login     200     404   200         404     404      404
request                              POST                   login     400     404   400         404     404      404
request                              POST:action=code       login     422     404   422         404     404      404
request                              POST:action=confirm    login     302     404   404         404     404      404
request                              POST:action=withdraw   login     302     404   404         404     404      404
request_change                       GET                    login     200     404   404         404     404      404
request_change                       POST                   login     422     404   404         404     404      404
requests                             GET                    login     200     200   200         200     200      200
standing                             GET                    login     200     200   200         200     200      200
accessibility                        GET                    200       200     200   200         200     200      200
availability                         GET                    login     200     200   200         200     200      200
availability                         POST                   login     400     400   400         400     400      200
availability                         POST:action=board      login     400     400   400         400     400      200
availability                         POST:action=exception  login     422     422   422         422     422      200
availability                         POST:action=window     login     422     422   422         422     422      200
campaign                             GET                    login     403     403   200         403     404      404
campaign                             POST                   login     403     403   400         403     404      404
campaign                             POST:action=compute    login     403     403   409         403     404      404
campaign                             POST:action=publish    login     403     403   409         403     404      404
campaigns                            GET                    login     403     403   200         403     200      403
capacity                             GET                    200       200     200   200         200     200      200
certificate                          GET                    200       200     200   200         200     200      200
certificate_form                     GET                    200       200     200   200         200     200      200
claim                                GET                    login     403     200   200         403     404      404
claim                                POST                   login     403     400   422         403     404      404
claim                                POST:action=withdraw   login     403     302   422         403     404      404
claims                               GET                    login     403     403   200         403     200      403
claims_add                           GET                    login     403     200   403         403     403      403
claims_add                           POST                   login     403     200   403         403     403      403
claims_ways                          GET                    login     403     200   403         403     403      403
credential                           GET                    login     403     200   302         403     404      404
credential                           POST                   login     403     400   302         403     404      404
credential                           POST:action=withdraw   login     403     302   302         403     404      404
credential_review                    GET                    login     403     302   200         403     404      404
credential_review                    POST                   login     403     302   422         403     404      404
credential_review                    POST:target=accepted   login     403     302   422         403     404      404
evidence                             GET                    login     403     200   200         403     404      404
guide                                GET                    login     200     200   200         200     200      200
guide_edit                           GET                    login     403     403   403         403     403      403
guide_edit                           POST                   login     403     403   403         403     403      403
guide_version                        GET                    login     200     200   200         200     200      200
guide_version                        POST                   login     409     409   409         409     409      409
guide_version                        POST:based_on=1        login     403     403   403         403     403      403
guide_versions                       GET                    login     200     200   200         200     200      200
guides                               GET                    login     200     200   200         200     200      200
observe                              GET                    login     403     403   200         403     200      403
observe                              POST                   login     403     403   200         403     200      403
edit_profile                         GET                    login     200     200   200         200     200      200
edit_profile                         POST                   login     422     422   422         422     422      422
import_candidates                    GET                    login     403     403   200         403     404      404
import_members                       GET                    login     403     403   200         403     200      403
import_members                       POST                   login     403     403   422         403     422      403
import_template                      GET                    login     403     403   200         403     200      403
member_import                        GET                    login     403     403   200         403     404      404
member_import                        POST                   login     403     403   422         403     404      404
member_import                        POST:informed=oui      login     403     403   302         403     404      404
invitation                           GET                    200       200     200   200         200     200      200
invitation                           POST                   422       200     200   200         200     200      200
invitations                          GET                    login     403     403   200         403     200      403
invitations                          POST                   login     403     403   400         403     400      403
invite                               GET                    login     403     403   200         403     200      403
invite                               POST                   login     403     403   422         403     422      403
leave_network                        GET                    login     404     404   404         200     404      404
leave_network                        POST                   login     404     404   404         302     404      404
member                               GET                    login     403     403   200         403     404      404
member                               POST                   login     403     403   400         403     404      404
member                               POST:action=confier    login     403     403   422         403     404      404
member                               POST:action=lieu       login     403     403   302         403     404      404
member                               POST:action=partir     login     403     403   302         403     404      404
member                               POST:action=reprendre  login     403     403   409         403     404      404
member                               POST:action=suspendre  login     403     403   302         403     404      404
member                               POST:action=transmettre login 403     403   302         403     404      404
members                              GET                    login     403     403   200         403     200      403
conversation                         GET                    login     200     200   404         404     404      404
conversation                         POST                   login     422     422   404         404     404      404
conversation                         POST:body=Bonjour      login     422     422   404         404     404      404
conversations                        GET                    login     200     200   200         200     200      200
demonstration_mail                   GET                    200       200     200   200         200     200      200
demonstration_mails                  GET                    200       200     200   200         200     200      200
coverage                             GET                    login     403     403   200         403     200      403
coverage                             POST                   login     403     403   400         403     400      403
coverage                             POST:action=compute    login     403     403   302         403     302      403
coverage_notion                      GET                    login     403     403   200         403     200      403
find_now                             GET                    login     200     404   404         404     404      404
find_now                             POST                   login     400     404   404         404     404      404
find_now                             POST:tutor=1&start=2026-12-03 login 400 404   404         404     404      404
framework                            GET                    200       200     200   200         200     200      200
healthz                              GET                    200       200     200   200         200     200      200
help                                 GET                    200       200     200   200         200     200      200
holidays                             GET                    login     403     403   200         403     200      403
holidays                             POST                   login     403     403   400         403     400      403
holidays                             POST:action=add        login     403     403   422         403     422      403
home                                 GET                    200       200     200   200         200     200      200
legal                                GET                    200       200     200   200         200     200      200
my_claims                            GET                    login     200     200   200         200     200      200
notifications                        GET                    login     200     200   200         200     200      200
notifications                        POST                   login     302     302   302         302     302      302
offer                                GET                    login     403     200   403         403     403      403
offer                                POST                   login     403     404   403         403     403      403
offer                                POST:network=ici       login     403     422   403         403     403      403
offer                                POST:network=ailleurs  login     403     404   403         403     403      403
person                               GET                    login     200     404   200         404     404      404
person                               POST                   login     400     404   400         404     404      404
person                               POST:action=avoid      login     302     404   302         404     404      404
person                               POST:action=undo       login     302     404   302         404     404      404
points                               GET                    login     200     200   200         200     200      200
privacy                              GET                    200       200     200   200         200     200      200
profile                              GET                    login     200     200   200         200     200      200
profile                              POST                   login     400     400   400         400     400      400
profile                              POST:action=create     login     422     422   422         422     422      422
profile                              POST:action=end-passes login     302     302   302         302     302      302
readyz                               GET                    200       200     200   200         200     200      200
referentials                         GET                    200       200     200   200         200     200      200
favicon                              GET                    302       302     302   302         302     302      302
robots                               GET                    200       200     200   200         200     200      200
session                              GET                    login     200     200   200         404     404      404
session                              POST                   login     400     400   400         404     404      404
session                              POST:action=accept     login     409     302   409         404     404      404
session                              POST:action=agree      login     302     409   409         404     404      404
session                              POST:action=attendance login     409     409   409         404     404      404
session                              POST:action=cancel     login     422     409   409         404     404      404
session                              POST:action=confirm    login     409     409   409         404     404      404
session                              POST:action=decide     login     409     409   409         404     404      404
session                              POST:action=decline    login     409     422   409         404     404      404
sessions                             GET                    login     200     200   200         200     200      200
sheet                                GET                    login     403     403   200         403     404      404
sheet                                POST                   login     403     403   409         403     404      404
sheet                                POST:action=retirer    login     403     403   302         403     404      404
sign_in_on_paper                     GET                    200       200     200   200         200     200      200
sign_in_on_paper                     POST                   302       302     302   302         302     302      302
welcome                              GET                    login     200     200   200         200     200      200
account_change_password              GET                    login     200     200   200         200     200      200
account_change_password              POST                   login     200     200   200         200     200      200
account_confirm_login_code           GET                    login     302     302   302         302     302      302
account_confirm_login_code           POST                   login     302     302   302         302     302      302
account_inactive                     GET                    200       200     200   200         200     200      200
account_login                        GET                    200       302     302   302         302     302      302
account_login                        POST                   200       302     302   302         302     302      302
account_logout                       GET                    302       200     200   200         200     200      200
account_logout                       POST                   302       302     302   302         302     302      302
account_reauthenticate               GET                    login     200     200   200         200     200      200
account_reauthenticate               POST                   login     200     200   200         200     200      200
account_request_login_code           GET                    200       302     302   302         302     302      302
account_request_login_code           POST                   200       302     302   302         302     302      302
account_reset_password               GET                    200       200     200   200         200     200      200
account_reset_password               POST                   200       200     200   200         200     200      200
account_reset_password_done          GET                    200       200     200   200         200     200      200
account_reset_password_from_key      GET                    302       302     302   302         302     302      302
account_reset_password_from_key      POST                   302       302     302   302         302     302      302
account_reset_password_from_key_done GET                    200       200     200   200         200     200      200
account_set_password                 GET                    login     302     302   302         302     302      302
account_set_password                 POST                   login     302     302   302         302     302      302
account_signup                       GET                    200       302     302   302         302     302      302
account_signup                       POST                   200       302     302   302         302     302      302
api:availabilities                   GET                    401       200     200   200         200     200      200
api:availabilities                   PUT                    401       400     400   400         400     400      400
api:availability_exception           DELETE                 401       404     204   404         404     404      404
api:availability_exceptions          POST                   401       400     400   400         400     400      400
api:availability_offer               PUT                    401       400     400   400         400     404      404
api:availability_window              DELETE                 401       404     204   404         404     404      404
api:availability_window              PUT                    401       400     400   400         400     400      400
api:availability_windows             POST                   401       400     400   400         400     400      400
api:accept_claim                     POST                   401       403     403   200         403     404      404
api:answer_claim                     POST                   401       403     400   400         403     404      404
api:ask_more                         POST                   401       403     400   400         403     404      404
api:claim                            GET                    401       404     200   200         404     404      404
api:claims                           GET                    401       200     200   200         200     200      200
api:claims                           POST                   401       400     400   400         400     400      400
api:refuse_claim                     POST                   401       403     400   400         403     404      404
api:revoke_claim                     POST                   401       403     400   400         403     404      404
api:withdraw_claim                   POST                   401       403     200   404         403     404      404
api:docs                             GET                    200       200     200   200         200     200      200
api:ledger                           GET                    401       200     200   200         200     200      200
api:me                               GET                    401       200     200   200         200     200      200
api:member                           GET                    401       404     404   200         200     404      404
api:members                          GET                    401       200     200   200         200     200      200
api:notifications                    GET                    401       200     200   200         200     200      200
api:read_notifications               POST                   401       400     400   400         400     400      400
api:suspend_member                   POST                   401       403     403   200         403     404      404
api:networks                         GET                    401       200     200   200         200     200      200
api:notion                           GET                    401       200     200   200         200     200      200
api:notions                          GET                    401       200     200   200         200     200      200
api:positioning                      GET                    401       200     200   200         200     200      200
api:positioning                      POST                   401       400     400   400         400     400      400
api:professions                      GET                    401       200     200   200         200     200      200
api:referential                      GET                    401       200     200   200         200     200      200
api:referentials                     GET                    401       200     200   200         200     200      200
api:request                          GET                    401       200     404   200         404     404      404
api:requests                         GET                    401       200     200   200         200     200      200
api:requests                         POST                   401       400     400   400         400     400      400
api:schema                           GET                    200       200     200   200         200     200      200
api:session                          GET                    401       200     200   200         404     404      404
api:sessions                         GET                    401       200     200   200         200     200      200
api:specialties                      GET                    401       200     200   200         200     200      200
api:territories                      GET                    401       200     200   200         200     200      200
api:unknown                          GET                    404       404     404   404         404     404      404
api:unknown                          POST                   404       404     404   404         404     404      404
api:withdraw_request                 POST                   401       200     404   404         404     404      404
"""


def make_phrase_mean(cast: Cast) -> str:
    """The first everyday phrase, once the cast's capacity is what it is about."""
    phrase = read_themes()[0].phrases[0]
    Notion.objects.filter(pk=cast.here.request.notion_id).update(slug=phrase.notions[0])
    return phrase.slug


# What fills a route's parameters: by route and parameter, or by parameter alone.
PARAMETERS: dict[str, Callable[[Cast], object]] = {
    "account_reset_password_from_key uidb36": lambda cast: user_pk_to_url_str(cast.elsewhere.tutor),
    "account_reset_password_from_key key": lambda cast: default_token_generator.make_token(cast.elsewhere.tutor),
    "api:availability_exception pk": lambda cast: cast.here.exception.pk,
    "api:availability_offer network": lambda cast: cast.here.network.slug,
    "api:availability_window pk": lambda cast: cast.here.window.pk,
    **{
        f"api:{name} pk": lambda cast: cast.here.claim.pk
        for name in (
            "claim",
            "accept_claim",
            "answer_claim",
            "ask_more",
            "refuse_claim",
            "revoke_claim",
            "withdraw_claim",
        )
    },
    "api:notion slug": lambda cast: cast.here.session.notion.slug,
    "api:referential slug": lambda cast: cast.here.request.capacity.competency.domain.framework.slug,
    "api:request pk": lambda cast: cast.here.request.pk,
    "api:withdraw_request pk": lambda cast: cast.here.request.pk,
    "api:session pk": lambda cast: cast.here.session.pk,
    "api:member pk": lambda cast: membership_of(cast.here.auditor).pk,
    "api:suspend_member pk": lambda cast: membership_of(cast.here.auditor).pk,
    "ask_capacity key": lambda cast: cast.here.request.capacity.key,
    "ask_for_capacity key": lambda cast: cast.here.request.capacity.key,
    "ask_for_phrase phrase": make_phrase_mean,
    "ask_phrase phrase": make_phrase_mean,
    "ask_for_capacity membership_id": lambda cast: cast.here.learner.memberships.get().pk,
    "ask_for_person membership_id": lambda cast: cast.here.learner.memberships.get().pk,
    "ask_for_phrase membership_id": lambda cast: cast.here.learner.memberships.get().pk,
    "positioning_domain position": lambda cast: cast.here.request.capacity.competency.domain.position,
    "positioning_domain slug": lambda cast: cast.here.request.capacity.competency.domain.framework.slug,
    "person_id": lambda cast: cast.here.tutor.pk,
    "request_id": lambda cast: cast.here.request.pk,
    "standing slug": lambda cast: cast.here.request.capacity.competency.domain.framework.slug,
    "campaign_id": lambda cast: cast.here.campaign.pk,
    "capacity key": lambda cast: cast.here.request.capacity.key,
    "certificate number": lambda cast: cast.here.certificate.number,
    "claim_id": lambda cast: cast.here.claim.pk,
    "claims_add way": lambda _: "pix",
    "credential_id": lambda cast: cast.here.claim.credential_id,
    "evidence_id": lambda cast: EvidenceFactory.create(credential=cast.here.claim.credential).pk,
    "guide slug": lambda cast: cast.here.session.notion.slug,
    "guide_edit slug": lambda cast: cast.here.session.notion.slug,
    "guide_version number": lambda cast: GuideFactory.create(notion=cast.here.session.notion).number,
    "guide_version slug": lambda cast: cast.here.session.notion.slug,
    "guide_versions slug": lambda cast: cast.here.session.notion.slug,
    "conversation_id": lambda cast: cast.here.conversation.pk,
    "demonstration_mail name": lambda _: write_mail(),
    "coverage_notion slug": lambda cast: cast.here.request.notion.slug,
    "framework slug": lambda cast: cast.here.request.capacity.competency.domain.framework.slug,
    "import_id": lambda cast: read_list(cast).pk,
    "invitation token": lambda cast: token_of(invite(cast)),
    "membership_id": lambda cast: membership_of(cast.here.auditor).pk,
    "run_id": lambda cast: cast.here.run.pk,
    "session_id": lambda cast: cast.here.session.pk,
    "sign_in_on_paper secret": lambda cast: create_pass(person=cast.here.learner, author=cast.here.coordinator)[1],
}


def membership_of(person: Person) -> Membership:
    return Membership.objects.get(person=person)


def invite(cast: Cast) -> Invitation:
    """An invitation to an address that has no account."""
    network, author = cast.here.network, cast.here.coordinator
    return invite_address(network=network, author=author, email="nouveau@ici.example", roles=[Role.LEARNER])


def read_list(cast: Cast) -> MemberImport:
    """A list of one new person, which waits for a confirmation."""
    names = {"last_name": "Fictive", "first_name": "Nour", "email": "nouveau@ici.example"}
    here = cast.here
    return prepare_import(network=here.network, author=here.coordinator, file_name="liste.csv", lines=[Line(2, names)])


def write_mail() -> str:
    """Keep a message as the embedded mode does, and return the name it is shown under."""
    folder = Path(settings.EML_DIR)
    message = EmailMessage("Objet", "Texte", to=["personne@exemple.example"])
    EmailBackend(folder=folder, alias="default").send_messages([message])
    return max(folder.glob("*.eml")).stem
