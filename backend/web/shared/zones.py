"""How a page names the clocks of a place."""

PLACES = {
    "Europe/Paris": "heure de Paris",
    "Indian/Reunion": "heure de La Réunion",
    "Indian/Mayotte": "heure de Mayotte",
    "America/Guadeloupe": "heure de Guadeloupe",
    "America/Martinique": "heure de Martinique",
    "America/Cayenne": "heure de Guyane",
    "America/Miquelon": "heure de Saint-Pierre-et-Miquelon",
    "America/St_Barthelemy": "heure de Saint-Barthélemy",
    "America/Marigot": "heure de Saint-Martin",
}


def name_zone(zone: str) -> str:
    """« heure de La Réunion »; the town of its IANA name for a zone we have no words for."""
    return PLACES.get(zone) or f"heure de {zone.rpartition('/')[2].replace('_', ' ')}"
