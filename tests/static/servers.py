"""What a build talks to, as far as these tests need it: a name server, and something that answers as an empty DynamoDB table."""

import json
import socket
import ssl
import struct
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

LOOPBACK = "127.0.0.1"
TYPE_A = 1
NO_SUCH_NAME = 3


class NameServer:
    """Answers on port 53 with 127.0.0.1 for the names that it knows (RFC 1035), and notes what it was asked."""

    def __init__(self, known: set[str]):
        self.known = known
        self.asked: list[str] = []
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((LOOPBACK, 53))
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self) -> None:
        while True:
            query, client = self.socket.recvfrom(4096)
            self.socket.sendto(self.answer(query), client)

    def answer(self, query: bytes) -> bytes:
        labels, at = [], 12
        while query[at]:
            labels.append(query[at + 1 : at + 1 + query[at]].decode("ascii"))
            at += 1 + query[at]
        name = ".".join(labels).lower()
        (kind,) = struct.unpack(">H", query[at + 1 : at + 3])
        self.asked.append(name)
        records = b""
        if name in self.known and kind == TYPE_A:
            # The name is a pointer to that of the question; class IN, a minute, four bytes.
            records = struct.pack(">HHHIH", 0xC00C, TYPE_A, 1, 60, 4) + socket.inet_aton(LOOPBACK)
        flags = 0x8180 | (0 if name in self.known else NO_SUCH_NAME)
        header = query[:2] + struct.pack(">HHHHH", flags, 1, 1 if records else 0, 0, 0)
        return header + query[12 : at + 5] + records


class Table(ThreadingHTTPServer):
    """Answers every request as a DynamoDB table without items does, and notes the operations. With a certificate it speaks TLS."""

    daemon_threads = True

    def __init__(self, certificate: Path | None = None):
        super().__init__((LOOPBACK, 0), Answers)
        self.operations: list[str] = []
        self.port = self.server_address[1]
        self.tls = None
        if certificate:
            self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.tls.load_cert_chain(certificate)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def get_request(self):
        connection, client = super().get_request()
        if self.tls:
            connection = self.tls.wrap_socket(connection, server_side=True)
        return connection, client

    def handle_error(self, request, client_address) -> None:
        """A client that goes away is a part of some tests."""


class Answers(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        request = json.loads(self.rfile.read(int(self.headers["content-length"])))
        operation = self.headers["x-amz-target"].split(".")[-1]
        self.server.operations.append(operation)
        empty = {
            "BatchGetItem": lambda: {"Responses": {table: [] for table in request["RequestItems"]}, "UnprocessedKeys": {}},
            "Query": lambda: {"Items": [], "Count": 0, "ScannedCount": 0},
        }
        body = json.dumps(empty.get(operation, dict)()).encode()
        self.send_response(200)
        self.send_header("content-type", "application/x-amz-json-1.0")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments) -> None:
        """The tests' output is for the tests."""
