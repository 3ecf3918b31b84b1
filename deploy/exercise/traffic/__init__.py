"""Packets of the exercise: every conversation is built by hand so that Suricata's own parsers read it."""
