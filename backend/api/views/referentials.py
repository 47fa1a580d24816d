"""Référentiels, notions and lists: public texts, the same for everybody."""

from typing import Any

from rest_framework.generics import ListAPIView, RetrieveAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from backend.api.filters import NotionFilter
from backend.api.schema import describe
from backend.api.serializers.referentials import (
    FrameworkSerializer,
    FrameworkTreeSerializer,
    NotionSerializer,
    ProfessionSerializer,
    SpecialtySerializer,
    TerritorySerializer,
)
from backend.api.views.base import ReadView
from backend.referentials.domain.queries import get_framework
from backend.referentials.models import Framework, Notion, Profession, Specialty, Territory

BY_POSITION = ("position", "pk")


@describe("Référentiels, without their trees", FrameworkSerializer(many=True), 400)
class FrameworkListView(ListAPIView[Framework], ReadView):
    queryset = Framework.objects.select_related("supersedes", "superseded_by")
    serializer_class = FrameworkSerializer
    ordering = BY_POSITION


@describe("One référentiel, down to its capacities and their notions", FrameworkTreeSerializer, 404)
class FrameworkDetailView(ReadView):
    def get(self, request: Request, slug: str) -> Response:
        return Response(FrameworkTreeSerializer(get_framework(slug=slug)).data)


@describe("Notions, by title", NotionSerializer(many=True), 400)
class NotionListView(ListAPIView[Notion], ReadView):
    queryset = Notion.objects.all()
    serializer_class = NotionSerializer
    filterset_class = NotionFilter
    ordering = ("title", "pk")


@describe("One notion", NotionSerializer, 404)
class NotionDetailView(RetrieveAPIView[Notion], ReadView):
    queryset = Notion.objects.all()
    serializer_class = NotionSerializer
    filter_backends: list[Any] = []
    lookup_field = "slug"


@describe("Professions", ProfessionSerializer(many=True), 400)
class ProfessionListView(ListAPIView[Profession], ReadView):
    queryset = Profession.objects.select_related("framework")
    serializer_class = ProfessionSerializer
    ordering = BY_POSITION


@describe("Specialties and their transverse categories", SpecialtySerializer(many=True), 400)
class SpecialtyListView(ListAPIView[Specialty], ReadView):
    queryset = Specialty.objects.prefetch_related("categories")
    serializer_class = SpecialtySerializer
    ordering = BY_POSITION


@describe("Territories", TerritorySerializer(many=True), 400)
class TerritoryListView(ListAPIView[Territory], ReadView):
    queryset = Territory.objects.all()
    serializer_class = TerritorySerializer
    ordering = BY_POSITION
