"""Lists of members: read, each line's fate told, written once confirmed."""
