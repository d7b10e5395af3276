"""Writes web.json anew."""

import json

from deploy.marathon import WEB, web_application

WEB.write_text(json.dumps(web_application(), indent=2) + "\n")
