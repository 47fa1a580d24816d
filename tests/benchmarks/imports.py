"""How long a list of members takes, from the file to the database, on a database of its own in memory.

Seconds are of processor time, so that other work on the machine counts little.

    python -m tests.benchmarks.imports                # 5,000 lines, CSV and XLSX; 200,000 lines of the directory
    python -m tests.benchmarks.imports 1000 5000      # other sizes

Set ``DATABASE_URL`` to measure PostgreSQL instead (a test database is made there, and removed).
"""

import argparse
import io
import os
import sys
import time
from collections.abc import Callable, Iterator

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.support.settings")
DIRECTORY_LINES = 200_000


def main() -> None:
    django.setup()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", nargs="*", type=int, default=[5_000])
    sizes = parser.parse_args().sizes

    from django.test.utils import setup_databases, teardown_databases  # noqa: PLC0415 (needs the settings)

    databases = setup_databases(verbosity=0, interactive=False)
    try:
        measure_directory()
        for size in sizes:
            for kind, make in (("csv", make_csv), ("xlsx", make_workbook)):
                measure_list(kind, make(size), size)
    finally:
        teardown_databases(databases, verbosity=0)


def measure_list(kind: str, data: bytes, size: int) -> None:
    from backend.networks.domain.imports import importing  # noqa: PLC0415 (needs the settings)
    from backend.networks.domain.imports.reading import read_file  # noqa: PLC0415
    from backend.networks.models import Network  # noqa: PLC0415

    network = Network.objects.create(slug=f"{kind}-{size}", name="CPTS mesurée")
    read, seconds_read = clock(lambda: read_file(data))
    made, seconds_decided = clock(
        lambda: importing.prepare_import(network=network, author=None, file_name="liste", lines=read.lines)
    )
    choices = importing.Choices(informed=True)
    outcome, seconds_written = clock(lambda: importing.confirm_import(member_import=made, author=None, choices=choices))
    total = seconds_read + seconds_decided + seconds_written
    sys.stdout.write(
        f"{kind:5} {size:7} lines  {len(data) / 2**20:5.2f} MB  read {seconds_read:5.2f} s"
        f"  fates {seconds_decided:5.2f} s  written {seconds_written:5.2f} s  total {total:5.2f} s"
        f"  {outcome}, {network.memberships.count()} members\n"
    )


def measure_directory() -> None:
    from backend.networks.domain.directory import read_directory  # noqa: PLC0415 (needs the settings)
    from tests.networks.test_directory import many_activities  # noqa: PLC0415

    found, seconds = clock(lambda: read_directory(many_activities(DIRECTORY_LINES), postcodes=["17000"]))
    sys.stdout.write(
        f"directory {found.lines} lines, made and read in {seconds:.2f} s, {len(found.people)} people kept\n"
    )


def clock[T](work: Callable[[], T]) -> tuple[T, float]:
    start = time.process_time()
    return work(), time.process_time() - start


def rows(size: int, kind: str) -> Iterator[list[str]]:
    yield ["Nom", "Prénom", "Courriel", "Site", "Type d’établissement", "Rôle(s)", "Mode d’exercice"]
    for number in range(size):
        email = f"{kind}{number}@mesure.example"
        yield [
            f"Fictive {number}",
            "Nour",
            email,
            f"Cabinet {number % 50}",
            "cabinet",
            "personne aidée, tutorat",
            "libéral",
        ]


def make_csv(size: int) -> bytes:
    return "\r\n".join(";".join(row) for row in rows(size, "csv")).encode()


def make_workbook(size: int) -> bytes:
    from openpyxl import Workbook  # noqa: PLC0415 (loads slowly)

    workbook, stream = Workbook(write_only=True), io.BytesIO()
    sheet = workbook.create_sheet()
    for row in rows(size, "xlsx"):
        sheet.append(row)
    workbook.save(stream)
    return stream.getvalue()


if __name__ == "__main__":
    main()
