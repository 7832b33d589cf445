"""Judges the simulated cloud with boto3, and with moto where moto has the operation.

Usage: judge.py ENDPOINT [MOTO_ENDPOINT]

Every operation of the simulated cloud is driven through boto3. Four things are compared:
- each answer's elements with botocore's service model, which silently drops what it does not know;
- the shape of each answer (keys and types) with moto's answer to the same call;
- error codes and HTTP status with moto's, or with AWS's documentation where moto errs;
- behaviour: waiters, pagination, idempotency, dry runs, signatures, faults.
Without MOTO_ENDPOINT, a moto server is started in this process.
"""

import datetime
import fnmatch
import json
import sys
import time
import urllib.error
import urllib.request
import xml.etree.ElementTree as ElementTree

import boto3
import botocore.auth
from botocore.config import Config
from botocore.exceptions import ClientError, EndpointConnectionError, ConnectionClosedError, ReadTimeoutError, WaiterError

REGION = "us-east-1"

# Keys of moto's answers that the simulated cloud leaves out, and why. Patterns of fnmatch over "Operation/path".
LEFT_OUT = {
    "*/BlockDeviceMappings/*": "no volumes are simulated; the list is there and empty",
    "*/NetworkInterfaces/*": "no network interfaces are simulated; the list is there and empty",
    "*/ProductCodes*": "no marketplace; the list is there and empty",
    "*/MetadataOptions*": "not needed by a client of the pool",
    "*/Platform": "only Windows images have it in EC2; moto invents it",
    "*/StateReason*": "EC2 has it only after a change by the user; moto always",
    "*/SriovNetSupport": "not needed by a client of the pool",
    "*/BootMode": "not needed by a client of the pool",
    "*/SourceInstanceId": "no images are made from instances",
    "DescribeInstanceTypes/InstanceTypes/*": "the catalogue names what a scheduler needs",
    "SendCommand/Command/*Config*": "no notifications and no CloudWatch output are simulated",
    "ListCommands/Commands/*Config*": "no notifications and no CloudWatch output are simulated",
    "*/Command*/OutputS3Region": "deprecated",
}

# Calls that moto answers otherwise than AWS, and why.
MOTO_ERRS = {
    "reserved tag": "moto allows tags that begin with aws:",
    "tags of an unknown instance": "moto tags whatever it is told to",
    "start of a terminated instance": "moto starts it",
    "stop of a terminated instance": "moto stops it",
    "launch with unknown image": "moto launches any image",
    **{
        f"{name} malformed": "moto does not check the form of ids"
        for name in ["describe", "start", "stop", "reboot", "terminate"]
    },
}


class Judge:
    def __init__(self, endpoint, moto_endpoint):
        self.endpoint = endpoint
        self.moto_endpoint = moto_endpoint
        self.operations = set()
        self.comparisons = 0
        self.differences = []
        self.exceptions = set()
        self.elements = set()

    # -- clients ------------------------------------------------------------------------------------------------

    def client(self, service, region=REGION, key="simulated", secret="simulated-secret", retries=1, timeout=20):
        client = boto3.client(
            service,
            region_name=region,
            endpoint_url=self.endpoint,
            aws_access_key_id=key,
            aws_secret_access_key=secret,
            config=Config(
                retries={"total_max_attempts": retries, "mode": "standard"}, read_timeout=timeout, connect_timeout=5
            ),
        )
        client.meta.events.register(f"before-parse.{service}", self.check_elements)
        return client

    def moto(self, service, region=REGION):
        return boto3.client(
            service,
            region_name=region,
            endpoint_url=self.moto_endpoint,
            aws_access_key_id="moto",
            aws_secret_access_key="moto",
        )

    def control(self, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(urllib.request.Request(f"{self.endpoint}/_simulated/{path}", data=data)) as answer:
            return json.load(answer)

    # -- comparisons --------------------------------------------------------------------------------------------

    def check(self, what, condition, detail=""):
        self.comparisons += 1
        self.require(what, condition, detail)

    def require(self, what, condition, detail=""):
        """As `check`, without being counted."""
        if not condition:
            self.differences.append(f"{what} {detail}")
            print(f"difference: {what} {detail}", file=sys.stderr)

    def equal(self, what, actual, expected):
        self.check(what, actual == expected, f"is {actual!r}, expected {expected!r}")

    def check_elements(self, operation_model, response_dict, **_):
        """Every element of an XML answer must be known to botocore, which silently drops others."""
        name = operation_model.name
        self.operations.add(f"{operation_model.service_model.service_name}.{name}")
        if response_dict["status_code"] >= 300:
            return
        body = response_dict["body"]
        if operation_model.service_model.metadata["protocol"] == "json":
            if operation_model.output_shape is not None:
                self.walk_json(name, json.loads(body), operation_model.output_shape)
            return
        root = ElementTree.fromstring(body)
        if root.tag.startswith("{https://sts."):
            root = root[0]
        elif operation_model.output_shape is None:
            return
        self.walk(name, root, operation_model.output_shape, top=True)

    def walk(self, path, node, shape, top=False):
        self.elements.add(path)
        tag = lambda element: element.tag.split("}")[-1]
        if shape.type_name == "structure":
            members = {member.serialization.get("name", name): member for name, member in shape.members.items()}
            seen = set()
            for child in node:
                if top and tag(child) == "requestId":
                    continue
                self.require(f"{path}/{tag(child)}", tag(child) in members, "is unknown to botocore")
                self.require(f"{path}/{tag(child)}", tag(child) not in seen, "is repeated")
                seen.add(tag(child))
                if tag(child) in members:
                    self.walk(f"{path}/{tag(child)}", child, members[tag(child)])
        elif shape.type_name == "list":
            for child in node:
                self.require(f"{path}/item", tag(child) == shape.member.serialization.get("name", "member"))
                self.walk(path, child, shape.member)
        else:
            self.require(path, len(node) == 0, "should be a scalar")
            text = node.text or ""
            if shape.type_name == "boolean":
                self.require(path, text in ("true", "false"), f"is {text!r}")
            elif shape.type_name in ("integer", "long"):
                self.require(path, text.lstrip("-").isdigit(), f"is {text!r}")
            elif shape.type_name == "string" and getattr(shape, "enum", None) and text:
                self.require(path, text in shape.enum, f"{text!r} is not in the model's enumeration")

    def walk_json(self, path, value, shape):
        self.elements.add(path)
        if shape.type_name == "structure":
            for key, inner in value.items():
                self.require(f"{path}/{key}", key in shape.members, "is unknown to botocore")
                if key in shape.members and inner is not None:
                    self.walk_json(f"{path}/{key}", inner, shape.members[key])
        elif shape.type_name == "list":
            for inner in value:
                self.walk_json(path, inner, shape.member)
        elif shape.type_name == "string":
            self.require(path, isinstance(value, str), f"is {value!r}")
        elif shape.type_name in ("integer", "long"):
            self.require(path, isinstance(value, int), f"is {value!r}")
        elif shape.type_name == "timestamp":
            self.require(path, isinstance(value, (int, float)), f"is {value!r}")

    def same_shape(self, operation, simulated, moto):
        simulated.pop("ResponseMetadata", None)
        moto.pop("ResponseMetadata", None)
        self.compare(operation, simulated, moto)

    def compare(self, path, simulated, moto):
        self.comparisons += 1
        if isinstance(moto, dict) and isinstance(simulated, dict):
            for key in moto:
                inner = f"{path}/{key}"
                if key in simulated:
                    self.compare(inner, simulated[key], moto[key])
                else:
                    self.require(inner, self.left_out(inner), f"is missing, moto has {moto[key]!r}")
        elif isinstance(moto, list) and isinstance(simulated, list):
            if moto and not simulated:
                self.check(path, self.left_out(f"{path}/"), "is empty, moto has elements")
            elif moto:
                self.compare(path, self.merged(simulated), self.merged(moto))
        elif type(moto) is not type(simulated):
            self.check(path, False, f"is a {type(simulated).__name__}, moto has a {type(moto).__name__}")

    def left_out(self, path):
        patterns = [pattern for pattern in LEFT_OUT if fnmatch.fnmatch(path, pattern)]
        self.exceptions.update(patterns)
        return bool(patterns)

    @staticmethod
    def merged(elements):
        if not isinstance(elements[0], dict):
            return elements[0]
        result = {}
        for element in elements:
            for key, value in element.items():
                if isinstance(value, list) and isinstance(result.get(key), list):
                    result[key] = result[key] + value
                else:
                    result[key] = value
        return result

    def error(self, what, call, code, status, message=None):
        """The call must fail with this code and status, and with this in its message."""
        try:
            call()
            self.check(what, False, f"succeeded, expected {code}")
            return None
        except ClientError as error:
            self.equal(f"{what}: code", error.response["Error"]["Code"], code)
            self.equal(f"{what}: status", error.response["ResponseMetadata"]["HTTPStatusCode"], status)
            self.check(f"{what}: request id", bool(error.response["ResponseMetadata"].get("RequestId")))
            if message is not None:
                self.check(f"{what}: message", message in error.response["Error"]["Message"], repr(str(error)))
            return error

    def same_error(self, what, call, moto_call, code, status=400, message=None):
        """As `error`, and moto must agree unless the difference is listed."""
        self.error(what, call, code, status, message)
        try:
            moto_call()
            moto_code = None
        except ClientError as error:
            moto_code = error.response["Error"]["Code"]
        if what in MOTO_ERRS and moto_code != code:
            self.exceptions.add(what)
        else:
            self.equal(f"{what}: moto's code", moto_code, code)


def eventually(condition, timeout=20):
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(0.05)
    return condition()


def ids(answer):
    return [instance["InstanceId"] for instance in answer["Instances"]]


def all_instances(pages):
    return [instance for page in pages for reservation in page["Reservations"] for instance in reservation["Instances"]]


WAIT = {"Delay": 0.1, "MaxAttempts": 600}


def judge_offerings(judge):
    ec2, moto = judge.client("ec2"), judge.moto("ec2")

    judge.same_shape("DescribeRegions", ec2.describe_regions(), moto.describe_regions())
    judge.same_shape(
        "DescribeAvailabilityZones", ec2.describe_availability_zones(), moto.describe_availability_zones()
    )
    regions = {region["RegionName"]: region["Endpoint"] for region in ec2.describe_regions()["Regions"]}
    moto_regions = {region["RegionName"]: region["Endpoint"] for region in moto.describe_regions()["Regions"]}
    for region, endpoint in regions.items():
        judge.equal(f"endpoint of {region}", endpoint, moto_regions.get(region))
        zones = {
            zone["ZoneName"]: zone["ZoneId"]
            for zone in judge.client("ec2", region).describe_availability_zones()["AvailabilityZones"]
        }
        known = {zone["ZoneName"] for zone in judge.moto("ec2", region).describe_availability_zones()["AvailabilityZones"]}
        judge.check(f"zones of {region}", set(zones) <= known or region == "us-east-1", f"{set(zones)} {known}")
    filtered = ec2.describe_availability_zones(Filters=[{"Name": "zone-name", "Values": [f"{REGION}a"]}])
    judge.equal("zones by filter", len(filtered["AvailabilityZones"]), 1)
    judge.equal("regions by name", len(ec2.describe_regions(RegionNames=["eu-west-1"])["Regions"]), 1)
    judge.error("unknown region", lambda: ec2.describe_regions(RegionNames=["xx-1"]), "InvalidParameterValue", 400)

    source = moto.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    template = moto.run_instances(ImageId=source, MinCount=1, MaxCount=1, InstanceType="t2.micro")["Instances"][0]
    moto.create_image(InstanceId=template["InstanceId"], Name="own")
    judge.same_shape("DescribeImages", ec2.describe_images(Owners=["self"]), moto.describe_images(Owners=["self"]))
    own = ec2.describe_images(Owners=["self"])["Images"]
    judge.equal("own images", len(own), 2)
    judge.equal("Amazon's images", len(ec2.describe_images(Owners=["amazon"])["Images"]), 2)
    judge.equal("all images", len(ec2.describe_images()["Images"]), 4)
    by_name = ec2.describe_images(Filters=[{"Name": "name", "Values": ["condor-exec*"]}])["Images"]
    judge.equal("images by name", [image["Name"] for image in by_name], ["condor-execute-2026.1"])
    pages = list(ec2.get_paginator("describe_images").paginate(PaginationConfig={"PageSize": 3}))
    judge.equal("pages of images", [len(page["Images"]) for page in pages], [3, 1])
    judge.equal("image by id", len(ec2.describe_images(ImageIds=[own[0]["ImageId"]])["Images"]), 1)
    missing = "ami-0123456789abcdef0"
    judge.same_error(
        "unknown image",
        lambda: ec2.describe_images(ImageIds=[missing]),
        lambda: moto.describe_images(ImageIds=[missing]),
        "InvalidAMIID.NotFound",
        message=f"The image id '[{missing}]' does not exist",
    )
    judge.error("malformed image", lambda: ec2.describe_images(ImageIds=["x"]), "InvalidAMIID.Malformed", 400)

    types = {"InstanceTypes": ["t2.micro"]}
    judge.same_shape(
        "DescribeInstanceTypes", ec2.describe_instance_types(**types), moto.describe_instance_types(**types)
    )
    pages = list(ec2.get_paginator("describe_instance_types").paginate(PaginationConfig={"PageSize": 5}))
    names = [kind["InstanceType"] for page in pages for kind in page["InstanceTypes"]]
    judge.check("pages of instance types", len(pages) > 1 and len(names) == len(set(names)))
    expected = {kind["InstanceType"]: kind for kind in moto.describe_instance_types(InstanceTypes=names)["InstanceTypes"]}
    for kind in [kind for page in pages for kind in page["InstanceTypes"]]:
        for part, member in [("VCpuInfo", "DefaultVCpus"), ("MemoryInfo", "SizeInMiB")]:
            judge.equal(
                f"{kind['InstanceType']} {member}", kind[part][member], expected[kind["InstanceType"]][part][member]
            )
    judge.same_error(
        "unknown instance type",
        lambda: ec2.describe_instance_types(InstanceTypes=["t9.pico"]),
        lambda: moto.describe_instance_types(InstanceTypes=["t9.pico"]),
        "InvalidInstanceType",
    )
    return own[0]["ImageId"], source


def judge_lifecycle(judge, image, moto_image):
    ec2, moto = judge.client("ec2"), judge.moto("ec2")
    tags = [{"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": "a <&> \"b\" é"}, {"Key": "Role", "Value": "execute"}]}]
    launch = dict(MinCount=2, MaxCount=2, InstanceType="t2.micro", TagSpecifications=tags, ClientToken="token-1")

    moto_answer = moto.run_instances(ImageId=moto_image, UserData="#!/bin/sh\necho", **launch)
    answer = ec2.run_instances(ImageId=image, UserData="#!/bin/sh\necho", **launch)
    launched, moto_launched = ids(answer), ids(moto_answer)
    judge.equal("state after launch", answer["Instances"][0]["State"], {"Code": 0, "Name": "pending"})
    judge.error(
        "describe right after launch",
        lambda: ec2.describe_instances(InstanceIds=launched),
        "InvalidInstanceID.NotFound",
        400,
        f"The instance IDs '{launched[0]}, {launched[1]}' do not exist",
    )
    judge.same_shape("RunInstances", answer, moto_answer)
    again = ec2.run_instances(ImageId=image, UserData="#!/bin/sh\necho", **launch)
    judge.equal("same token, same instances", ids(again), launched)
    judge.equal("same token, same reservation", again["ReservationId"], answer["ReservationId"])
    other = dict(launch, MaxCount=3)
    judge.error(
        "same token, other parameters",
        lambda: ec2.run_instances(ImageId=image, **other),
        "IdempotentParameterMismatch",
        400,
    )

    ec2.get_waiter("instance_exists").wait(InstanceIds=launched, WaiterConfig=WAIT)
    ec2.get_waiter("instance_running").wait(InstanceIds=launched, WaiterConfig=WAIT)
    ec2.get_waiter("instance_status_ok").wait(InstanceIds=launched, WaiterConfig=WAIT)
    described = ec2.describe_instances(InstanceIds=launched)
    judge.same_shape("DescribeInstances", described, moto.describe_instances(InstanceIds=moto_launched))
    judge.same_shape(
        "DescribeInstanceStatus",
        ec2.describe_instance_status(InstanceIds=launched),
        moto.describe_instance_status(InstanceIds=moto_launched),
    )
    instance = described["Reservations"][0]["Instances"][0]
    judge.equal("tags", {tag["Key"]: tag["Value"] for tag in instance["Tags"]}, {t["Key"]: t["Value"] for t in tags[0]["Tags"]})
    judge.check("launch time", isinstance(instance["LaunchTime"], datetime.datetime))
    judge.check("launch time is now", abs((datetime.datetime.now(datetime.timezone.utc) - instance["LaunchTime"]).total_seconds()) < 60)
    judge.equal("client token", instance["ClientToken"], "token-1")
    for name, values in [
        ("instance-id", launched),
        ("instance-state-name", ["running"]),
        ("tag:Role", ["exec*"]),
        ("tag-key", ["Role"]),
        ("tag-value", ["execute"]),
        ("client-token", ["token-?"]),
        ("instance-type", ["t2.*"]),
        ("availability-zone", [instance["Placement"]["AvailabilityZone"]]),
        ("image-id", [image]),
        ("subnet-id", [instance["SubnetId"]]),
        ("vpc-id", [instance["VpcId"]]),
        ("private-ip-address", ["10.*"]),
        ("reservation-id", [answer["ReservationId"]]),
    ]:
        filters = [{"Name": name, "Values": values}, {"Name": "instance-id", "Values": launched}]
        judge.equal(f"filter {name}", len(all_instances([ec2.describe_instances(Filters=filters)])), 2)
    judge.equal(
        "filter without a match",
        all_instances([ec2.describe_instances(Filters=[{"Name": "tag:Role", "Values": ["nobody"]}])]),
        [],
    )
    filters = [{"Name": "no-such-filter", "Values": ["x"]}]
    judge.error("unknown filter", lambda: ec2.describe_instances(Filters=filters), "InvalidParameterValue", 400)

    unknown = ["i-0123456789abcdef0", "i-0123456789abcdef1"]
    for name in ["describe", "start", "stop", "reboot", "terminate"]:
        call = lambda client, given: getattr(client, f"{name}_instances")(InstanceIds=given)
        judge.same_error(
            f"{name} unknown",
            lambda: call(ec2, launched[:1] + unknown),
            lambda: call(moto, moto_launched[:1] + unknown),
            "InvalidInstanceID.NotFound",
            message=f"The instance IDs '{unknown[0]}, {unknown[1]}' do not exist",
        )
        judge.same_error(
            f"{name} malformed",
            lambda: call(ec2, ["i-xyz"]),
            lambda: call(moto, ["i-xyz"]),
            "InvalidInstanceID.Malformed",
            message='Invalid id: "i-xyz"',
        )

    started = ec2.start_instances(InstanceIds=launched)
    judge.equal(
        "start of a running instance changes nothing",
        [(c["PreviousState"]["Name"], c["CurrentState"]["Name"]) for c in started["StartingInstances"]],
        [("running", "running")] * 2,
    )
    ec2.reboot_instances(InstanceIds=launched)
    moto.reboot_instances(InstanceIds=moto_launched)
    judge.error(
        "hibernate",
        lambda: ec2.stop_instances(InstanceIds=launched, Hibernate=True),
        "UnsupportedHibernationConfiguration",
        400,
    )
    stopped = ec2.stop_instances(InstanceIds=launched[:1], Force=True)
    judge.equal("state after stop", stopped["StoppingInstances"][0]["CurrentState"], {"Code": 64, "Name": "stopping"})
    judge.error(
        "start while stopping",
        lambda: ec2.start_instances(InstanceIds=launched[:1]),
        "IncorrectInstanceState",
        400,
        f"The instance '{launched[0]}' is not in a state from which it can be started",
    )
    judge.same_shape("StopInstances", stopped, moto.stop_instances(InstanceIds=moto_launched[:1]))
    ec2.get_waiter("instance_stopped").wait(InstanceIds=launched[:1], WaiterConfig=WAIT)
    judge.same_shape(
        "DescribeInstances",
        ec2.describe_instances(InstanceIds=launched[:1]),
        moto.describe_instances(InstanceIds=moto_launched[:1]),
    )
    judge.equal(
        "status hides what does not run",
        ec2.describe_instance_status(InstanceIds=launched[:1])["InstanceStatuses"],
        [],
    )
    judge.same_shape(
        "DescribeInstanceStatus",
        ec2.describe_instance_status(InstanceIds=launched[:1], IncludeAllInstances=True),
        moto.describe_instance_status(InstanceIds=moto_launched[:1], IncludeAllInstances=True),
    )
    judge.error(
        "reboot of a stopped instance, all or nothing",
        lambda: ec2.reboot_instances(InstanceIds=launched),
        "IncorrectInstanceState",
        400,
    )
    started = ec2.start_instances(InstanceIds=launched)
    judge.same_shape("StartInstances", started, moto.start_instances(InstanceIds=moto_launched))
    judge.equal(
        "start of one stopped and one running",
        [(c["PreviousState"]["Name"], c["CurrentState"]["Name"]) for c in started["StartingInstances"]],
        [("stopped", "pending"), ("running", "running")],
    )
    ec2.get_waiter("instance_running").wait(InstanceIds=launched, WaiterConfig=WAIT)

    change = dict(Tags=[{"Key": "Team", "Value": "blue"}, {"Key": "Empty", "Value": ""}])
    ec2.create_tags(Resources=launched, **change)
    judge.equal(
        "filter by new tag",
        len(all_instances([ec2.describe_instances(Filters=[{"Name": "tag:Team", "Values": ["blue"]}])])),
        2,
    )
    ec2.delete_tags(Resources=launched[:1], Tags=[{"Key": "Team"}])
    ec2.delete_tags(Resources=launched[1:], Tags=[{"Key": "Team", "Value": "red"}])
    judge.equal(
        "filter after the deletion of one tag",
        len(all_instances([ec2.describe_instances(Filters=[{"Name": "tag:Team", "Values": ["blue"]}])])),
        1,
    )
    judge.same_error(
        "reserved tag",
        lambda: ec2.create_tags(Resources=launched, Tags=[{"Key": "aws:x", "Value": "y"}]),
        lambda: moto.create_tags(Resources=moto_launched, Tags=[{"Key": "aws:x", "Value": "y"}]),
        "InvalidParameterValue",
    )
    judge.same_error(
        "tags of an unknown instance",
        lambda: ec2.create_tags(Resources=unknown[:1], **change),
        lambda: moto.create_tags(Resources=unknown[:1], **change),
        "InvalidInstanceID.NotFound",
    )

    # Every action with effects, as a dry run: nothing may change.
    before = judge.control("instances")["instances"]
    dry = [
        ("run_instances", dict(MinCount=1, MaxCount=1, InstanceType="t2.micro")),
        ("start_instances", dict(InstanceIds=0)),
        ("stop_instances", dict(InstanceIds=0)),
        ("reboot_instances", dict(InstanceIds=0)),
        ("terminate_instances", dict(InstanceIds=0)),
        ("create_tags", dict(Resources=0, Tags=[{"Key": "Dry", "Value": "1"}])),
        ("delete_tags", dict(Resources=0, Tags=[{"Key": "Role"}])),
    ]
    for name, arguments in dry:
        def with_ids(which, own_image):
            given = {key: which if value == 0 else value for key, value in arguments.items()}
            return dict(given, DryRun=True, **({"ImageId": own_image} if name == "run_instances" else {}))
        judge.same_error(
            f"dry run of {name}",
            lambda: getattr(ec2, name)(**with_ids(launched, image)),
            lambda: getattr(moto, name)(**with_ids(moto_launched, moto_image)),
            "DryRunOperation",
            412,
            "Request would have succeeded, but DryRun flag is set.",
        )
    judge.equal("instances after the dry runs", judge.control("instances")["instances"], before)

    ended = ec2.terminate_instances(InstanceIds=launched)
    judge.same_shape("TerminateInstances", ended, moto.terminate_instances(InstanceIds=moto_launched))
    judge.equal("state after terminate", ended["TerminatingInstances"][0]["CurrentState"], {"Code": 32, "Name": "shutting-down"})
    ec2.get_waiter("instance_terminated").wait(InstanceIds=launched, WaiterConfig=WAIT)
    judge.equal(
        "terminate twice",
        ec2.terminate_instances(InstanceIds=launched)["TerminatingInstances"][0]["CurrentState"]["Name"],
        "terminated",
    )
    ec2.reboot_instances(InstanceIds=launched)
    for name in ["start", "stop"]:
        judge.same_error(
            f"{name} of a terminated instance",
            lambda: getattr(ec2, f"{name}_instances")(InstanceIds=launched),
            lambda: getattr(moto, f"{name}_instances")(InstanceIds=moto_launched),
            "IncorrectInstanceState",
        )
    judge.error(
        "token of a terminated launch",
        lambda: ec2.run_instances(ImageId=image, UserData="#!/bin/sh\necho", **launch),
        "IdempotentInstanceTerminated",
        400,
    )
    try:
        ec2.get_waiter("instance_running").wait(InstanceIds=launched, WaiterConfig=WAIT)
        judge.check("waiter on terminated instances", False, "succeeded")
    except WaiterError as error:
        judge.check("waiter on terminated instances", "terminal failure" in str(error), str(error))


def judge_launches(judge, image, moto_image):
    ec2, moto = judge.client("ec2"), judge.moto("ec2")
    one = dict(MinCount=1, MaxCount=1, InstanceType="t2.micro")

    template = ec2.run_instances(LaunchTemplate={"LaunchTemplateName": "condor-execute"}, MinCount=1, MaxCount=1)
    tags = {tag["Key"]: tag["Value"] for tag in template["Instances"][0]["Tags"]}
    judge.equal("image of the template", template["Instances"][0]["ImageId"], image)
    judge.equal("tag of the template", tags["Role"], "execute")
    by_id = ec2.run_instances(
        LaunchTemplate={"LaunchTemplateId": tags["aws:ec2launchtemplate:id"], "Version": "$Latest"}, MinCount=1, MaxCount=1
    )
    judge.equal("type of the template", by_id["Instances"][0]["InstanceType"], "t2.micro")
    spot = ec2.run_instances(ImageId=image, InstanceMarketOptions={"MarketType": "spot"}, **one)
    judge.equal("spot", spot["Instances"][0]["InstanceLifecycle"], "spot")
    ec2.get_waiter("instance_running").wait(InstanceIds=ids(spot), WaiterConfig=WAIT)
    judge.error("stop of a spot instance", lambda: ec2.stop_instances(InstanceIds=ids(spot)), "UnsupportedOperation", 400)
    hibernating = ec2.run_instances(ImageId=image, HibernationOptions={"Configured": True}, **one)
    ec2.get_waiter("instance_running").wait(InstanceIds=ids(hibernating), WaiterConfig=WAIT)
    ec2.stop_instances(InstanceIds=ids(hibernating), Hibernate=True)

    subnets = {}
    for attempt in range(40):
        instance = ec2.run_instances(ImageId=image, **one)["Instances"][0]
        subnets[instance["SubnetId"]] = instance["Placement"]["AvailabilityZone"]
    judge.check("launches spread over zones", len(subnets) > 1)
    for subnet, zone in subnets.items():
        placed = ec2.run_instances(ImageId=image, SubnetId=subnet, SecurityGroupIds=["sg-1"], ClientToken="zonal", **one)
        judge.equal(f"zone of {subnet}", placed["Instances"][0]["Placement"]["AvailabilityZone"], zone)
        judge.equal("security group", placed["Instances"][0]["SecurityGroups"][0]["GroupId"], "sg-1")
        by_zone = ec2.run_instances(ImageId=image, Placement={"AvailabilityZone": zone}, **one)
        judge.equal(f"subnet of {zone}", by_zone["Instances"][0]["SubnetId"], subnet)

    # The cloud under judgement has room for two m5.xlarge in zone a only.
    full = dict(ImageId=image, InstanceType="m5.xlarge", Placement={"AvailabilityZone": f"{REGION}a"})
    judge.equal("as many as fit", len(ids(ec2.run_instances(MinCount=1, MaxCount=5, **full))), 2)
    judge.error(
        "no capacity",
        lambda: ec2.run_instances(MinCount=1, MaxCount=1, **full),
        "InsufficientInstanceCapacity",
        500,
        f"(us-east-1a)",
    )

    for what, changes, code in [
        ("unknown image", dict(ImageId="ami-0123456789abcdef0"), "InvalidAMIID.NotFound"),
        ("malformed image", dict(ImageId="x"), "InvalidAMIID.Malformed"),
        ("unknown subnet", dict(SubnetId="subnet-0123456789abcdef0"), "InvalidSubnetID.NotFound"),
        ("unknown type", dict(InstanceType="t9.pico"), "InvalidParameterValue"),
        ("more than the maximum", dict(MinCount=3, MaxCount=2), "InvalidParameterValue"),
        ("long token", dict(ClientToken="x" * 65), "InvalidClientToken"),
        ("user data", dict(UserData="x" * 16385), "InvalidUserData.Malformed"),
        ("reserved tag", dict(TagSpecifications=[{"ResourceType": "instance", "Tags": [{"Key": "aws:x", "Value": ""}]}]), "InvalidParameterValue"),
        ("unknown template", dict(LaunchTemplate={"LaunchTemplateName": "nobody"}), "InvalidLaunchTemplateName.NotFoundException"),
    ]:
        judge.error(f"launch with {what}", lambda: ec2.run_instances(**{"ImageId": image, **one, **changes}), code, 400)
    for what, changes, code in [
        ("unknown image", dict(ImageId="ami-0123456789abcdef0"), "InvalidAMIID.NotFound"),
        ("unknown subnet", dict(SubnetId="subnet-0123456789abcdef0"), "InvalidSubnetID.NotFound"),
    ]:
        judge.same_error(
            f"launch with {what}",
            lambda: ec2.run_instances(**{"ImageId": image, **one, **changes}),
            lambda: moto.run_instances(**{"ImageId": moto_image, **one, **changes}),
            code,
        )
    protected = ids(ec2.run_instances(ImageId=image, DisableApiTermination=True, **one))
    ec2.get_waiter("instance_exists").wait(InstanceIds=protected, WaiterConfig=WAIT)
    judge.error(
        "terminate a protected instance",
        lambda: ec2.terminate_instances(InstanceIds=protected),
        "OperationNotPermitted",
        400,
    )


def judge_pages(judge):
    """The cloud under judgement has 1,200 instances in eu-west-1 from the start."""
    ec2 = judge.client("ec2", "eu-west-1")
    pages = list(ec2.get_paginator("describe_instances").paginate(PaginationConfig={"PageSize": 500}))
    found = [instance["InstanceId"] for instance in all_instances(pages)]
    judge.equal("pages of instances", len(pages), 3)
    judge.equal("instances on all pages", len(found), 1200)
    judge.equal("instances on all pages once", len(set(found)), 1200)
    statuses = ec2.get_paginator("describe_instance_status").paginate(PaginationConfig={"PageSize": 1000})
    judge.equal("statuses on all pages", sum(len(page["InstanceStatuses"]) for page in statuses), 1200)
    filters = [{"Name": "tag:Name", "Values": ["node-1", "node-12", "node-120*"]}]
    judge.equal("filter on many", len(all_instances([ec2.describe_instances(Filters=filters)])), 4)
    judge.error(
        "page with ids",
        lambda: ec2.describe_instances(InstanceIds=found[:2], MaxResults=5),
        "InvalidParameterCombination",
        400,
    )
    judge.error("page too small", lambda: ec2.describe_instances(MaxResults=4), "InvalidParameterValue", 400)
    judge.error("page too large", lambda: ec2.describe_instances(MaxResults=1001), "InvalidParameterValue", 400)
    judge.error(
        "token of another question",
        lambda: ec2.describe_instances(NextToken=pages[0]["NextToken"], Filters=filters),
        "InvalidParameterValue",
        400,
    )
    judge.error("bad token", lambda: ec2.describe_instances(NextToken="x"), "InvalidParameterValue", 400)
    many = [{"Name": "instance-id", "Values": [f"i-{n:017x}" for n in range(201)]}]
    judge.error("too many filter values", lambda: ec2.describe_instances(Filters=many), "FilterLimitExceeded", 400)
    judge.equal("1,000 ids in one call", len(all_instances([ec2.describe_instances(InstanceIds=found[:1000])])), 1000)
    judge.equal("1,000 stops in one call", len(ec2.stop_instances(InstanceIds=found[:1000])["StoppingInstances"]), 1000)


def judge_commands(judge):
    ec2, ssm, moto = judge.client("ec2", "eu-west-1"), judge.client("ssm", "eu-west-1"), judge.moto("ssm", "eu-west-1")
    running = [{"Name": "instance-state-name", "Values": ["running"]}]
    targets = [i["InstanceId"] for i in all_instances([ec2.describe_instances(Filters=running, MaxResults=5)])][:2]
    send = dict(DocumentName="AWS-RunShellScript", Parameters={"commands": ["uptime"]}, Comment="job-1")
    sent, moto_sent = ssm.send_command(InstanceIds=targets, **send), moto.send_command(InstanceIds=targets, **send)
    command, moto_command = sent["Command"]["CommandId"], moto_sent["Command"]["CommandId"]
    judge.error(
        "invocation right after the command",
        lambda: ssm.get_command_invocation(CommandId=command, InstanceId=targets[0]),
        "InvocationDoesNotExist",
        400,
    )
    judge.same_shape("SendCommand", sent, moto_sent)
    ssm.get_waiter("command_executed").wait(CommandId=command, InstanceId=targets[0], WaiterConfig=WAIT)
    invocation = ssm.get_command_invocation(CommandId=command, InstanceId=targets[0])
    judge.same_shape(
        "GetCommandInvocation",
        dict(invocation),
        moto.get_command_invocation(CommandId=moto_command, InstanceId=targets[0], PluginName="aws:runShellScript"),
    )
    judge.equal("output", invocation["StandardOutputContent"], "uptime")
    judge.same_shape("ListCommands", ssm.list_commands(CommandId=command), moto.list_commands(CommandId=moto_command))
    judge.equal("comment", ssm.list_commands()["Commands"][0]["Comment"], "job-1")
    long = ssm.send_command(
        Targets=[{"Key": "InstanceIds", "Values": targets}],
        DocumentName="AWS-RunShellScript",
        Parameters={"commands": ["x" * 30000]},
    )["Command"]["CommandId"]
    ssm.get_waiter("command_executed").wait(CommandId=long, InstanceId=targets[1], WaiterConfig=WAIT)
    output = ssm.get_command_invocation(CommandId=long, InstanceId=targets[1])["StandardOutputContent"]
    judge.equal("length of a long output", len(output), 24000)
    judge.check("suffix of a long output", output.endswith("--output truncated--"))
    pages = list(ssm.get_paginator("list_commands").paginate(PaginationConfig={"PageSize": 1}))
    judge.equal("pages of commands", [len(page["Commands"]) for page in pages if page["Commands"]], [1, 1])
    stopped = [{"Name": "instance-state-name", "Values": ["stopped", "stopping"]}]
    off = all_instances([ec2.describe_instances(Filters=stopped, MaxResults=5)])[0]["InstanceId"]
    for what, changes, code in [
        ("a stopped instance", dict(InstanceIds=[off]), "InvalidInstanceId"),
        ("51 instances", dict(InstanceIds=targets[:1] * 51), "ValidationException"),
        ("an unknown document", dict(DocumentName="Nobody"), "InvalidDocument"),
        ("a target of an unknown kind", dict(InstanceIds=[], Targets=[{"Key": "x", "Values": ["y"]}]), "InvalidTarget"),
    ]:
        judge.error(f"command to {what}", lambda: ssm.send_command(**{"InstanceIds": targets, **send, **changes}), code, 400)
    judge.error(
        "unknown command",
        lambda: ssm.get_command_invocation(CommandId="0" * 36, InstanceId=targets[0]),
        "InvocationDoesNotExist",
        400,
    )


def judge_signatures(judge):
    identity = judge.client("sts").get_caller_identity()
    judge.same_shape("GetCallerIdentity", dict(identity), judge.moto("sts").get_caller_identity())
    judge.equal("account", identity["Account"], "123456789012")
    for service, call, wrong_key, wrong_secret in [
        ("ec2", "describe_regions", ("AuthFailure", 401), ("AuthFailure", 401)),
        ("ssm", "list_commands", ("UnrecognizedClientException", 400), ("InvalidSignatureException", 400)),
        ("sts", "get_caller_identity", ("InvalidClientTokenId", 403), ("SignatureDoesNotMatch", 403)),
    ]:
        judge.error(f"{service}: wrong key", getattr(judge.client(service, key="other"), call), *wrong_key)
        judge.error(f"{service}: wrong secret", getattr(judge.client(service, secret="other"), call), *wrong_secret)
    unsigned = urllib.request.Request(judge.endpoint, data=b"Action=DescribeRegions&Version=2016-11-15")
    try:
        urllib.request.urlopen(unsigned)
        judge.check("unsigned request", False, "succeeded")
    except urllib.error.HTTPError as error:
        judge.equal("unsigned request", error.code, 403)
        judge.check("unsigned request: code", b"<Code>MissingAuthenticationToken</Code>" in error.read())
    judge.error("unknown region", judge.client("ec2", "xx-nowhere-1").describe_regions, "AuthFailure", 401)

    # A clock that is six minutes off.
    ec2 = judge.client("ec2")
    original = botocore.auth.get_current_datetime
    botocore.auth.get_current_datetime = lambda *a, **k: original(*a, **k) - datetime.timedelta(minutes=6)
    try:
        judge.error("skewed clock", ec2.describe_regions, "RequestExpired", 400)
    finally:
        botocore.auth.get_current_datetime = original


def judge_faults(judge, image):
    region = "us-west-2"
    image = judge.client("ec2", region).describe_images(Owners=["self"])["Images"][0]["ImageId"]
    one = dict(ImageId=image, MinCount=1, MaxCount=1, InstanceType="t2.micro")
    count = lambda: len(judge.control(f"instances?region={region}")["instances"])

    def fault(effect, **more):
        judge.control("faults", dict(effect=effect, action="RunInstances", region=region, times=1, **more))

    fault("error", code="InternalError", status=500)
    judge.error("injected error", lambda: judge.client("ec2", region).run_instances(**one), "InternalError", 500)
    judge.equal("instances after the error", count(), 0)
    fault("error", code="RequestLimitExceeded", status=503)
    judge.client("ec2", region, retries=3).run_instances(**one)
    judge.equal("instances after a retried throttle", count(), 1)
    fault("cut_before")
    try:
        judge.client("ec2", region).run_instances(**one)
        judge.check("cut before", False, "succeeded")
    except (ConnectionClosedError, EndpointConnectionError):
        judge.equal("instances after a cut before the effect", count(), 1)
    fault("cut_after")
    launched = judge.client("ec2", region, retries=3).run_instances(ClientToken="cut", **one)
    judge.equal("instances after a cut after the effect and a retry", count(), 2)
    calls = [call for call in judge.control("calls?action=RunInstances")["calls"] if call.get("clientToken") == "cut"]
    judge.equal("answers", [call["answered"] for call in calls], [False, True])
    judge.equal("effects", [call["affectedInstanceIDs"] for call in calls], [ids(launched), []])
    fault("hang")
    try:
        judge.client("ec2", region, timeout=1).run_instances(**one)
        judge.check("hang", False, "succeeded")
    except ReadTimeoutError:
        judge.equal("instances after a hang", count(), 2)
    fault("latency", milliseconds=300)
    begin = time.monotonic()
    judge.client("ec2", region).run_instances(**one)
    judge.check("latency", time.monotonic() - begin >= 0.3)
    judge.equal("active faults", judge.control("faults")["faults"], [])
    judge.equal("health", judge.control("healthz"), {"status": "ok"})
    before = len(judge.control("calls")["calls"])
    judge.check("calls are logged", before > 100)
    judge.control("reset", {})
    judge.equal("instances after a reset", count(), 0)


def main():
    endpoint = sys.argv[1]
    if len(sys.argv) > 2 and sys.argv[2]:
        moto_endpoint = sys.argv[2]
    else:
        import logging
        from moto.server import ThreadedMotoServer

        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        server.start()
        moto_endpoint = "http://{}:{}".format(*server.get_host_and_port())
    judge = Judge(endpoint, moto_endpoint)
    image, moto_image = judge_offerings(judge)
    judge_lifecycle(judge, image, moto_image)
    judge_launches(judge, image, moto_image)
    judge_pages(judge)
    judge_commands(judge)
    judge_signatures(judge)
    judge_faults(judge, image)
    expected = {
        "ec2": {
            "DescribeInstances", "DescribeInstanceStatus", "DescribeInstanceTypes", "DescribeRegions",
            "DescribeAvailabilityZones", "DescribeImages", "RunInstances", "StartInstances", "StopInstances",
            "RebootInstances", "TerminateInstances", "CreateTags", "DeleteTags",
        },
        "ssm": {"SendCommand", "GetCommandInvocation", "ListCommands"},
        "sts": {"GetCallerIdentity"},
    }
    for service, names in expected.items():
        for name in names:
            judge.check(f"{service}.{name} was driven", f"{service}.{name}" in judge.operations)
    for exception in [*LEFT_OUT, *MOTO_ERRS]:
        judge.require(f"exception {exception!r}", exception in judge.exceptions, "is stale")
    judge.comparisons += len(judge.elements)
    print(f"judge: {len(judge.operations)} operations, {judge.comparisons} comparisons, {len(judge.differences)} differences")
    return 1 if judge.differences else 0


if __name__ == "__main__":
    sys.exit(main())
