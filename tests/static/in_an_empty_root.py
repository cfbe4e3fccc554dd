"""What a static binary must do in an image that holds nothing else: no C library, no certificate, no /proc, no /dev.

    python3 tests/static/in_an_empty_root.py target/dist/shipmark-VERSION-TARGET

It works in a user and network namespace of its own, so that the name server has port 53 and nothing can reach another machine.
"""

import fcntl
import os
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

# Nothing is left in the repository, no compiled module either.
sys.dont_write_bytecode = True
from servers import NameServer, Table  # noqa: E402

INSIDE = "SHIPMARK_STATIC_TESTS_INSIDE"
MAP = """
project = "shop"

[services.api]
include = ["api"]
"""
NAMES = {"store.test", "proxy.test"}


class InAnEmptyRoot(unittest.TestCase):
    """Each test has a root folder of its own that holds the binary."""

    binary: Path
    names: NameServer

    @classmethod
    def setUpClass(cls) -> None:
        cls.names = NameServer(NAMES)

    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        shutil.copy2(self.binary, self.root / "shipmark")
        self.names.asked.clear()
        self.table = self.serve()

    def serve(self, certificate: Path | None = None) -> Table:
        table = Table(certificate)
        self.addCleanup(table.server_close)
        self.addCleanup(table.shutdown)
        return table

    def write(self, path: str, text: str) -> None:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def shipmark(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess:
        command = [shutil.which("chroot"), str(self.root), "/shipmark", *arguments]
        return subprocess.run(
            command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False
        )

    def decide(self, state: str, **environment: str) -> subprocess.CompletedProcess:
        """Decides about a source of one file; `environment` comes on top of credentials."""
        self.write("source/shipmark.toml", MAP)
        self.write("source/api/main.py", "print(1)\n")
        credentials = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_EC2_METADATA_DISABLED": "true"}
        arguments = ["decide", "--source", "/source", "--state", state, "--timeout", "5s"]
        return self.shipmark(*arguments, **credentials, **environment)

    def reaches(self, endpoint: str, table: Table, **environment: str) -> None:
        """A store at that endpoint is read and written: nothing was ever deployed there, which is no failure."""
        out = self.decide(f"dynamodb://shipmark?region=eu-west-1&endpoint={endpoint}", **environment)
        self.assertIn("BUILD_REASON_API='never-deployed'", out.stdout, out.stderr)
        self.assertEqual(out.returncode, 0)
        # The mark and the names of all services are one request; then names and attempt are written.
        self.assertEqual(table.operations[0], "BatchGetItem")
        self.assertIn("PutItem", table.operations)

    def fails(self, endpoint: str, *words: str, **environment: str) -> None:
        """A store at that endpoint cannot be read, which builds, and `words` say why."""
        out = self.decide(f"dynamodb://shipmark?region=eu-west-1&endpoint={endpoint}", **environment)
        self.assertIn("BUILD_REASON_API='state-unavailable'", out.stdout, out.stderr)
        self.assertEqual(out.returncode, 0)
        for word in words:
            self.assertIn(word, out.stderr)
        self.assertNotIn("panicked", out.stderr)

    def test_it_starts(self) -> None:
        self.assertEqual([file.name for file in self.root.iterdir()], ["shipmark"])
        out = self.shipmark("--version")
        self.assertEqual((out.returncode, out.stderr), (0, ""))
        self.assertRegex(out.stdout, r"^shipmark \d+\.\d+\.\d+\n$")

    def test_it_decides_records_and_skips_on_files(self) -> None:
        state = "file:/state"
        self.assertIn("BUILD_REASON_API='never-deployed'", self.decide(state).stdout)
        # `run` hands its command a temporary file; and the only program that is there stands in for a deploy.
        (self.root / "tmp").mkdir()
        deploy = ["run", "api", "--source", "/source", "--state", state, "--", "/shipmark", "--version"]
        deployed = self.shipmark(*deploy)
        self.assertEqual(deployed.returncode, 0, deployed.stderr)
        self.assertIn("BUILD_SKIPPED='true'", self.decide(state).stdout)

    def test_names_are_asked_of_the_servers_of_resolv_conf(self) -> None:
        self.write("etc/resolv.conf", "nameserver 127.0.0.1\n")
        self.reaches(f"http://store.test:{self.table.port}", self.table)
        self.assertEqual(set(self.names.asked), {"store.test"})

    def test_a_search_list_completes_a_short_name(self) -> None:
        self.write("etc/resolv.conf", "search test\nnameserver 127.0.0.1\n")
        self.reaches(f"http://store:{self.table.port}", self.table)

    def test_the_name_of_a_proxy_is_asked_in_the_same_way(self) -> None:
        self.write("etc/resolv.conf", "nameserver 127.0.0.1\n")
        proxy = f"http://proxy.test:{self.table.port}"
        self.reaches("http://only-the-proxy-knows.test", self.table, HTTP_PROXY=proxy, http_proxy=proxy)
        self.assertEqual(set(self.names.asked), {"proxy.test"})

    def test_names_of_the_hosts_file_need_no_server(self) -> None:
        self.write("etc/hosts", "127.0.0.1 localhost\n127.0.0.1 Listed.Test other # a comment\n")
        for name in ["listed.test", "LISTED.test", "other", "localhost"]:
            self.reaches(f"http://{name}:{self.table.port}", self.table)
        self.assertEqual(self.names.asked, [])

    def test_localhost_is_asked_of_nobody(self) -> None:
        self.write("etc/resolv.conf", "nameserver 127.0.0.1\n")
        self.reaches(f"http://localhost:{self.table.port}", self.table)
        self.assertEqual(self.names.asked, [])

    def test_without_resolv_conf_nobody_is_asked(self) -> None:
        self.fails("http://store.test", "`/etc/resolv.conf` does not say which server knows the name `store.test`")
        self.write("etc/resolv.conf", "# names no server\n")
        self.fails("http://store.test", "`/etc/resolv.conf` does not say which server knows the name `store.test`")
        self.assertEqual(self.names.asked, [])

    def test_a_name_that_nobody_knows(self) -> None:
        self.write("etc/resolv.conf", "nameserver 127.0.0.1\n")
        self.fails("http://nowhere.test", "know no address of the name `nowhere.test`")

    def test_a_server_that_does_not_answer(self) -> None:
        self.write("etc/resolv.conf", "nameserver 127.0.0.2\n")
        self.fails("http://store.test", "cannot read")

    def test_an_unknown_authority_is_refused_though_the_image_has_no_certificates(self) -> None:
        self.write("etc/resolv.conf", "nameserver 127.0.0.1\n")
        unknown = self.serve(self.certificates() / "server.pem")
        self.fails(f"https://store.test:{unknown.port}", "invalid peer certificate: UnknownIssuer")
        # An authority of ours under the name of one of Mozilla's: whoever holds the real one sees that the signature is false.
        # Whoever holds none says that the issuer is unknown.
        forged = self.serve(self.certificates("/C=US/O=Amazon/CN=Amazon Root CA 3") / "server.pem")
        self.fails(f"https://store.test:{forged.port}", "invalid peer certificate: BadSignature")
        self.assertEqual(unknown.operations + forged.operations, [])

    def test_ssl_cert_file_names_the_authorities(self) -> None:
        self.write("etc/resolv.conf", "nameserver 127.0.0.1\n")
        authorities = self.certificates()
        table = self.serve(authorities / "server.pem")
        self.write("ca.pem", (authorities / "ca.pem").read_text())
        self.reaches(f"https://store.test:{table.port}", table, SSL_CERT_FILE="/ca.pem")

    def certificates(self, authority: str = "/CN=Authority") -> Path:
        """A folder with an authority of ours, `ca.pem`, and what it made out to store.test, `server.pem`, with the key."""
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        here = Path(folder.name)
        (here / "leaf.cnf").write_text("basicConstraints=critical,CA:FALSE\nsubjectAltName=DNS:store.test\n")
        # Names are compared byte for byte, and Mozilla's are printable strings.
        (here / "req.cnf").write_text("[req]\nstring_mask=pkix\ndistinguished_name=name\nx509_extensions=ca\n[name]\n"
                                      "[ca]\nbasicConstraints=critical,CA:TRUE\n")  # fmt: skip
        key = ["-config", "req.cnf", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        for arguments in [
            ["req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem", "-days", "2", "-subj", authority],
            ["req", "-new", *key, "-keyout", "leaf.key", "-out", "leaf.csr", "-subj", "/CN=store.test"],
            ["x509", "-req", "-in", "leaf.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2",
             "-extfile", "leaf.cnf", "-out", "leaf.pem"],
        ]:  # fmt: skip
            subprocess.run(["openssl", *arguments], cwd=here, check=True, capture_output=True)
        (here / "server.pem").write_text((here / "leaf.key").read_text() + (here / "leaf.pem").read_text())
        return here


def raise_loopback() -> None:
    """A new network namespace has its loopback device down (netdevice(7): SIOCSIFFLAGS with IFF_UP)."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, 0x8914, struct.pack("16sH14x", b"lo", 1))


if __name__ == "__main__":
    InAnEmptyRoot.binary = Path(sys.argv.pop(1)).resolve()
    if INSIDE not in os.environ:
        namespaces = ["unshare", "--user", "--map-root-user", "--net", sys.executable, __file__, str(InAnEmptyRoot.binary)]
        os.execvpe("unshare", namespaces + sys.argv[1:], os.environ | {INSIDE: "1"})
    raise_loopback()
    unittest.main(verbosity=2)
