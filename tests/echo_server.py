"""A TLS server that answers each request with what it was asked, in a process of its own.

    python echo_server.py CERTIFICATE.pem

prints its port, and on end of input the number of requests it has answered.
"""

from __future__ import annotations

import asyncio
import json
import ssl
import sys


class Echo:
    """Counts and answers."""

    count = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while line := await reader.readline():
                verb, target, _ = line.decode().split(" ", 2)
                length = 0
                while (header := await reader.readline()).strip():
                    name, _, value = header.partition(b":")
                    if name.lower() == b"content-length":
                        length = int(value)
                body = (await reader.readexactly(length)).decode()
                # Answers of very different lengths, so that a mixed one cannot go unseen.
                answer = {
                    "verb": verb,
                    "target": target,
                    "body": body,
                    "more": "x" * (hash(target) % 5000),
                }
                text = json.dumps(answer).encode()
                self.count += 1
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(text), text))
                await writer.drain()
        except (OSError, asyncio.IncompleteReadError, ssl.SSLError):
            pass
        finally:
            writer.close()


async def main() -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[1])
    echo = Echo()
    server = await asyncio.start_server(echo.serve, "127.0.0.1", 0, ssl=context, backlog=128)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    print(echo.count, flush=True)


if __name__ == "__main__":
    asyncio.run(main())
