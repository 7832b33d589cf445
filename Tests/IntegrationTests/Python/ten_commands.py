#!/usr/bin/env python3
"""A foreign client and a foreign judge: pika publishes every command as a bot would, boto3 looks at its effect in moto.

    python ten_commands.py UPDRAFT-WORKER

Starts workers of its own, on the broker of UPDRAFT_AMQP_URL under UPDRAFT_AMQP_PREFIX, against the moto of
UPDRAFT_TEST_MOTO_URL, in a region that no other test uses. Between the workers and moto stands a relay that counts
their calls (a reboot leaves no trace in moto) and can withhold an answer (to kill a worker just there).
Ends with 0 when every command did what it says; prints what did not.
"""
import collections
import http.client
import http.server
import json
import os
import subprocess
import sys
import threading
import time
import urllib.parse
import uuid

import boto3
import pika

REGION = "eu-west-3"
URL = os.environ["UPDRAFT_AMQP_URL"]
PREFIX = os.environ["UPDRAFT_AMQP_PREFIX"]
MOTO = os.environ["UPDRAFT_TEST_MOTO_URL"]
KEYS = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}
UNKNOWN = "i-0123456789abcdef0"
PATIENCE = 60  # seconds; for a stuck system, not a measure of speed


def eventually(what, condition):
    """Waits until a condition holds and returns its value."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError(f"gave up waiting for {what}")


class Relay(http.server.ThreadingHTTPServer):
    """Hands every call on to moto, and keeps the name and the parameters of each."""

    daemon_threads = True

    def __init__(self):
        self.calls = []
        self.withheld = None  # the action that is carried out, but whose answer is lost
        super().__init__(("127.0.0.1", 0), RelayHandler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def count(self, action, **parameters):
        """How many calls of an action there were with these parameters."""
        return sum(name == action and parameters.items() <= given.items() for name, given in list(self.calls))


class RelayHandler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        parameters = dict(urllib.parse.parse_qsl(body.decode(), keep_blank_values=True))
        self.server.calls.append((parameters.get("Action"), parameters))
        moto = http.client.HTTPConnection(urllib.parse.urlsplit(MOTO).netloc, timeout=PATIENCE)
        moto.request("POST", self.path, body, dict(self.headers))
        answer = moto.getresponse()
        content = answer.read()
        moto.close()
        if parameters.get("Action") == self.server.withheld:
            while self.server.withheld:
                time.sleep(0.02)
            self.close_connection = True
            return
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.headers.get("Content-Type", "text/xml"))
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *arguments):
        pass


class Bot:
    """Publishes commands as any AMQP client can: a reply queue, correlation ids, the front door."""

    def __init__(self):
        self.connection = pika.BlockingConnection(pika.URLParameters(URL))
        self.channel = self.connection.channel()
        self.channel.confirm_delivery()
        self.replies = self.channel.queue_declare("", exclusive=True).method.queue
        self.results = {}
        self.channel.basic_consume(self.replies, self.received, auto_ack=True)

    def received(self, channel, method, properties, body):
        assert properties.type == "updraft.result.v1", properties
        self.results.setdefault(properties.correlation_id, []).append(json.loads(body))

    def publish(self, command, arguments=None, identifier=None, **envelope):
        correlation = str(uuid.uuid4())
        body = {"command": command, **({} if arguments is None else {"arguments": arguments}), **envelope}
        self.channel.basic_publish(
            exchange=f"{PREFIX}.commands",
            routing_key=command,
            body=json.dumps(body),
            properties=pika.BasicProperties(
                type="updraft.command.v1",
                content_type="application/json",
                delivery_mode=2,
                message_id=identifier or str(uuid.uuid4()),
                correlation_id=correlation,
                reply_to=self.replies,
            ),
            mandatory=True,
        )
        return correlation

    def result(self, correlation):
        end = time.monotonic() + PATIENCE
        while correlation not in self.results:
            assert time.monotonic() < end, "no result came"
            self.connection.process_data_events(time_limit=1)
        return self.results[correlation][0]

    def send(self, command, arguments=None, **envelope):
        return self.result(self.publish(command, arguments, **envelope))


class Workers:
    """Worker processes against the relay."""

    def __init__(self, executable, relay):
        self.executable = executable
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "UPDRAFT_"))},
            **KEYS,
            "AWS_REGION": REGION,
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{relay.server_port}",
            "UPDRAFT_AMQP_URL": URL,
            "UPDRAFT_AMQP_PREFIX": PREFIX,
            "UPDRAFT_WAIT_INTERVAL": "100ms",
            "UPDRAFT_WAIT_REBOOT": "300ms",  # the status checks of moto never fail
        }
        self.processes = []

    def start(self):
        process = subprocess.Popen([self.executable, "run"], env=self.environment, stdout=subprocess.DEVNULL)
        self.processes.append(process)
        eventually("a consumer of the commands", lambda: self.is_consuming(process))
        return process

    @staticmethod
    def is_consuming(process):
        assert process.poll() is None, f"the worker ended with {process.returncode}"
        connection = pika.BlockingConnection(pika.URLParameters(URL))
        try:
            status = connection.channel().queue_declare(f"{PREFIX}.commands", passive=True)
            return status.method.consumer_count > 0
        except pika.exceptions.ChannelClosedByBroker:
            return False  # not declared yet
        finally:
            connection.close()

    def stop(self):
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()


class Judge:
    """The checks: each command in full, in part and as a dry run."""

    def __init__(self, bot, relay):
        self.bot = bot
        self.relay = relay
        self.ec2 = boto3.client(
            "ec2",
            region_name=REGION,
            endpoint_url=MOTO,
            aws_access_key_id="testing",
            aws_secret_access_key="testing",
        )
        self.run = f"ten-{uuid.uuid4().hex}"
        image = self.ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
        self.image = image
        self.gone = self.launch(1)[0]
        self.ec2.terminate_instances(InstanceIds=[self.gone])

    # What moto has.

    def launch(self, count, stopped=False):
        answer = self.ec2.run_instances(
            ImageId=self.image,
            InstanceType="t3.micro",
            MinCount=count,
            MaxCount=count,
            TagSpecifications=[{"ResourceType": "instance", "Tags": [{"Key": "Run", "Value": self.run}]}],
        )
        ids = [instance["InstanceId"] for instance in answer["Instances"]]
        if stopped:
            self.ec2.stop_instances(InstanceIds=ids)
        return ids

    def instances(self, run=None):
        pages = self.ec2.get_paginator("describe_instances").paginate(
            Filters=[{"Name": "tag:Run", "Values": [run or self.run]}]
        )
        return [i for page in pages for reservation in page["Reservations"] for i in reservation["Instances"]]

    def states(self, ids=None):
        states = {instance["InstanceId"]: instance["State"]["Name"] for instance in self.instances()}
        return states if ids is None else [states[i] for i in ids]

    def clean_up(self):
        runs = [self.run, f"{self.run}-created", f"{self.run}-redelivered"]
        ids = [instance["InstanceId"] for run in runs for instance in self.instances(run)]
        self.ec2.terminate_instances(InstanceIds=ids)

    # In full.

    def ping(self, **envelope):
        result = self.succeeded("ping", **envelope)
        assert result["output"]["broker"].startswith("RabbitMQ "), result
        assert result["worker"] == result["output"]["worker"], result

    def list(self, **envelope):
        expected = {i["InstanceId"]: i for i in self.instances()}
        result = self.succeeded("list", {"filter": {"tag:Run": [self.run]}, "limit": 1000}, **envelope)
        shown = {i["id"]: i for i in result["output"]["instances"]}
        assert shown.keys() == expected.keys(), (shown.keys(), expected.keys())
        for identifier, instance in shown.items():
            other = expected[identifier]
            assert instance["image_id"] == other["ImageId"], instance
            assert instance["type"] == other["InstanceType"], instance
            assert instance["state"] == other["State"]["Name"], instance
            assert instance["monitoring"] == other["Monitoring"]["State"], instance
            assert instance["zone"] == other["Placement"]["AvailabilityZone"], instance
            assert instance.get("private_ip") == other.get("PrivateIpAddress"), instance
            assert instance.get("private_dns") == other.get("PrivateDnsName"), instance
            assert instance["tags"] == {tag["Key"]: tag["Value"] for tag in other["Tags"]}, instance

    def zones(self, **envelope):
        result = self.succeeded("zones", **envelope)
        expected = {
            (zone["ZoneId"], zone["RegionName"], zone["ZoneName"])
            for zone in self.ec2.describe_availability_zones()["AvailabilityZones"]
        }
        assert {(z["id"], z["region"], z["name"]) for z in result["output"]["zones"]} == expected, result

    def regions(self, **envelope):
        result = self.succeeded("regions", **envelope)
        expected = {(region["RegionName"], region["Endpoint"]) for region in self.ec2.describe_regions()["Regions"]}
        assert {(r["name"], r["endpoint"]) for r in result["output"]["regions"]} == expected, result

    def images(self, **envelope):
        own = self.ec2.register_image(Name=f"{self.run}-{uuid.uuid4().hex}", RootDeviceName="/dev/sda1")["ImageId"]
        try:
            expected = {image["ImageId"]: image["Name"] for image in self.ec2.describe_images(Owners=["self"])["Images"]}
            assert own in expected
            result = self.succeeded("images", {"limit": 1000}, **envelope)
            assert {i["id"]: i["name"] for i in result["output"]["images"]} == expected, result
            named = self.succeeded("images", {"names": [expected[own]]}, **envelope)
            assert [i["id"] for i in named["output"]["images"]] == [own], named
        finally:
            self.ec2.deregister_image(ImageId=own)

    def start(self):
        ids = self.launch(2, stopped=True)
        assert self.states(ids) == ["stopped", "stopped"]
        result = self.succeeded("start", {"instance_ids": ids})
        assert self.outcomes(result) == [(i, "succeeded", "stopped", "running") for i in ids], result
        assert self.states(ids) == ["running", "running"]

    def stop(self):
        ids = self.launch(2)
        result = self.succeeded("stop", {"instance_ids": ids})
        assert self.outcomes(result) == [(i, "succeeded", "running", "stopped") for i in ids], result
        assert self.states(ids) == ["stopped", "stopped"]

    def reboot(self):
        ids = self.launch(2)
        before = len(self.rebooted())
        result = self.succeeded("reboot", {"instance_ids": ids})
        assert [(item["instance_id"], item["status"]) for item in result["items"]] == [(i, "queued") for i in ids]
        assert sorted(self.rebooted()[before:]) == sorted(ids), "EC2 was asked for something else"
        assert self.states(ids) == ["running", "running"]
        waited = self.succeeded("reboot", {"instance_ids": ids, "wait": True})
        assert [item["status"] for item in waited["items"]] == ["succeeded", "succeeded"], waited

    def create(self):
        run = f"{self.run}-created"
        arguments = {"image_id": self.image, "instance_types": ["t3.small"], "count": 3}
        result = self.succeeded("create", {**arguments, "tags": {"Run": run, "Name": "ten"}})
        launched = self.instances(run)
        assert sorted(i["id"] for i in result["output"]["instances"]) == sorted(i["InstanceId"] for i in launched)
        assert [(i["InstanceType"], i["State"]["Name"], i["ImageId"]) for i in launched] == [
            ("t3.small", "running", self.image)
        ] * 3, launched
        assert all({"Key": "Name", "Value": "ten"} in i["Tags"] for i in launched), launched
        assert all({"Key": "updraft:command", "Value": result["id"]} in i["Tags"] for i in launched), launched

    def terminate(self):
        ids = self.launch(2)
        result = self.succeeded("terminate", {"instance_ids": ids, "wait": True})
        assert self.outcomes(result) == [(i, "succeeded", "running", "terminated") for i in ids], result
        assert self.states(ids) == ["terminated", "terminated"]

    # In part: a good id among an unknown and a terminated one.

    def partial_list(self):
        good = self.launch(1)[0]
        result = self.bot.send("list", {"instance_ids": [UNKNOWN, good]})
        self.is_partial(result, {UNKNOWN: "instance_not_found"}, good)
        assert [i["id"] for i in result["output"]["instances"]] == [good], result

    def partial_start(self):
        self.partial("start", self.launch(1, stopped=True)[0], "running")

    def partial_stop(self):
        self.partial("stop", self.launch(1)[0], "stopped")

    def partial_reboot(self):
        good, before = self.launch(1)[0], len(self.rebooted())
        self.partial("reboot", good, "running")
        assert self.rebooted()[before:] == [good], "the good one was not rebooted, or not alone"

    def partial_terminate(self):
        good = self.launch(1)[0]
        # What is gone already counts as terminated.
        result = self.bot.send("terminate", {"instance_ids": [self.gone, UNKNOWN, good]})
        assert result["status"] == "partial", result
        assert [item["status"] for item in result["items"]] == ["succeeded", "failed", "succeeded"], result
        assert result["items"][1]["error"]["code"] == "instance_not_found", result
        assert self.states([good]) == ["terminated"]

    def partial(self, command, good, state):
        result = self.bot.send(command, {"instance_ids": [UNKNOWN, good, self.gone]})
        self.is_partial(result, {UNKNOWN: "instance_not_found", self.gone: "incorrect_state"}, good)
        assert self.states([good, self.gone]) == [state, "terminated"]

    @staticmethod
    def is_partial(result, failures, good):
        assert result["status"] == "partial", result
        items = {item["instance_id"]: item for item in result["items"]}
        assert items.keys() == {good, *failures}, result
        assert items[good]["status"] in ("succeeded", "queued"), result
        for identifier, code in failures.items():
            assert items[identifier]["status"] == "failed", result
            assert items[identifier]["error"]["code"] == code, result
            assert identifier in items[identifier]["error"]["detail"], result
        assert all(identifier in result["text"] for identifier in failures), result["text"]

    # As a dry run: EC2 is asked, with DryRun, and nothing changes.

    def dry_run_of_a_look(self, command):
        getattr(self, command)(dry_run=True)

    def dry_run(self, command, stopped=False, becomes="running"):
        ids = self.launch(2, stopped)
        before = self.states()
        action = f"{command.capitalize()}Instances"
        real, dry = self.relay.count(action), self.relay.count(action, DryRun="true")
        result = self.succeeded(command, {"instance_ids": ids}, dry_run=True)
        state = "stopped" if stopped else "running"
        assert [(item["state"], item["would_become"]) for item in result["items"]] == [(state, becomes)] * 2, result
        assert self.states() == before, "a dry run changed something"
        assert self.relay.count(action, DryRun="true") > dry, "EC2 was not asked"
        assert self.relay.count(action) - real == self.relay.count(action, DryRun="true") - dry, "a call was no dry run"

    def dry_run_of_create(self):
        before = len(self.instances())
        calls = self.relay.count("RunInstances")
        arguments = {"image_id": self.image, "instance_types": ["t3.small"], "count": 3, "tags": {"Run": self.run}}
        result = self.succeeded("create", arguments, dry_run=True)
        assert result["output"]["would_create"] == 3, result
        assert len(self.instances()) == before, "a dry run launched something"
        assert self.relay.count("RunInstances") == calls + 1, "EC2 was not asked"

    # A worker that dies after the launch; moto ignores the token, so only the tag tells.

    def redelivered_create(self, workers):
        run = f"{self.run}-redelivered"
        arguments = {"image_id": self.image, "instance_types": ["t3.small"], "count": 2, "tags": {"Run": run}}
        # The worker never sees the answer to its launch.
        victim = workers.processes[-1]
        self.relay.withheld = "RunInstances"
        correlation = self.bot.publish("create", arguments, identifier=f"redelivered-{run}")
        eventually("the launch", lambda: len(self.instances(run)) == 2)
        victim.kill()
        victim.wait()
        self.relay.withheld = None
        workers.start()
        result = self.bot.result(correlation)
        assert result["status"] == "succeeded", result
        assert result["attempts"] == 2, result
        launched = sorted(i["InstanceId"] for i in self.instances(run))
        assert sorted(i["id"] for i in result["output"]["instances"]) == launched, result
        assert len(launched) == 2, f"{len(launched)} instances instead of 2"

    # Parts.

    def succeeded(self, command, arguments=None, **envelope):
        result = self.bot.send(command, arguments, **envelope)
        assert result["status"] == "succeeded", result
        assert result["command"] == command and result["error"] is None and result["text"], result
        assert result["dry_run"] == envelope.get("dry_run", False), result
        return result

    def rebooted(self):
        """The ids in all calls of RebootInstances that were no dry run."""
        return [
            value
            for action, parameters in self.relay.calls
            if action == "RebootInstances" and parameters.get("DryRun") != "true"
            for name, value in parameters.items()
            if name.startswith("InstanceId.")
        ]

    @staticmethod
    def outcomes(result):
        return [(i["instance_id"], i["status"], i["previous_state"], i["state"]) for i in result["items"]]


def main():
    relay = Relay()
    workers = Workers(sys.argv[1], relay)
    failures = []
    passed = collections.Counter()
    judge = None

    def check(kind, name, body):
        passed[f"{kind} of"] += 1
        try:
            body()
            passed[kind] += 1
        except Exception as error:  # whatever it is, the others get their turn
            failures.append(f"{kind} {name}: {type(error).__name__}: {error}")

    try:
        workers.start()
        judge = Judge(Bot(), relay)
        looks = ["ping", "list", "zones", "regions", "images"]
        for name in [*looks, "start", "stop", "reboot", "create", "terminate"]:
            check("full", name, getattr(judge, name))
        # Only commands that name instances can succeed in part; a launch is all or nothing.
        for name in ["list", "start", "stop", "reboot", "terminate"]:
            check("partial", name, getattr(judge, f"partial_{name}"))
        for name in looks:
            check("dry run", name, lambda name=name: judge.dry_run_of_a_look(name))
        check("dry run", "start", lambda: judge.dry_run("start", stopped=True))
        check("dry run", "stop", lambda: judge.dry_run("stop", becomes="stopped"))
        check("dry run", "reboot", lambda: judge.dry_run("reboot"))
        check("dry run", "create", judge.dry_run_of_create)
        check("dry run", "terminate", lambda: judge.dry_run("terminate", becomes="terminated"))
        check("redelivered", "create", lambda: judge.redelivered_create(workers))
    finally:
        if judge:
            judge.clean_up()
        workers.stop()
    for failure in failures:
        print(failure)
    kinds = {"full": "ten commands:", "partial": "partial", "dry run": "dry run", "redelivered": "redelivered launch"}
    print(", ".join(f"{text} {passed[kind]} of {passed[f'{kind} of']}" for kind, text in kinds.items()))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
