"""Where botocore's clients send to under given settings.

Question: {"environment": {…}, "config": "text of the config file", "credentials": "text of the credentials file"}
Answer: {"ec2": {"url", "region"}, …}, each the request's URL and the region of its signature, or an empty object for
an error of the configuration.
"""

import json
import os
import re
import sys

import botocore.loaders
import botocore.session
from botocore.exceptions import BotoCoreError

loader = botocore.loaders.create_loader()
calls = {"ec2": "describe_regions", "ssm": "list_commands", "sts": "get_caller_identity"}
home = os.environ["HOME"]


class Sent(Exception):
    """Instead of an answer: the request is all that counts."""


def send(request, **_):
    raise Sent(request)


for line in sys.stdin:
    question = json.loads(line)
    for name, text in ("config", question["config"]), ("credentials", question["credentials"]):
        with open(f"{home}/{name}", "w", encoding="utf-8") as file:
            file.write(text)
    os.environ.clear()
    os.environ.update(
        question["environment"],
        AWS_CONFIG_FILE=f"{home}/config",
        AWS_SHARED_CREDENTIALS_FILE=f"{home}/credentials",
        AWS_EC2_METADATA_DISABLED="true",
    )
    result = {}
    for service, call in calls.items():
        try:
            session = botocore.session.Session()
            session.register_component("data_loader", loader)
            session.set_credentials("access", "secret")
            client = session.create_client(service)
            client.meta.events.register("before-send", send)
            getattr(client, call)()
        except BotoCoreError:
            result[service] = {}
        except Sent as sent:
            request = sent.args[0]
            scope = re.search(rb"Credential=[^/]*/[0-9]*/([^/]*)/", request.headers["Authorization"])
            result[service] = {"url": request.url, "region": scope.group(1).decode()}
    print(json.dumps(result))
