"""The epoch of an account: all that was begun with a session or the password ends with it.

It is another one after each change of the password, by whichever way, and whenever `User.session_epoch` is raised
(deactivation, the end of all sessions). Access tokens do not depend on it: they are revoked one by one.
"""

import hashlib


def epoch_of(session_epoch: int, password_hash: str) -> str:
    """A name for the epoch, that says nothing of the password's hash."""
    return hashlib.sha256(f"{session_epoch}:{password_hash}".encode()).hexdigest()[:32]
