"""Pages of coordinators; the page of a claim is its own author's too."""

from django.urls import path

from backend.web.coordinator import (
    campaigns,
    claims,
    claims_observe,
    claims_review,
    coverage,
    holidays,
    imports,
    invitations,
    members,
)

urlpatterns = [
    path("campagnes/", campaigns.list_campaigns, name="campaigns"),
    path("campagnes/<int:campaign_id>/", campaigns.show_campaign, name="campaign"),
    path("reseau/jours-feries/", holidays.show_holidays, name="holidays"),
    path("couverture/", coverage.show_coverage, name="coverage"),
    path("couverture/<slug:slug>/", coverage.show_notion, name="coverage_notion"),
    path("membres/", members.list_members, name="members"),
    path("membres/inviter/", invitations.invite, name="invite"),
    path("membres/invitations/", invitations.list_invitations, name="invitations"),
    path("membres/importer/", imports.import_members, name="import_members"),
    path("membres/importer/modele.csv", imports.download_template, name="import_template"),
    path("membres/importer/<int:import_id>/", imports.show_import, name="member_import"),
    path("membres/importer/<int:import_id>/a-completer.csv", imports.download_candidates, name="import_candidates"),
    path("membres/<int:membership_id>/", members.show_member, name="member"),
    path("membres/<int:membership_id>/feuille/", invitations.print_sheet, name="sheet"),
    path("validations/", claims_review.list_claims, name="claims"),
    path("validations/observer/", claims_observe.observe, name="observe"),
    path("validations/certificats/<int:credential_id>/", claims_review.review_credential, name="credential_review"),
    path("validations/<int:claim_id>/", claims.show_claim, name="claim"),
]
