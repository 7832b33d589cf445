#!/usr/bin/env python3
"""Listens with TLS and hands the bytes to a plain port: a broker as seen with another certificate.

A RabbitMQ node has one certificate; the tests also need a broker with the name of another host and
one that has expired. usage: tls-relay.py LISTEN_PORT TARGET_PORT CERTIFICATE KEY
"""

import asyncio
import contextlib
import ssl
import sys


async def pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await source.read(65536):
            sink.write(data)
            await sink.drain()
    sink.close()


async def main(listen_port: int, target_port: int, certificate: str, key: str) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            target_reader, target_writer = await asyncio.open_connection("127.0.0.1", target_port)
        except OSError:
            writer.close()
            return
        await asyncio.gather(pump(reader, target_writer), pump(target_reader, writer))

    server = await asyncio.start_server(relay, "127.0.0.1", listen_port, ssl=context)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4]))
