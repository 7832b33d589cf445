#!/usr/bin/env python3
"""Sends one command to Updraft and prints its result.

    pip install pika
    python client.py ping
    python client.py list '{"filter": {"tag:Role": ["execute"]}}'
    python client.py --dry-run stop '{"instance_ids": ["i-0d61aa9f733857194"]}'

The broker is that of UPDRAFT_AMQP_URL, the prefix of names that of UPDRAFT_AMQP_PREFIX.
Ends with 0 when the command succeeded, 1 when it did not, 2 when no answer came.
"""
import argparse
import json
import os
import sys
import time
import uuid

import pika

URL = os.environ.get("UPDRAFT_AMQP_URL", "amqp://guest:guest@127.0.0.1:5672/")
PREFIX = os.environ.get("UPDRAFT_AMQP_PREFIX", "updraft")


def send(command: dict, timeout: float):
    """Publishes a command and waits for its result; None when none came in time."""
    connection = pika.BlockingConnection(pika.URLParameters(URL))
    try:
        channel = connection.channel()
        # Publishing returns only when the broker has the command safely in a queue.
        channel.confirm_delivery()
        results = []

        def received(channel, method, properties, body):
            if properties.correlation_id != command["id"]:
                return
            message = json.loads(body)
            if properties.type == "updraft.progress.v1":
                print(f"{message['text']} ({message['done']}/{message['total']})", file=sys.stderr)
            else:
                results.append(message)

        # Direct reply-to: answers come on this channel, without a queue of our own. It must be consumed before the
        # command is published, and without acknowledgements.
        channel.basic_consume("amq.rabbitmq.reply-to", received, auto_ack=True)
        channel.basic_publish(
            exchange=f"{PREFIX}.commands",
            routing_key=command["command"],
            body=json.dumps(command).encode(),
            properties=pika.BasicProperties(
                type="updraft.command.v1",
                content_type="application/json",
                delivery_mode=2,
                timestamp=int(time.time()),
                message_id=command["id"],
                correlation_id=command["id"],
                reply_to="amq.rabbitmq.reply-to",
            ),
            mandatory=True,
        )
        connection.call_later(timeout, lambda: results.append(None))
        while not results:
            connection.process_data_events(time_limit=1)
        return results[0]
    finally:
        connection.close()


def main() -> int:
    parser = argparse.ArgumentParser(description="Sends one command to Updraft.")
    parser.add_argument("command")
    parser.add_argument("arguments", nargs="?", type=json.loads, default={}, help="as JSON")
    parser.add_argument("--region")
    parser.add_argument("--dry-run", action="store_true")
    parser.add_argument("--progress", action="store_true")
    parser.add_argument("--json", action="store_true", help="print the whole result")
    parser.add_argument("--timeout", type=float, default=660, help="in seconds")
    options = parser.parse_args()

    # An id of our own makes it safe to send the same command again.
    command = {"command": options.command, "id": str(uuid.uuid4())}
    if options.arguments:
        command["arguments"] = options.arguments
    if options.region:
        command["region"] = options.region
    if options.dry_run:
        command["dry_run"] = True
    if options.progress:
        command["progress"] = True

    result = send(command, options.timeout)
    if result is None:
        print(f"No answer within {options.timeout} s; the command may still be carried out.", file=sys.stderr)
        return 2
    print(json.dumps(result) if options.json else result["text"])
    return 0 if result["status"] == "succeeded" else 1


if __name__ == "__main__":
    sys.exit(main())
