"""A load client: `python load_client.py HOST PORT PATH[,PATH] CONNECTIONS SECONDS [HEADER ...]`.

Kept-alive connections, each asking for one of the paths, one request at a time. Prints JSON: requests of each path,
wall and processor seconds, bytes, failed. It imports nothing of ours, so that it is a small process of its own whose
processor time is told apart from the server's.
"""

import json
import selectors
import socket
import sys
import time

MOST = 1 << 18


class Connection:
    """One kept-alive connection: what has arrived of the answer, and how much the answer will be."""

    def __init__(self, host: str, port: int, path: str, request: bytes) -> None:
        self.socket = socket.create_connection((host, port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.path, self.request = path, request
        self.here, self.whole, self.status = b"", 0, b""

    def ask(self) -> None:
        self.here, self.whole = b"", 0
        self.socket.sendall(self.request)

    def hear(self) -> bool:
        """Take what has arrived; whether the answer is whole. Raises `ConnectionError` where it ends before that."""
        part = self.socket.recv(MOST)
        if not part:
            raise ConnectionError("closed")
        self.here += part
        if not self.whole:
            end = self.here.find(b"\r\n\r\n")
            if end < 0:
                return False
            head = self.here[:end].lower()
            self.status = head[9:12]
            at = head.find(b"content-length:")
            length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
            self.whole = end + 4 + length
        return len(self.here) >= self.whole


def main() -> None:
    host, port, paths, connections, seconds, *headers = sys.argv[1:]
    asked = paths.split(",")
    selector = selectors.DefaultSelector()
    for number in range(int(connections)):
        path = asked[number % len(asked)]
        lines = [f"GET {path} HTTP/1.1", f"Host: {host}:{port}", *headers]
        one = Connection(host, int(port), path, ("\r\n".join(lines) + "\r\n\r\n").encode())
        selector.register(one.socket, selectors.EVENT_READ, one)
        one.ask()
    done = dict.fromkeys(asked, 0)
    failed = heard = 0
    began, used = time.perf_counter(), time.process_time()
    until = began + float(seconds)
    while time.perf_counter() < until:
        for key, _ in selector.select(timeout=1):
            one = key.data
            if one.hear():
                done[one.path] += 1
                heard += one.whole
                failed += one.status != b"200"
                one.ask()
    wall = time.perf_counter() - began
    told = {"requests": done, "seconds": wall, "cpu_s": time.process_time() - used, "bytes": heard, "failed": failed}
    print(json.dumps(told))


if __name__ == "__main__":
    main()
