"""Sessions are found by the hash of their key from now on (dropbox_clone/sessions.py): those that there are keep working.

The release before does not find them any more: whoever meets one of its replicas in a rolling upgrade signs in again.
"""

import hashlib

from django.db import migrations

RAW_LENGTH = 32
BATCH = 1_000


def hash_keys(apps, schema_editor):
    Session = apps.get_model("sessions", "Session")
    last = ""
    while True:
        keys = list(Session.objects.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:BATCH])
        if not keys:
            break
        last = keys[-1]
        for key in keys:
            if len(key) == RAW_LENGTH:
                Session.objects.filter(pk=key).update(session_key=hashlib.sha256(key.encode()).hexdigest()[:40])


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0006_outgoing_mail'),
        ('sessions', '0001_initial'),
    ]

    operations = [
        migrations.RunPython(hash_keys, migrations.RunPython.noop, elidable=True),
    ]
