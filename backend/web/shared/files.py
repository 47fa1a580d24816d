"""Files that a page gives: as attachments, never kept by anybody in between."""

from django.http import HttpResponse


def download(content: bytes | str, name: str, media_type: str) -> HttpResponse:
    """``name`` is ours: letters, digits, hyphens and dots."""
    answer = HttpResponse(content, content_type=media_type)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    return answer
