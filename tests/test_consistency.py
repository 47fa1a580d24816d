"""Rules about the code itself, where no linter has them."""

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.db.models import ForeignKey
from django.db.models.deletion import CASCADE, PROTECT, SET_NULL

ROOT = Path(settings.BASE_DIR)
OWN_FOLDERS = ("backend", "matching", "tests")
TEMPLATES = sorted((ROOT / "backend").glob("**/templates/**/*.*"))
STATIC = ROOT / "backend" / "web" / "shared" / "static"
VENDOR = STATIC / "vendor"

# Found by Django, allauth or the error handlers by its name, never asked for by ours.
ASKED_FOR_BY_OTHERS = re.compile(
    r"(account|allauth|admin|django/forms|rest_framework)/|(400|403|403_csrf|404|429|500)\.html"
)


def own_sources(*suffixes: str) -> list[Path]:
    files = (path for folder in OWN_FOLDERS for path in (ROOT / folder).rglob("*") if path.suffix in suffixes)
    return [path for path in files if VENDOR not in path.parents and path != Path(__file__)]


def name_of(template: Path) -> str:
    """The name that code asks for: what follows ``templates/``."""
    return template.as_posix().rpartition("/templates/")[2]


def test_every_template_is_used() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in own_sources(".py", ".html", ".txt"))
    unused = [name for name in map(name_of, TEMPLATES) if not ASKED_FOR_BY_OTHERS.match(name) and name not in text]
    assert unused == []


@pytest.mark.parametrize("template", TEMPLATES, ids=name_of)
def test_template_holds_no_inline_style_or_script(template: Path) -> None:
    """The CSP forbids them; `application/json` is data."""
    inline = r"""<style|\sstyle=|\son[a-z]+=["']|javascript:|hx-on|<script(?![^>]*\ssrc=)(?![^>]*json)"""
    assert re.findall(inline, template.read_text(encoding="utf-8"), re.IGNORECASE) == []


def test_no_note_to_self_and_no_junk_drawer() -> None:
    notes = re.compile(r"\b(TODO|FIXME|XXX)\b|except[^:\n]*:\s*pass\b")
    noted = [str(path) for path in own_sources(".py", ".html", ".css", ".js", ".sh") if notes.search(path.read_text())]
    drawers = [str(path) for path in own_sources(".py") if path.stem in {"utils", "helpers", "misc"}]
    assert noted + drawers == []


def test_vendored_files_are_what_the_manifest_says() -> None:
    """Name, version, licence and hash of each; nothing else lies in the folder but the texts of licences."""
    listed = {row["path"]: row for row in json.loads((VENDOR / "manifest.json").read_text(encoding="utf-8"))["files"]}
    present = {path.relative_to(VENDOR).as_posix(): path for path in VENDOR.rglob("*") if path.is_file()}
    assert {name for name in present if not name.endswith(".licence.txt")} == {"manifest.json", *listed}
    for name, path in ((name, present[name]) for name in listed):
        assert hashlib.sha256(path.read_bytes()).hexdigest() == listed[name]["sha256"], name
        assert all(listed[name][key] for key in ("name", "version", "licence")), name
        assert b"sourceMappingURL" not in path.read_bytes(), f"{name}: collectstatic would look for the map"


def own_foreign_keys() -> list[ForeignKey[Any, Any]]:
    models = [model for model in apps.get_models() if model.__module__.startswith("backend.")]
    return [field for model in models for field in model._meta.local_fields if isinstance(field, ForeignKey)]


@pytest.mark.parametrize("key", own_foreign_keys(), ids=str)
def test_deleting_what_a_row_points_to_has_a_known_effect(key: ForeignKey[Any, Any]) -> None:
    """The row goes too, stands in the way, or loses the link: nothing is left to the database."""
    assert key.remote_field.on_delete in {CASCADE, PROTECT, SET_NULL}


def test_ledger_rows_outlive_everybody() -> None:
    """No deletion may cascade into the ledger: its triggers would refuse, and its chain would break."""
    policies = {key.remote_field.on_delete for key in own_foreign_keys() if key.model._meta.label == "credits.Entry"}
    assert policies == {PROTECT}


def test_production_installs_nothing_from_a_named_host() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert re.findall(r"https?://\S+|^--\S*(?:index|find-links)\S*", lock, re.MULTILINE) == []
