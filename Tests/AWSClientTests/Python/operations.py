"""Judges the client's operations by botocore's service models.

A line of JSON per question, a line per answer:

- parameters: does the model know all parameters of a request, and would botocore's validator take them?
- answer: an answer document made from the model and a seed, and what botocore's parser reads in it;
- error: what botocore's parser reads in an error answer.
"""

import base64
import datetime
import json
import random
import sys
from urllib.parse import parse_qsl

from botocore import parsers, validate
from botocore.awsrequest import HeadersDict
from botocore.session import Session

SESSION = Session()
MODELS = {name: SESSION.get_service_model(name) for name in ("ec2", "ssm", "sts")}
TYPES = {"string": str, "character": str, "boolean": lambda text: {"true": True, "false": False}[text]}
TYPES.update({name: int for name in ("integer", "long")}, double=float, float=float)
TYPES.update(timestamp=str, blob=lambda text: base64.b64decode(text, validate=True))

# What no answer is without: members that decoders demand.
ALWAYS = {
    ("Instance", "InstanceId"), ("Instance", "State"), ("InstanceState", "Name"), ("Image", "ImageId"),
    ("InstanceStateChange", "InstanceId"), ("InstanceStateChange", "CurrentState"), ("Tag", "Key"),
    ("InstanceStateChange", "PreviousState"), ("InstanceStatus", "InstanceId"), ("InstanceStatus", "InstanceState"),
    ("InstanceTypeInfo", "InstanceType"), ("SendCommandResult", "Command"), ("Command", "CommandId"),
    ("GetCommandInvocationResult", "CommandId"), ("GetCommandInvocationResult", "InstanceId"),
    ("GetCommandInvocationResult", "Status"), ("InstanceInformation", "InstanceId"),
}  # fmt: skip

TEXTS = [
    "plain", "a & b", "<tag attribute='x'>", 'say "it"', "한글 😀", "  spaces around ", "two\nlines", "one\r\ntwo\rthree",
    "]]>", "&amp;", "\t", "x" * 300, "é",
]  # fmt: skip


def query_name(member, shape):
    name = shape.serialization.get("queryName")
    if name is None:
        name = shape.serialization.get("name", member)
        name = name[0].upper() + name[1:]
    return name


def form_params(shape, pairs):
    """Parameters as a structure of the model, and the names that the model doesn't know."""
    known, unknown, values = set(), [], {}
    for name, text in pairs:
        current, target, key, path = shape, values, None, []
        for part in name.split("."):
            if current.type_name == "structure":
                members = {query_name(member, inner): member for member, inner in current.members.items()}
                if part not in members:
                    break
                if key is not None:
                    target = target.setdefault(key, {})
                key = members[part]
                current = current.members[key]
                path.append(part)
            elif current.type_name == "list" and part.isdigit():
                target = target.setdefault(key, {})
                key = int(part)
                current = current.member
            else:
                break
        else:
            if current.type_name in TYPES:
                target[key] = TYPES[current.type_name](text)
                known.add(".".join(path))
                continue
        unknown.append(name)
    return lists(values), sorted(known), unknown


def lists(value):
    if not isinstance(value, dict):
        return value
    if value and all(isinstance(key, int) for key in value):
        return [lists(value[key]) for key in sorted(value)]
    return {key: lists(inner) for key, inner in value.items()}


def json_names(shape, value, path, known, unknown):
    if shape.type_name == "structure" and isinstance(value, dict):
        for name, inner in value.items():
            if name in shape.members:
                json_names(shape.members[name], inner, path + [name], known, unknown)
            else:
                unknown.append(".".join(path + [name]))
    elif shape.type_name == "list" and isinstance(value, list):
        for inner in value:
            json_names(shape.member, inner, path, known, unknown)
    else:
        known.add(".".join(path))


def parameters(question):
    operation = MODELS[question["service"]].operation_model(question["operation"])
    unknown = []
    if question["service"] == "ssm":
        params, names = json.loads(question["body"]), set()
        json_names(operation.input_shape, params, [], names, unknown)
        names = sorted(names)
    else:
        pairs = parse_qsl(question["body"], keep_blank_values=True)
        pairs = [pair for pair in pairs if pair[0] not in ("Action", "Version")]
        params, names, unknown = form_params(operation.input_shape, pairs)
    report = validate.ParamValidator().validate(params, operation.input_shape)
    return {"known": names, "unknown": unknown, "report": report.generate_report()}


class Maker:
    """Makes answers from a shape; the same seed makes the same answer, seed 0 one without any gap."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.is_full = seed == 0

    def value(self, shape, name="", depth=0):
        kind = shape.type_name
        if kind == "structure":
            return {
                member: self.value(inner, member, depth + 1)
                for member, inner in shape.members.items()
                if self.keeps(shape.name, member, depth)
            }
        if kind == "list":
            count = self.random.randint(1, 3) if self.is_full else self.random.choice([0, 1, 1, 2, 3])
            return [self.value(shape.member, name, depth + 1) for _ in range(count)]
        if kind == "map":
            return {f"key {index}": self.value(shape.value, name, depth + 1) for index in range(2)}
        if kind == "boolean":
            return self.random.random() < 0.5
        if kind in ("integer", "long"):
            return self.random.choice([0, -1, 1, 65536, 2**31 - 1])
        if kind in ("float", "double"):
            return self.random.choice([0.5, 1.0, 3.25, 1e-3])
        if kind == "timestamp":
            return self.random.choice([0, 1525797979, 1525797979.25, 4102444800])
        if name == "CreationDate":
            return self.random.choice(["2020-01-02T03:04:05.000Z", "2020-01-02T12:04:05+09:00", "some day"])
        if name == "Key":
            return f"key {self.random.random()}"
        if shape.metadata.get("enum") and self.random.random() < 0.8:
            return self.random.choice(shape.metadata["enum"])
        if self.is_full or name.endswith("Id") or name in ("Name", "Status", "InstanceType"):
            return f"{name}-{self.random.randrange(10**6)}"
        return self.random.choice(TEXTS + [""])

    def keeps(self, shape, member, depth):
        if depth > 7:
            return False
        return self.is_full or (shape, member) in ALWAYS or self.random.random() < 0.75

    # EC2's XML

    def space(self):
        return "" if self.is_full else self.random.choice(["", "", "\n    ", " <!-- <a> & -->", "<?p i?>"])

    def unknown(self):
        if self.is_full or self.random.random() < 0.9:
            return ""
        return self.random.choice(["<future/>", "<future><item><instanceId>i</instanceId></item></future>"])

    def text(self, text):
        if "\r" not in text and "]]>" not in text and self.random.random() < 0.2:
            return f"<![CDATA[{text}]]>"
        entities = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
        share = self.random.choice([0, 0, 0, 0.3])
        return "".join(
            f"&#x{ord(one):X};" if self.random.random() < share else entities.get(one, one) for one in text
        )

    def xml(self, shape, value):
        if shape.type_name == "structure":
            parts = []
            for member, inner in value.items():
                name = shape.members[member].serialization.get("name", member)
                parts += [self.space(), self.unknown(), self.element(name, shape.members[member], inner)]
            return "".join(parts) + self.space()
        if shape.type_name == "list":
            name = shape.member.serialization.get("name", "item")
            return "".join(self.space() + self.element(name, shape.member, inner) for inner in value) + self.space()
        if shape.type_name == "boolean":
            return "true" if value else "false"
        if shape.type_name == "timestamp":
            time = datetime.datetime.fromtimestamp(value, datetime.timezone.utc)
            return time.strftime("%Y-%m-%dT%H:%M:%S") + (".%03dZ" % (time.microsecond // 1000))
        return self.text(str(value))

    def element(self, name, shape, value):
        content = self.xml(shape, value)
        if content == "" and self.random.random() < 0.5:
            return f"<{name}/>"
        return f"<{name}>{content}</{name}>"

    # SSM's JSON

    def json(self, shape, value):
        """Puts null in the place of some members that may be absent, and adds members that nobody knows."""
        if shape.type_name == "structure":
            for member, inner in list(value.items()):
                if not self.is_full and (shape.name, member) not in ALWAYS and self.random.random() < 0.15:
                    value[member] = None
                else:
                    self.json(shape.members[member], inner)
            if not self.is_full and self.random.random() < 0.2:
                value["Future"] = self.random.choice([None, 1, [{"a": []}], {"CommandId": "x"}])
        elif shape.type_name == "list":
            for inner in value:
                self.json(shape.member, inner)


def plain(value):
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    if isinstance(value, datetime.datetime):
        return value.timestamp()
    return value


def answer(question):
    service, name = question["service"], question["operation"]
    shape = MODELS[service].operation_model(name).output_shape
    maker = Maker(question["seed"])
    value = maker.value(shape) if shape else {}
    if service == "ec2":
        head = maker.random.choice(["", '<?xml version="1.0" encoding="UTF-8"?>\n'])
        namespace = "http://ec2.amazonaws.com/doc/2016-11-15/"
        body = f'{head}<{name}Response xmlns="{namespace}"><requestId>r-1</requestId>'
        body += (maker.xml(shape, value) if shape else "<return>true</return>") + f"</{name}Response>"
        parser = parsers.EC2QueryParser()
    else:
        maker.json(shape, value)
        body = json.dumps(value, ensure_ascii=maker.random.random() < 0.5)
        parser = parsers.JSONParser()
    response = {"body": body.encode(), "headers": HeadersDict(), "status_code": 200, "context": {"operation_name": name}}
    parsed = plain(parser.parse(response, shape))
    parsed.pop("ResponseMetadata", None)
    return {"body": body, "parsed": parsed}


def error(question):
    parser = {"ec2": parsers.EC2QueryParser, "sts": parsers.QueryParser, "ssm": parsers.JSONParser}[question["service"]]()
    response = {
        "body": question["body"].encode(),
        "headers": HeadersDict(question["headers"]),
        "status_code": question["status"],
        "context": {"operation_name": "Operation"},
    }
    try:
        parsed = parser.parse(response, None)
    except parsers.ResponseParserError:
        return {}
    found = parsed.get("Error", {})
    request = parsed.get("ResponseMetadata", {}).get("RequestId")
    return {"code": found.get("Code"), "message": found.get("Message"), "requestID": request}


for line in sys.stdin:
    asked = json.loads(line)
    print(json.dumps({"parameters": parameters, "answer": answer, "error": error}[asked["kind"]](asked)))
