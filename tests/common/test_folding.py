"""Search reads words without case, accents or typographic signs."""

import pytest

from backend.common.folding import fold


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Télé  santé", "tele sante"),
        ("L’ÉQUIPE D’ŒUVRE", "l'equipe d'oeuvre"),
        ("« Mon espace\u00a0santé »", "mon espace sante"),
        ("  savoir–faire \n", "savoir-faire"),
        ("Curriculum vitæ", "curriculum vitae"),
        ("STRASSE straße", "strasse strasse"),
        ("①²", "12"),
        ("", ""),
    ],
)
def test_fold(text: str, folded: str) -> None:
    assert fold(text) == folded


@pytest.mark.parametrize("text", ["Éléphant", "e\u0301lephant", "ŒUF à la coque"])
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)
