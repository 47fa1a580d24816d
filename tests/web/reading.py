"""What a person reads on a page."""

import re
from html import unescape
from typing import Any

TAGS = re.compile(r"<(script|style)\b.*?</\1>|<[^>]+>", re.DOTALL)


def words(response: Any) -> str:
    """The text of a page's main part, with plain spaces, one between words."""
    main = response.content.decode().split('<main id="contenu"', 1)[1].split("</main>", 1)[0]
    return " ".join(unescape(TAGS.sub(" ", main.split(">", 1)[1])).split())


def links(response: Any) -> list[str]:
    """Addresses that the page's main part leads to, in order."""
    main = response.content.decode().split('<main id="contenu"', 1)[1].split("</main>", 1)[0]
    return [unescape(address) for address in re.findall(r'<a\b[^>]*?href="([^"]*)"', main)]


def choices(response: Any, name: str) -> list[str]:
    """Values of the fields and buttons of that name."""
    page = response.content.decode()
    fields = re.findall(rf'<(?:input|button|textarea)\b[^>]*\bname="{name}"[^>]*>', page)
    return [match[1] if (match := re.search(r'value="([^"]*)"', field)) else "" for field in fields]
