"""Text made comparable for search: case, accents and typographic signs folded away."""

import unicodedata

SIGNS = str.maketrans({"’": "'", "‘": "'", "œ": "oe", "æ": "ae", "«": " ", "»": " ", "–": "-", "—": "-"})


def fold(text: str) -> str:
    """Lower case without accents, one space between words: ``fold("Télé  santé")`` is ``"tele sante"``."""
    decomposed = unicodedata.normalize("NFKD", text.casefold().translate(SIGNS))
    return " ".join("".join(sign for sign in decomposed if not unicodedata.combining(sign)).split())
