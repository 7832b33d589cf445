"""The outside: a bot with its own connections to the broker, which sends the commands and keeps the results."""

import contextlib
import json
import threading
import time
from datetime import UTC, datetime, timedelta

import pika
import pika.exceptions

from workload import Sending

# What a connection may end with while brokers die.
LOST = (pika.exceptions.AMQPError, OSError)


class Bot:
    USER = "chaos-bot"

    def __init__(self, port: int, prefix: str) -> None:
        self.prefix = prefix
        self.reply_queue = f"{prefix}-replies"
        self.parameters = pika.ConnectionParameters(
            "127.0.0.1",
            port,
            credentials=pika.PlainCredentials(self.USER, self.USER),
            heartbeat=20,
            blocked_connection_timeout=30,
            socket_timeout=5,
            stack_timeout=10,
        )
        self.lock = threading.Lock()
        self.sent_at: dict[str, float] = {}
        self.resent = 0
        self.results: dict[str, list[tuple[float, dict]]] = {}
        self.bodies: dict[str, set[bytes]] = {}
        self.sending_ended = threading.Event()
        self.is_over = threading.Event()

    def start(self, sendings: list[Sending]) -> None:
        with self._connection() as connection:
            connection.channel().queue_declare(
                self.reply_queue, durable=True, arguments={"x-queue-type": "quorum", "x-delivery-limit": 1_000_000}
            )
        self.threads = [
            threading.Thread(target=self._send, args=(sendings,), daemon=True),
            threading.Thread(target=self._receive, daemon=True),
        ]
        for thread in self.threads:
            thread.start()

    def stop(self) -> None:
        self.is_over.set()
        for thread in self.threads:
            thread.join(20)

    @contextlib.contextmanager
    def _connection(self):
        """A connection, as soon as there is a broker."""
        while True:
            try:
                connection = pika.BlockingConnection(self.parameters)
                break
            except LOST:
                if self.is_over.is_set():
                    raise
                time.sleep(0.1)
        try:
            yield connection
        finally:
            with contextlib.suppress(*LOST):
                connection.close()

    # Sending

    def _send(self, sendings: list[Sending]) -> None:
        begin = time.monotonic()
        position = 0
        while position < len(sendings) and not self.is_over.is_set():
            with contextlib.suppress(*LOST), self._connection() as connection:
                channel = connection.channel()
                channel.confirm_delivery()
                while position < len(sendings) and not self.is_over.is_set():
                    sending = sendings[position]
                    pause = begin + sending.at - time.monotonic()
                    if pause > 0:
                        connection.sleep(min(pause, 0.2))
                        continue
                    self._publish(channel, sending)
                    position += 1
        self.sending_ended.set()

    def _publish(self, channel, sending: Sending) -> None:
        command = sending.command
        body = dict(command.body)
        if after := body.pop("deadline_after", None):
            # Part of what is asked for: the same in each sending.
            first = command.body.setdefault("deadline", (datetime.now(UTC) + timedelta(seconds=after)).isoformat())
            body["deadline"] = first
        properties = pika.BasicProperties(
            message_id=command.id,
            correlation_id=sending.correlation,
            reply_to=self.reply_queue,
            user_id=self.USER,
            delivery_mode=2,
            content_type="application/json",
            type="updraft.command.v1",
        )
        if sending.is_copied:
            other = command.name if sending.lane else f"bulk.{command.name}"
            properties.headers = {"CC": [other]}
        with self.lock:
            # Counted before it is confirmed: what may have reached the broker may be answered.
            if sending.correlation in self.sent_at:
                self.resent += 1
            self.sent_at.setdefault(sending.correlation, time.monotonic())
        while True:
            try:
                channel.basic_publish(
                    f"{self.prefix}.commands",
                    sending.lane + command.name,
                    json.dumps(body).encode(),
                    properties,
                    mandatory=True,
                )
                return
            except (pika.exceptions.NackError, pika.exceptions.UnroutableError):
                # A queue that is just being restored takes nothing.
                self.resent += 1
                time.sleep(0.2)

    # Receiving

    def _receive(self) -> None:
        while not self.is_over.is_set():
            with contextlib.suppress(*LOST), self._connection() as connection:
                channel = connection.channel()
                channel.basic_qos(prefetch_count=500)
                channel.basic_consume(self.reply_queue, self._take)
                while not self.is_over.is_set():
                    connection.process_data_events(0.2)

    def _take(self, channel, method, properties, body: bytes) -> None:
        correlation = properties.correlation_id
        with self.lock:
            bodies = self.bodies.setdefault(correlation, set())
            # One that comes again because its acknowledgement was lost is no second answer.
            if not (method.redelivered and body in bodies):
                bodies.add(body)
                self.results.setdefault(correlation, []).append((time.monotonic(), json.loads(body)))
        channel.basic_ack(method.delivery_tag)

    def unanswered(self, sendings: list[Sending]) -> list[Sending]:
        with self.lock:
            return [sending for sending in sendings if len(self.results.get(sending.correlation, [])) < sending.owed]

    def dead_letters(self) -> dict[str, int]:
        """How many dead letters there are for each reason; they stay where they are."""
        reasons: dict[str, int] = {}
        with self._connection() as connection:
            channel = connection.channel()
            while True:
                method, properties, _ = channel.basic_get(f"{self.prefix}.dead")
                if method is None:
                    return reasons
                reason = str((properties.headers or {}).get("x-updraft-reason", "unknown"))
                reasons[reason] = reasons.get(reason, 0) + 1
