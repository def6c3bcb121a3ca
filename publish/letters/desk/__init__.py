"""The letters desk: the one server that can change letters.db. People sign up here, and change what they follow.

`Desk` is the application, `run_desk` serves it.
"""

from publish.letters.desk.app import Desk, run_desk
from publish.letters.desk.guard import MAX_BODY

__all__ = ["MAX_BODY", "Desk", "run_desk"]
