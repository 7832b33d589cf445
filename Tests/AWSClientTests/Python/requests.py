"""The request that botocore makes and signs of an operation, beside a request of ours.

Question: {"service", "region", "operation", "parameters": "JSON in the order to send", "accessKeyID",
"secretAccessKey", "sessionToken"?, "time": "20150830T123600Z", "body": "our body"}
Answer: {"url", "headers": {…}, "body"}; for JSON, where the order of members and the white space say nothing, the
body and its signature are ours if both bodies mean the same.
"""

import datetime
import json
import sys

import botocore.auth
import botocore.loaders
import botocore.session
from botocore import xform_name
from botocore.awsrequest import AWSRequest
from botocore.config import Config

session = botocore.session.Session()
session.register_component("data_loader", botocore.loaders.create_loader())
session.set_credentials("access", "secret")
credentials = session.get_credentials()
clients = {}
now = None
# botocore asks this function for the time of a signature.
botocore.auth.get_current_datetime = lambda *_, **__: now


class Sent(Exception):
    """Instead of an answer: the request is all that counts."""


def send(request, **_):
    raise Sent(request)


def client(service, region):
    if (service, region) not in clients:
        # Parameters are validated by the service; ours must come through as they are.
        made = session.create_client(service, region_name=region, config=Config(parameter_validation=False))
        made.meta.events.register("before-send", send)
        clients[service, region] = made
    return clients[service, region]


def text(value):
    return value.decode() if isinstance(value, bytes) else value


for line in sys.stdin:
    question = json.loads(line)
    service, region = question["service"], question["region"]
    credentials.access_key = question["accessKeyID"]
    credentials.secret_key = question["secretAccessKey"]
    credentials.token = question.get("sessionToken")
    now = datetime.datetime.strptime(question["time"], "%Y%m%dT%H%M%SZ")
    try:
        getattr(client(service, region), xform_name(question["operation"]))(**json.loads(question["parameters"]))
    except Sent as sent:
        request = sent.args[0]
    headers = {name.lower(): text(value) for name, value in request.headers.items()}
    body = text(request.body)
    if service == "ssm" and json.loads(body) == json.loads(question["body"]):
        body = question["body"]
        ours = AWSRequest("POST", request.url, data=body.encode())
        for name in "content-type", "x-amz-target":
            ours.headers[name] = headers[name]
        botocore.auth.SigV4Auth(credentials, service, region).add_auth(ours)
        headers["authorization"] = ours.headers["authorization"]
    print(json.dumps({"url": request.url, "headers": headers, "body": body}))
