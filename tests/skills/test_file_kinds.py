"""A file is what its content says: whole, open and quiet, or refused."""

import pytest

from backend.common.errors import DomainError
from backend.skills.domain import file_kinds
from backend.skills.domain.file_kinds import recognise
from tests.support.files import make_jpeg, make_object_stream, make_pdf, make_png


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (make_pdf(), "application/pdf"),
        (make_pdf(objects=make_object_stream(b"<< /Title (JS) /Names 4 0 R >>")), "application/pdf"),
        (make_pdf(objects=b"5 0 obj\n<< /Length 9 >>\nstream\n/JS noise\nendstream\nendobj\n"), "application/pdf"),
        (make_pdf(catalog=b"/OpenAction [2 0 R /Fit] /JSX 1 "), "application/pdf"),
        (make_jpeg(), "image/jpeg"),
        (make_png(), "image/png"),
    ],
)
def test_what_is_accepted(content: bytes, media_type: str) -> None:
    assert recognise(content) == media_type


HTML = b"<html><script>alert(1)</script></html>"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file_kind"),
        (HTML, "file_kind"),
        (b"GIF89a" + HTML, "file_kind"),
        (b"PK\x03\x04", "file_kind"),
        (b" " + make_pdf(), "file_kind"),
        (b"MZ" + make_png(), "file_kind"),
        (b"%PDF-1.7\n", "file_damaged"),
        (make_pdf()[:-7], "file_damaged"),
        (make_pdf() + b" " * 2000, "file_damaged"),
        (make_png()[:-4], "file_damaged"),
        (make_png() + HTML, "file_damaged"),
        (make_png().replace(b"IDAT", b"IDAX"), "file_damaged"),
        (make_png()[:8] + HTML, "file_damaged"),
        (b"\xff\xd8\xff" + HTML, "file_damaged"),
        (make_jpeg()[:-2], "file_damaged"),
        (make_jpeg(width=0), "file_damaged"),
        (make_jpeg(height=30_000), "file_damaged"),
        (make_pdf(trailer=b"/Encrypt 4 0 R "), "file_encrypted"),
        (make_pdf(trailer=b"/#45ncrypt 4 0 R "), "file_encrypted"),
        (make_pdf(catalog=b"/OpenAction << /S /JavaScript /JS (app.alert(1)) >> "), "file_active"),
        (make_pdf(catalog=b"/AA << /O << /S /Launch /F (cmd.exe) >> >> "), "file_active"),
        (make_pdf(catalog=b"/Names << /EmbeddedFiles 4 0 R >> "), "file_active"),
        (make_pdf(catalog=b"/AcroForm << /XFA 4 0 R >> "), "file_active"),
        (make_pdf(catalog=b"/OpenAction << /S /J#61vaScript >> "), "file_active"),
        (make_pdf(objects=make_object_stream(b"<< /S /JavaScript /JS (x) >>")), "file_active"),
        (make_pdf(objects=make_object_stream(b"<< /S /Launch >>", name=b"/Obj#53tm")), "file_active"),
        (make_pdf(objects=b"% >>stream\n5 0 obj\n<< /S /JavaScript >>\nendobj\n% endstream\n"), "file_active"),
        (make_pdf(objects=b"3 0 obj\n<< /Type /ObjStm >>\nstream\nnoise\nendstream\nendobj\n"), "file_damaged"),
    ],
)
def test_what_is_refused(content: bytes, code: str) -> None:
    with pytest.raises(DomainError) as refused:
        recognise(content)
    assert refused.value.code == code


def test_a_pdf_that_unfolds_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = make_pdf(objects=make_object_stream(b" " * 100_000) * 3)
    assert recognise(bomb) == "application/pdf"
    monkeypatch.setattr(file_kinds, "UNFOLDED_MAX", 250_000)
    with pytest.raises(DomainError) as refused:
        recognise(bomb)
    assert refused.value.code == "file_damaged"


@pytest.mark.parametrize("head", [b"%PDF-1.7", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"])
@pytest.mark.parametrize(
    "filler", [b"<<", b"stream\n", b"\xff\xe0\x00\x02", b"\xff\xff", b"\0", b"/", b"<< stream\n", b"#41", b"ObjStm "]
)
def test_five_megabytes_of_noise_are_soon_read(head: bytes, filler: bytes) -> None:
    noise = head + filler * (5 * 1024 * 1024 // len(filler))
    for content in (noise, noise + make_pdf()[-60:]):
        if content.startswith(b"%PDF") and content is not noise:
            assert recognise(content) == "application/pdf"
        else:
            with pytest.raises(DomainError):
                recognise(content)
