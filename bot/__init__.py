"""Says it: everything that talks to people or decides when."""
