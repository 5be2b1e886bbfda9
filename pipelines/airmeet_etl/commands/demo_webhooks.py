"""The demo's webhooks: clicks, which nothing else tells, delivered to an inbox of its own."""

import os
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import urlopen

_TRIGGER = "trigger.attendee.clicked_cta"
_ADDRESS = re.compile(r"http://[^\s;]+")
_SECONDS = 60


def deliver_clicks(inbox: Path) -> None:
    """Register for clicks, receive them as `airmeet listen` does, and leave the inbox to the load.

    The settings in the environment are the simulator's; the inbox and the secret are added.

    Raises:
        CommandError: the webhook could not be registered.
        OSError: the simulator does not answer.
    """
    from ..configuration import read_settings
    from ..webhooks.addresses import new_secret, receiver_at
    from ..webhooks.registration import Wanted, register
    from ..webhooks.triggers import TRIGGERS

    secret = new_secret()
    os.environ["SOURCES__AIRMEET__WEBHOOK_SECRET"] = secret
    os.environ["SOURCES__AIRMEET__WEBHOOK_INBOX"] = str(inbox)
    settings = read_settings()
    command = [sys.executable, "-m", "airmeet_etl.cli", "listen", "--port", "0"]
    # In a group of its own, as the simulator is.
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, process_group=0) as listener:
        try:
            assert listener.stdout is not None
            address = _ADDRESS.search(listener.stdout.readline())
            if address is None:
                return  # it has said why; the demo shows the rest
            receiver = receiver_at(address[0], secret, settings.allow_http)
            register(settings, receiver, [Wanted(TRIGGERS[_TRIGGER])])
            simulator = urlsplit(os.environ["SOURCES__AIRMEET__API_URL"]).netloc
            with urlopen(f"http://{simulator}/simulator/deliver", timeout=_SECONDS):
                pass
        finally:
            listener.terminate()
