"""Settings of the domain's tests."""

from hypothesis import settings

# A pause of a shared machine is no failure of a rule.
settings.register_profile("domain", deadline=None)
settings.load_profile("domain")
