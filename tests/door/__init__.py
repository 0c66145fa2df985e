"""The door: what is let in, once, at what pace, and what becomes of the rest."""
