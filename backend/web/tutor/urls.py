"""Pages of tutors."""

from django.urls import path

from backend.web.tutor import claims, claims_add, claims_credential, offer

urlpatterns = [
    path("mes-competences/", claims.list_my_claims, name="my_claims"),
    path("mes-competences/ajouter/", claims_add.choose_way, name="claims_ways"),
    path("mes-competences/ajouter/<slug:way>/", claims_add.add_claims, name="claims_add"),
    path("mes-competences/certificats/<int:credential_id>/", claims_credential.show_credential, name="credential"),
    path("justificatifs/<int:evidence_id>/", claims_credential.open_evidence, name="evidence"),
    path("mon-offre/", offer.show_offer, name="offer"),
]
