"""Damage by bounds: what is established, and the worst that nobody has excluded."""
