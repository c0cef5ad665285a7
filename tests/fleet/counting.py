"""A relay as a process of its own that takes letters as fast as they come and writes down what it took.

`python -m tests.fleet.counting FILE` prints its port; a line of the file is a recipient and a hash of the bytes. The
line is written before the letter is answered, so that no letter is called taken and missing here.
"""

import asyncio
import hashlib
import sys
from typing import IO

import uvloop

REPLIES = {
    b"EHLO": b"250-counting\r\n250 PIPELINING\r\n",
    b"MAIL": b"250 2.1.0 fine\r\n",
    b"RCPT": b"250 2.1.5 fine\r\n",
}


class Counting:
    def __init__(self, file: IO[str]) -> None:
        self._file = file

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 counting ready\r\n")
        recipient = ""
        try:
            while line := await reader.readline():
                verb = line[:4].upper()
                if verb == b"RCPT":
                    recipient = line.decode().partition("<")[2].partition(">")[0]
                if verb == b"DATA":
                    writer.write(b"354 go on\r\n")
                    self._take(recipient, await reader.readuntil(b"\r\n.\r\n"))
                    writer.write(b"250 2.0.0 taken\r\n")
                elif verb == b"QUIT":
                    writer.write(b"221 2.0.0 bye\r\n")
                    break
                else:
                    writer.write(REPLIES.get(verb, b"250 2.0.0 fine\r\n"))
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    def _take(self, recipient: str, message: bytes) -> None:
        self._file.write(f"{recipient} {hashlib.sha256(message).hexdigest()}\n")
        self._file.flush()


async def main(path: str) -> None:
    with open(path, "a", encoding="ascii") as file:  # noqa: PTH123 - it does nothing else meanwhile
        server = await asyncio.start_server(Counting(file).serve, "127.0.0.1", 0, limit=2**20)
        print(server.sockets[0].getsockname()[1], flush=True)  # noqa: T201 - whoever started it reads this
        await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1]))
