#!/usr/bin/env python3
"""Publishes a body of 20 MB, is told that it is too large, and is served again.

    python oversized_body.py

RabbitMQ takes at most 16 MiB from 4.0 on and closes the channel of whoever sends more; there it is 15 MiB.
"""
import json
import os
import sys

import pika

PREFIX = os.environ["UPDRAFT_AMQP_PREFIX"]
SIZES = [20_000_000, 15 << 20]
PATIENCE = 60  # seconds


def send(connection, body):
    """Publishes a body to the front door and waits for its one result."""
    channel = connection.channel()
    channel.confirm_delivery()
    results = []
    replies = channel.queue_declare("", exclusive=True).method.queue
    channel.basic_consume(replies, lambda *delivery: results.append(json.loads(delivery[3])), auto_ack=True)
    channel.basic_publish(
        exchange=f"{PREFIX}.commands",
        routing_key="ping",
        body=body,
        properties=pika.BasicProperties(correlation_id="1", message_id="large", reply_to=replies, delivery_mode=2),
        mandatory=True,
    )
    connection.call_later(PATIENCE, lambda: results.append(None))
    while not results:
        connection.process_data_events(time_limit=1)
    assert results[0] is not None, "no result came"
    return results[0]


def main():
    connection = pika.BlockingConnection(pika.URLParameters(os.environ["UPDRAFT_AMQP_URL"]))
    for size in SIZES:
        try:
            result = send(connection, b'{"command":"ping","batch":"' + b"x" * (size - 29) + b'"}')
            break
        except pika.exceptions.ChannelClosedByBroker as error:
            assert error.reply_code == 406 and size != SIZES[-1], error
    assert result["status"] == "rejected", result
    assert result["error"]["code"] == "message_too_large", result
    assert result["error"]["retryable"] is False, result
    assert result["id"] == "large", result
    ping = send(connection, b'{"command":"ping"}')
    assert ping["status"] == "succeeded", ping
    connection.close()
    print(f"a body of {size} bytes: {result['status']}, {result['error']['code']}: {result['error']['detail']}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
