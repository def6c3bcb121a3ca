"""What a text is about: the role of each disease and institution in it, and which concepts are its subject."""

from nlp.roles.roles import Roles, fingerprint_roles, read_roles
from nlp.roles.spots import end_of_headline

__all__ = ["Roles", "end_of_headline", "fingerprint_roles", "read_roles"]
