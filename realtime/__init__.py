"""The socket ``/ws/v1/``: what a person may hear, as it happens. ``docs/realtime.md`` says how the parts fit."""
