"""How often botocore sends an operation that is answered with an error each time, and how long it waits.

Its standard retry mode by the specification of 2026, with jitter of one half.
Question: {"service", "status", "body", "retryAfter"?}
Answer: {"attempts", "delays": [seconds]}
"""

import io
import json
import os
import sys
import time

os.environ["AWS_NEW_RETRIES_2026"] = "true"  # read when botocore is loaded

import botocore.loaders
import botocore.session
from botocore.awsrequest import AWSResponse, HeadersDict
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.retries import quota, standard

assert standard.NEW_RETRIES_ENABLED
maximum, _, *others = standard.ExponentialBackoff.__init__.__defaults__
standard.ExponentialBackoff.__init__.__defaults__ = (maximum, lambda: 0.5, *others)
# Each answer is judged by itself, whatever the answers before it took from the client's quota.
quota.RetryQuota.__init__.__defaults__ = (10**9, None)

session = botocore.session.Session()
session.register_component("data_loader", botocore.loaders.create_loader())
session.set_credentials("access", "secret")
calls = {
    "ec2": ("describe_instances", {}),
    "ssm": ("list_commands", {}),
    "sts": (
        "assume_role_with_web_identity",
        {"RoleArn": "arn:aws:iam::123456789012:role/r", "RoleSessionName": "session", "WebIdentityToken": "token"},
    ),
}


class Body(io.BytesIO):
    def stream(self, *_, **__):
        yield self.read()


clients = {}
for service in calls:
    clients[service] = session.create_client(
        service, region_name="us-east-1", config=Config(retries={"mode": "standard"})
    )


for line in sys.stdin:
    question = json.loads(line)
    attempts, delays = [], []
    time.sleep = delays.append
    headers = HeadersDict()
    if "retryAfter" in question:
        headers["x-amz-retry-after"] = question["retryAfter"]

    def answer(request, **_):
        attempts.append(request)
        return AWSResponse(request.url, question["status"], headers, Body(question["body"].encode()))

    client = clients[question["service"]]
    client.meta.events.register("before-send", answer, unique_id="answer")
    call, parameters = calls[question["service"]]
    try:
        getattr(client, call)(**parameters)
    except ClientError:
        pass
    client.meta.events.unregister("before-send", unique_id="answer")
    print(json.dumps({"attempts": len(attempts), "delays": delays}))
