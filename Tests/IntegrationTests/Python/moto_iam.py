"""A moto that verifies signatures and IAM policies, until its parent ends.

usage: moto_iam.py POLICY FILE

Writes JSON to FILE once it is ready: its URL, an image, two instances, and the access key of each user. The operator may
do what POLICY, the worker's own, allows; its conditions are left out, since moto knows neither tags nor create actions.
"""

import json
import os
import sys
import time

import boto3
import requests
from moto.server import ThreadedMotoServer

REGION = "ap-northeast-2"
parent = os.getppid()
statements = json.load(open(sys.argv[1], encoding="utf-8"))["Statement"]
actions = [statement["Action"] for statement in statements if statement["Effect"] == "Allow"]
POLICIES = {
    "operator": [name for action in actions for name in (action if isinstance(action, list) else [action])],
    "reader": ["ec2:Describe*"],
    "stranger": ["s3:ListBucket"],
}

os.environ.update(AWS_ACCESS_KEY_ID="setup", AWS_SECRET_ACCESS_KEY="setup", AWS_DEFAULT_REGION=REGION)
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
host, port = server.get_host_and_port()
url = f"http://{host}:{port}"

iam = boto3.client("iam", endpoint_url=url)
ec2 = boto3.client("ec2", endpoint_url=url)
users = {}
for name, actions in POLICIES.items():
    iam.create_user(UserName=name)
    statement = {"Effect": "Allow", "Action": actions, "Resource": "*"}
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    iam.put_user_policy(UserName=name, PolicyName="updraft", PolicyDocument=json.dumps(policy))
    key = iam.create_access_key(UserName=name)["AccessKey"]
    users[name] = {"id": key["AccessKeyId"], "secret": key["SecretAccessKey"]}
image = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
launched = ec2.run_instances(ImageId=image, InstanceType="t3.micro", MinCount=2, MaxCount=2)
instances = [instance["InstanceId"] for instance in launched["Instances"]]

# From here on every call is authenticated and authorized.
requests.post(f"{url}/moto-api/reset-auth", data=b"0", timeout=10).raise_for_status()
with open(sys.argv[2] + ".new", "w", encoding="utf-8") as file:
    json.dump({"url": url, "image": image, "instances": instances, "users": users}, file)
os.rename(sys.argv[2] + ".new", sys.argv[2])
while os.getppid() == parent:
    time.sleep(0.2)
