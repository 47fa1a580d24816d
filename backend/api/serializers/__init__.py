"""Output shapes. A thing is named by its slug or, where it has none, by its id, and told in full at its own address."""
