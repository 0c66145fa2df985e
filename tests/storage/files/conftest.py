"""How long hypothesis may think: a file takes a while to read on a busy machine."""

from hypothesis import settings

settings.register_profile("files", deadline=None)
settings.load_profile("files")
