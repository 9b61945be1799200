"""Holds deploy/libtorch.py to its promises: resume, checksum, and one clear sentence per lack.

Uses a package index of its own on loopback; nothing outside the machine is asked.
"""

import contextlib
import errno
import hashlib
import http.server
import importlib.util
import io
import os
import pathlib
import subprocess
import sys
import tempfile
import threading
import unittest
import zipfile
from unittest import mock

SCRIPT = pathlib.Path(__file__).resolve().parent.parent / "deploy" / "libtorch.py"
spec = importlib.util.spec_from_file_location("libtorch", SCRIPT)
libtorch = importlib.util.module_from_spec(spec)
spec.loader.exec_module(libtorch)


class Index(http.server.BaseHTTPRequestHandler):
    """A simple index with one file; `cut` answers end after that many bytes."""

    body = b""
    cut = []
    ranges = []

    def do_GET(self):
        if self.path.endswith("/"):
            self.reply(200, b'<a href="../files/wheel.whl#sha256=x">wheel.whl</a>')
            return
        asked = self.headers.get("Range")
        Index.ranges.append(asked)
        start = int(asked[6:-1]) if asked else 0
        self.reply(206 if asked else 200, Index.body[start:], Index.cut.pop(0) if Index.cut else None)

    def reply(self, status, body, cut=None):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body if cut is None else body[:cut])

    def log_message(self, *_):
        pass


class OfAnIndex(unittest.TestCase):
    def setUp(self):
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Index)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.index = f"http://127.0.0.1:{self.server.server_port}/simple/"
        self.folder = tempfile.TemporaryDirectory()
        self.target = os.path.join(self.folder.name, "wheel.whl")
        Index.body, Index.cut, Index.ranges = bytes(range(256)) * 4096, [], []

    def tearDown(self):
        self.server.shutdown()
        self.server.server_close()
        self.folder.cleanup()


class Downloads(OfAnIndex):
    def fetch(self, digest=None):
        address = libtorch.locate(self.index, "torch", "wheel.whl")
        digest = digest or hashlib.sha256(Index.body).hexdigest()
        with contextlib.redirect_stderr(io.StringIO()):
            libtorch.download(address, self.target, digest, "wheel")

    def test_whole_file_arrives(self):
        self.fetch()
        self.assertEqual(pathlib.Path(self.target).read_bytes(), Index.body)

    def test_broken_line_is_resumed_where_it_broke(self):
        Index.cut = [300_000]
        self.fetch()
        self.assertEqual(pathlib.Path(self.target).read_bytes(), Index.body)
        self.assertIsNone(Index.ranges[0])
        self.assertTrue(Index.ranges[1].startswith("bytes="))

    def test_part_of_an_earlier_start_is_kept(self):
        pathlib.Path(self.target + ".part").write_bytes(Index.body[:1000])
        self.fetch()
        self.assertEqual(Index.ranges, ["bytes=1000-"])
        self.assertEqual(pathlib.Path(self.target).read_bytes(), Index.body)

    def test_altered_file_is_refused_and_removed(self):
        with self.assertRaisesRegex(libtorch.Missing, "SHA-256"):
            self.fetch("0" * 64)
        self.assertEqual(os.listdir(self.folder.name), [])

    def test_index_without_the_file_says_so(self):
        with self.assertRaisesRegex(libtorch.Missing, "does not offer"):
            libtorch.locate(self.index, "torch", "other.whl")


class Lacks(unittest.TestCase):
    def run_script(self, **environment):
        with tempfile.TemporaryDirectory() as cache:
            env = dict(os.environ, MAKOOK_CACHE=cache, MAKOOK_TORCH="wheel")
            env.update(environment)
            ran = subprocess.run(
                [sys.executable, str(SCRIPT)], env=env, capture_output=True, text=True, timeout=60
            )
            return ran.returncode, ran.stderr

    def test_no_network_is_one_sentence(self):
        code, text = self.run_script(PIP_INDEX_URL="http://127.0.0.1:9/simple", no_proxy="*")
        self.assertEqual(code, 3, text)
        self.assertIn("could not fetch", text)
        self.assertIn("what has arrived is kept", text)
        self.assertNotIn("Traceback", text)

    def test_no_compiler_is_one_sentence(self):
        with tempfile.TemporaryDirectory() as empty:
            code, text = self.run_script(PATH=empty, CXX="")
        self.assertEqual(code, 3, text)
        self.assertIn("no C++ compiler", text)

    def test_no_space_is_one_sentence(self):
        with self.assertRaisesRegex(libtorch.Missing, "GB are needed"):
            libtorch.require_space(tempfile.gettempdir(), needed=1 << 62)

    def test_wrong_installed_version_is_one_sentence(self):
        with tempfile.TemporaryDirectory() as site:
            fake_torch(site, "2.9.1")
            code, text = self.run_script(MAKOOK_TORCH="installed", PYTHONPATH=site)
        self.assertEqual(code, 3, text)
        self.assertIn("has torch 2.9.1, 2.11.0 is needed", text)

    def test_unwritable_cache_is_one_sentence(self):
        with tempfile.NamedTemporaryFile() as file:
            code, text = self.run_script(MAKOOK_CACHE=os.path.join(file.name, "below"))
        self.assertEqual(code, 3, text)
        self.assertIn("set MAKOOK_CACHE", text)


class Disk(OfAnIndex):
    """What the disk refuses on the way is one sentence each, and never blamed on the network."""

    def run_main(self):
        root = os.path.join(self.folder.name, "cache")
        os.makedirs(os.path.join(root, "download"), exist_ok=True)
        wheels = [("torch", "wheel.whl", hashlib.sha256(Index.body).hexdigest())]
        env = {"MAKOOK_CACHE": root, "MAKOOK_TORCH": "wheel", "PIP_INDEX_URL": self.index}
        told = io.StringIO()
        with contextlib.ExitStack() as stack:
            stack.enter_context(mock.patch.dict(os.environ, env))
            stack.enter_context(mock.patch.object(sys, "argv", ["libtorch.py", "--runtime"]))
            stack.enter_context(mock.patch.object(libtorch, "WHEELS", wheels))
            stack.enter_context(mock.patch.object(libtorch, "require_space", lambda *_: None))
            stack.enter_context(mock.patch.object(libtorch, "finish", lambda *_: None))
            stack.enter_context(contextlib.redirect_stderr(told))
            code = libtorch.main()
        self.assertEqual(code, 3, told.getvalue())
        last = told.getvalue().strip().split("\n")[-1]
        self.assertNotIn("network", last)
        return last

    @staticmethod
    def refuses(number, name=None):
        return mock.Mock(side_effect=OSError(number, os.strerror(number), name))

    def test_a_disk_that_fills_while_downloading(self):
        os.makedirs(os.path.join(self.folder.name, "cache", "download"))
        part = os.path.join(self.folder.name, "cache", "download", "wheel.whl.part")
        os.symlink("/dev/full", part)
        self.assertRegex(self.run_main(), "is full; free some space or point MAKOOK_CACHE")

    def test_a_disk_that_fills_while_unpacking(self):
        with mock.patch.object(libtorch, "unpack", self.refuses(errno.ENOSPC)):
            self.assertRegex(self.run_main(), "is full; free some space or point MAKOOK_CACHE")

    def test_a_cache_that_cannot_be_written(self):
        refused = self.refuses(errno.EACCES, "/cache/libtorch-x")
        with mock.patch.object(libtorch.tempfile, "mkdtemp", refused):
            last = self.run_main()
        self.assertIn("cannot write /cache/libtorch-x: Permission denied; set MAKOOK_CACHE", last)

    def test_a_project_that_is_read_only(self):
        with mock.patch.object(libtorch, "unpack", lambda *_: None), mock.patch.object(
            libtorch.os, "symlink", self.refuses(errno.EROFS)
        ), mock.patch.object(libtorch, "__file__", os.path.join(self.folder.name, "a", "b.py")):
            last = self.run_main()
        self.assertIn("Read-only file system; make that folder writable", last)

    def test_a_folder_that_cannot_be_written(self):
        occupied = os.path.join(self.folder.name, "file")
        pathlib.Path(occupied).write_text("")
        told = io.StringIO()
        argv = ["libtorch.py", "--into", os.path.join(occupied, "below")]
        with mock.patch.object(sys, "argv", argv), contextlib.redirect_stderr(told):
            self.assertEqual(libtorch.main(), 3)
        self.assertIn("name a folder of yours", told.getvalue())


class InstalledTorch(unittest.TestCase):
    def test_version_and_folder_are_found_without_importing(self):
        with tempfile.TemporaryDirectory() as site:
            fake_torch(site, "2.11.0+cu130")
            old = os.environ.get("PYTHONPATH")
            os.environ["PYTHONPATH"] = site
            try:
                self.assertEqual(
                    libtorch.installed_torch(), ("2.11.0+cu130", os.path.join(site, "torch"))
                )
            finally:
                os.environ.pop("PYTHONPATH")
                if old is not None:
                    os.environ["PYTHONPATH"] = old


def fake_torch(site, version):
    """Plants a torch package that fails when imported."""
    os.makedirs(os.path.join(site, "torch"))
    pathlib.Path(site, "torch", "__init__.py").write_text("raise SystemExit('imported')\n")
    info = os.path.join(site, f"torch-{version}.dist-info")
    os.makedirs(info)
    pathlib.Path(info, "METADATA").write_text(f"Metadata-Version: 2.1\nName: torch\nVersion: {version}\n")


class Unpacking(unittest.TestCase):
    def test_only_the_cpu_half_is_unpacked(self):
        with tempfile.TemporaryDirectory() as folder:
            wheel = os.path.join(folder, "torch.whl")
            with zipfile.ZipFile(wheel, "w") as archive:
                for name in ["lib/libtorch_cpu.so", "lib/libtorch_cuda.so", "include/a/b.h", "x.py"]:
                    archive.writestr("torch/" + name, name)
            out = os.path.join(folder, "out")
            libtorch.unpack([wheel], out)
            self.assertEqual(os.listdir(os.path.join(out, "lib")), ["libtorch_cpu.so"])
            self.assertTrue(os.path.isfile(os.path.join(out, "include", "a", "b.h")))


if __name__ == "__main__":
    unittest.main()
