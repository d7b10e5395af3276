"""Run in the product's environment: makes people in the team of EMAIL. Prints a line of JSON of each: address, id, a
token of every scope and its id, and the key of a session that is signed in.

python -m tests.live.rights.people EMAIL COUNT ROLE
"""

import json
import os
import secrets
import sys


def main(owner: str, count: str, role: str) -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "dropbox_clone.settings"
    import django

    django.setup()
    from importlib import import_module

    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

    from accounts.actions.create_account import create_account
    from accounts.actions.tokens import create_token
    from accounts.actor import ALL_SCOPES, system
    from accounts.models import User

    team = User.objects.get(email=owner).membership.team
    for _ in range(int(count)):
        email = f"{secrets.token_hex(6)}@example.com"
        user = create_account(system("tests"), email=email, password=None, team=team, role=role)
        new = create_token(system("tests"), user=user, name="test", scopes=ALL_SCOPES)
        session = import_module(settings.SESSION_ENGINE).SessionStore()
        session[SESSION_KEY], session[BACKEND_SESSION_KEY] = str(user.pk), settings.AUTHENTICATION_BACKENDS[0]
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session.create()
        told = {"email": email, "user_id": user.pk, "token": new.secret, "token_id": new.token.pk}
        print(json.dumps({**told, "session": session.session_key}))


if __name__ == "__main__":
    main(*sys.argv[1:])
