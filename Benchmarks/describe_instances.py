"""The peer of `describe-instances`: boto3, one client and so many threads.

usage: describe_instances.py PORT REQUESTS CONCURRENCY
"""

import json
import resource
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import boto3
from botocore.config import Config

port, requests, concurrency = (int(text) for text in sys.argv[1:4])
client = boto3.client(
    "ec2",
    endpoint_url=f"http://127.0.0.1:{port}",
    region_name="ap-northeast-2",
    aws_access_key_id="AKIDEXAMPLE",
    aws_secret_access_key="wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
    config=Config(max_pool_connections=concurrency, retries={"mode": "standard"}),
)


def send(count):
    found = 0
    for _ in range(count):
        page = client.describe_instances(Filters=[{"Name": "tag:Role", "Values": ["execute"]}], MaxResults=1000)
        found += sum(len(reservation["Instances"]) for reservation in page["Reservations"])
    return found


def cpu():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


with ThreadPoolExecutor(concurrency) as pool:
    shares = [requests // concurrency + (worker < requests % concurrency) for worker in range(concurrency)]
    list(pool.map(send, [10] * concurrency))
    start, used = time.perf_counter(), cpu()
    instances = sum(pool.map(send, shares))
    seconds, used = time.perf_counter() - start, cpu() - used
print(json.dumps({"requests": requests, "seconds": seconds, "cpu": used, "instances": instances}))
