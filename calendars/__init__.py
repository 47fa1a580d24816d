"""iCalendar in and out (RFC 5545, 5546, 6047, 7986): plain data in, plain data out.

No Django, no network, no database. ``events`` says what is told, ``feed`` and ``invitation`` write it, ``reading``
reads what other programs wrote in a process of its own, ``intervals`` is the arithmetic of busy and free time.
"""
