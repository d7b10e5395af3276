"""Run in the product's environment: makes accounts, each with a token of every scope, in one process, and prints the
tokens, one a line.

python -m tests.servers.provision EMAIL[,EMAIL...] PASSWORD QUOTA admin|member
"""

import os
import sys


def main(emails: str, password: str, quota: str, role: str) -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "dropbox_clone.settings"
    import django

    django.setup()
    from accounts.actions.create_account import create_account
    from accounts.actions.tokens import create_token
    from accounts.actor import ALL_SCOPES, system
    from common.sizes import parse_size

    for email in emails.split(","):
        user = create_account(
            system("tests"), email=email, password=password, quota_bytes=parse_size(quota), is_admin=role == "admin"
        )
        print(create_token(system("tests"), user=user, name="test", scopes=ALL_SCOPES).secret)


if __name__ == "__main__":
    main(*sys.argv[1:])
