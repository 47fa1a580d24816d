"""Printed pages as others read them: Debian's PDF tools for text and tags, and a decoder of QR codes."""

import shutil
import subprocess
from pathlib import Path

import pytest


def _run(folder: Path, pdf: bytes, *command: str) -> str:
    """What a program says about a PDF, which stands for ``FILE`` in its command."""
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed")
    path = folder / "page.pdf"
    path.write_bytes(pdf)
    words = [str(path) if word == "FILE" else word for word in command]
    return subprocess.run(words, check=True, capture_output=True, text=True, errors="replace", cwd=folder).stdout


def read_text(pdf: bytes, folder: Path) -> str:
    """The words in reading order, lines joined, whatever space stands between them."""
    return " ".join(_run(folder, pdf, "pdftotext", "FILE", "-").split())


def read_tags(pdf: bytes, folder: Path) -> list[str]:
    """Names of the tags, in order: ``Document``, ``Table``, ``TH`` and so on."""
    tree = _run(folder, pdf, "pdfinfo", "-struct", "FILE")
    words = [line.split()[0].rstrip(":") for line in tree.splitlines() if line.strip()]
    return [word for word in words if not word.startswith("/")]


def read_facts(pdf: bytes, folder: Path) -> dict[str, str]:
    """What the file says of itself: title, author, pages and so on."""
    lines = _run(folder, pdf, "pdfinfo", "FILE").splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


def read_code(pdf: bytes, folder: Path) -> str:
    """The address in the QR code of the first page."""
    _run(folder, pdf, "pdftoppm", "-r", "150", "-png", "-singlefile", "FILE", "page")
    return _run(folder, pdf, "zbarimg", "--quiet", "--raw", "page.png").strip()
