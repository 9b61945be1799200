"""Holds the portable archive to its promises: old hosts, any libtorch that fits, the worker's own signals."""

import contextlib
import importlib.util
import io
import json
import os
import pathlib
import platform
import shutil
import signal
import subprocess
import tempfile
import unittest

DEPLOY = pathlib.Path(__file__).resolve().parent.parent / "deploy"
spec = importlib.util.spec_from_file_location("libtorch", DEPLOY / "libtorch.py")
libtorch = importlib.util.module_from_spec(spec)
spec.loader.exec_module(libtorch)

SYMBOLS = """
Version References:
  required from libc.so.6:
    0x09691a75 0x00 02 GLIBC_2.2.5
DYNAMIC SYMBOL TABLE:
0000000000000000      DF *UND*  0000000000000000 (GLIBC_2.2.5) free
0000000000000000      DF *UND*  0000000000000000 (GLIBC_2.28) fcntl64
0000000000000000      DF *UND*  0000000000000000 (GLIBCXX_3.4.21) _ZNKSt7__cxx114__foo
0000000000000000      DF *UND*  0000000000000000 (GCC_3.0)  _Unwind_Resume
"""


class Gate(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def judge(self, symbols):
        """Runs the gate over what objdump would print."""
        text = os.path.join(self.folder.name, "symbols")
        pathlib.Path(text).write_text(symbols)
        fake = os.path.join(self.folder.name, "objdump")
        pathlib.Path(fake).write_text(f"#!/bin/sh\ncat '{text}'\n")
        os.chmod(fake, 0o755)
        env = dict(os.environ, OBJDUMP=fake)
        return subprocess.run(
            [DEPLOY / "glibc_gate.sh", "program"], env=env, capture_output=True, text=True, timeout=60
        )

    def test_program_at_the_limit_passes_with_its_figures(self):
        ran = self.judge(SYMBOLS)
        self.assertEqual(ran.returncode, 0, ran.stderr)
        self.assertIn("GLIBC 2.28 (at most 2.28)", ran.stdout)
        self.assertIn("GLIBCXX 3.4.21 (at most 3.4.22)", ran.stdout)

    def test_whatever_is_too_new_fails_and_is_named(self):
        for version, name in [
            ("GLIBC_2.29", "pow"),
            ("GLIBC_2.34", "__libc_start_main"),
            # 2.4 is older than 2.28 and 2.100 newer: numbers, not texts.
            ("GLIBC_2.100", "later"),
            ("GLIBCXX_3.4.29", "_ZSt28__throw_bad_array_new_lengthv"),
            ("CXXABI_1.3.13", "__cxa_call_terminate"),
        ]:
            with self.subTest(version):
                ran = self.judge(SYMBOLS + f"0000 DF *UND*  0000 ({version}) {name}\n")
                self.assertEqual(ran.returncode, 1, ran.stdout)
                self.assertIn("TOO NEW", ran.stdout)
                self.assertIn(name, ran.stderr)

    def test_older_numbers_that_sort_later_as_text_pass(self):
        ran = self.judge(SYMBOLS + "0000 DF *UND*  0000 (GLIBC_2.4) __stack_chk_fail\n")
        self.assertEqual(ran.returncode, 0, ran.stdout)

    def test_packed_relocations_and_private_symbols_fail(self):
        for name in ["GLIBC_ABI_DT_RELR", "GLIBC_PRIVATE"]:
            with self.subTest(name):
                ran = self.judge(SYMBOLS.replace("0x00 02 GLIBC_2.2.5", f"0x00 02 {name}"))
                self.assertEqual(ran.returncode, 1, ran.stdout)
                self.assertIn(name, ran.stdout)

    def test_plainly_built_program_of_a_new_host_fails(self):
        release = tuple(int(part) for part in (platform.libc_ver()[1] or "0").split(".")[:2])
        if release < (2, 34) or not (shutil.which("cc") and shutil.which("objdump")):
            print(
                "SKIPPED: test_plainly_built_program_of_a_new_host_fails: "
                "needs glibc 2.34 or newer, cc and objdump"
            )
            return
        program = os.path.join(self.folder.name, "plain")
        source = b"int main(void) { return 0; }\n"
        subprocess.run(["cc", "-x", "c", "-", "-o", program], input=source, check=True)
        ran = subprocess.run(
            [DEPLOY / "glibc_gate.sh", program], capture_output=True, text=True, timeout=60
        )
        self.assertEqual(ran.returncode, 1, ran.stdout)
        self.assertIn("__libc_start_main", ran.stderr)

    def test_what_is_no_program_is_a_usage_error(self):
        if not shutil.which("objdump"):
            print("SKIPPED: test_what_is_no_program_is_a_usage_error: needs objdump")
            return
        ran = subprocess.run(
            [DEPLOY / "glibc_gate.sh", __file__], capture_output=True, text=True, timeout=60
        )
        self.assertEqual(ran.returncode, 2, ran.stdout)


class Launcher(unittest.TestCase):
    """The archive's bin/makook-worker over a stand-in that says how it was started."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.top = os.path.join(folder.name, "내 작업")
        self.root = os.path.join(self.top, "makook")
        self.launcher = os.path.join(self.root, "bin", "makook-worker")
        for name in ["bin", "libexec"]:
            os.makedirs(os.path.join(self.root, name))
        shutil.copy(DEPLOY / "worker.sh", self.launcher)
        self.write(
            os.path.join(self.root, "libexec", "makook-worker"),
            '#!/bin/sh\nprintf "%s\\n" "$$" "${LD_LIBRARY_PATH%%:*}" "$@"\nexit 7\n',
        )

    @staticmethod
    def write(path, text):
        pathlib.Path(path).write_text(text, encoding="utf-8")
        os.chmod(path, 0o755)

    def plant(self, *parts, version="2.11.0", cuda=False):
        """Plants a libtorch layout and returns its lib."""
        layout = os.path.join(self.top, *parts)
        lib = os.path.join(layout, "lib")
        os.makedirs(lib)
        for name in ["libtorch_cpu.so"] + ["libtorch_cuda.so"] * cuda:
            pathlib.Path(lib, name).touch()
        pathlib.Path(layout, "version").write_text(json.dumps({"torch": version, "origin": "x"}))
        return lib

    def plant_beside(self):
        lib = self.plant("makook")
        os.replace(os.path.join(self.root, "version"), os.path.join(lib, "version"))
        return lib

    def plant_python(self, version="2.11.0+cu130", cuda=True):
        """Plants a Python whose torch must not be imported; returns it and torch's lib."""
        site = os.path.join(self.top, "site")
        lib = os.path.join(site, "torch", "lib")
        os.makedirs(lib)
        for name in ["libtorch_cpu.so"] + ["libtorch_cuda.so"] * cuda:
            pathlib.Path(lib, name).touch()
        pathlib.Path(site, "torch", "__init__.py").write_text("raise SystemExit('imported')\n")
        info = os.path.join(site, f"torch-{version}.dist-info")
        os.makedirs(info)
        pathlib.Path(info, "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: torch\nVersion: {version}\n"
        )
        python = os.path.join(self.top, "python")
        real = shutil.which("python3")
        self.write(python, f'#!/bin/sh\nPYTHONPATH="{site}" exec "{real}" "$@"\n')
        return python, lib

    def environment(self, **more):
        env = {
            "PATH": os.environ["PATH"],
            "HOME": self.top,
            "MAKOOK_PYTHON": "/nonexistent",
            "MAKOOK_CACHE": os.path.join(self.top, "cache"),
        }
        return {**env, **more}

    def start(self, *arguments, program=None, **more):
        ran = subprocess.run(
            [program or self.launcher, *arguments],
            env=self.environment(**more),
            capture_output=True,
            text=True,
            timeout=60,
        )
        return ran.returncode, ran.stdout.split("\n"), ran.stderr

    def assert_one_sentence(self, text, *parts):
        self.assertEqual(text.count("\n"), 1, text)
        for part in parts:
            self.assertIn(part, text)

    def test_worker_is_what_runs_with_its_arguments_and_exit_code(self):
        lib = self.plant_beside()
        started = subprocess.Popen(
            [self.launcher, "run", "a b", "한글"], env=self.environment(), stdout=subprocess.PIPE
        )
        out = started.communicate(timeout=60)[0].decode().split("\n")
        self.assertEqual(out, [str(started.pid), lib, "run", "a b", "한글", ""])
        self.assertEqual(started.returncode, 7)

    def test_started_through_a_link(self):
        lib = self.plant_beside()
        link = os.path.join(self.top, "worker")
        os.symlink(self.launcher, link)
        self.assertEqual(self.start(program=link)[1][1], lib)

    def test_order_is_named_then_beside_then_python_then_cache(self):
        named = self.plant("other place")
        beside = self.plant_beside()
        python, of_python = self.plant_python(cuda=False)
        cached = self.plant("cache", "libtorch-2.11.0")
        for name in ["other place", "other place/lib"]:
            given = os.path.join(self.top, name)
            self.assertEqual(self.start(MAKOOK_LIBTORCH=given, MAKOOK_PYTHON=python)[1][1], named)
        self.assertEqual(self.start(MAKOOK_PYTHON=python)[1][1], beside)
        shutil.rmtree(beside)
        self.assertEqual(self.start(MAKOOK_PYTHON=python)[1][1], of_python)
        self.assertEqual(self.start()[1][1], cached)

    def test_active_environment_goes_before_the_systems_python(self):
        python, lib = self.plant_python()
        environment = os.path.join(self.top, "env")
        os.makedirs(os.path.join(environment, "bin"))
        os.symlink(python, os.path.join(environment, "bin", "python"))
        for name in ["VIRTUAL_ENV", "CONDA_PREFIX"]:
            self.assertEqual(self.start(MAKOOK_PYTHON="", **{name: environment})[1][1], lib)

    def test_where_a_driver_runs_the_half_for_gpus_is_preferred(self):
        beside = self.plant_beside()
        python, lib = self.plant_python(cuda=True)
        driver = os.path.join(self.top, "driver")
        text = pathlib.Path(self.launcher).read_text(encoding="utf-8")
        self.assertIn("/dev/nvidiactl", text)
        self.write(self.launcher, text.replace("/dev/nvidiactl", f'"{driver}"'))
        if not os.path.exists("/proc/driver/nvidia/version"):
            self.assertEqual(self.start(MAKOOK_PYTHON=python)[1][1], beside)
        pathlib.Path(driver).touch()
        self.assertEqual(self.start(MAKOOK_PYTHON=python)[1][1], lib)
        self.assertEqual(self.start()[1][1], beside)

    def test_nothing_to_be_found_is_one_sentence_in_the_users_language(self):
        code, _, text = self.start()
        self.assertEqual(code, 3, text)
        self.assert_one_sentence(text, "no libtorch 2.11 found", "--into", "MAKOOK_LIBTORCH")
        code, _, text = self.start(LANG="ko_KR.UTF-8")
        self.assertEqual(code, 3, text)
        self.assert_one_sentence(text, "찾지 못했습니다")

    def test_wrong_version_is_one_sentence_that_names_both(self):
        python, _ = self.plant_python(version="2.9.1")
        code, _, text = self.start(MAKOOK_PYTHON=python)
        self.assertEqual(code, 3, text)
        self.assert_one_sentence(text, "torch 2.9.1", "2.11")

    def test_named_folder_is_never_replaced_by_another(self):
        self.plant_beside()
        old = self.plant("old", version="2.9.1")
        for given, why in [(old, "is torch 2.9.1, 2.11 is needed"), (self.top, "no libtorch_cpu.so")]:
            code, _, text = self.start(MAKOOK_LIBTORCH=given)
            self.assertEqual(code, 3, text)
            self.assert_one_sentence(text, why)

    def test_every_form_of_version_is_read(self):
        for name, text in [
            ("version.py", "from typing import Optional\n__version__ = '2.9.1+cu130'\ncuda = '13.0'\n"),
            ("build-version", "2.9.1+cpu\n"),
        ]:
            with self.subTest(name):
                lib = self.plant("form", name)
                os.remove(os.path.join(lib, "..", "version"))
                pathlib.Path(lib, "..", name).write_text(text)
                code, _, said = self.start(MAKOOK_LIBTORCH=lib)
                self.assertEqual(code, 3, said)
                self.assertIn("is torch 2.9.1+c", said)

    def test_a_warning_that_comes_before_the_worker_does_not_end_it(self):
        cached = self.plant("cache", "libtorch-2.11.0")
        reached, go = (os.path.join(self.top, name) for name in ["reached", "go"])
        os.mkfifo(reached)
        os.mkfifo(go)
        slow = os.path.join(self.top, "slow")
        self.write(slow, f'#!/bin/sh\n: >"{reached}"\nread -r _ <"{go}"\nexit 1\n')
        started = subprocess.Popen(
            [self.launcher], env=self.environment(MAKOOK_PYTHON=slow), stdout=subprocess.PIPE
        )
        with open(reached, encoding="ascii"):
            os.kill(started.pid, signal.SIGUSR1)
        with open(go, "w", encoding="ascii") as file:
            file.write("\n")
        out = started.communicate(timeout=60)[0].decode().split("\n")
        self.assertEqual((started.returncode, out[1]), (7, cached))


class Into(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = os.path.join(folder.name, "makook")
        self.layout = os.path.join(folder.name, "cache", f"libtorch-{libtorch.VERSION}")
        os.makedirs(os.path.join(self.layout, "lib"))
        os.makedirs(os.path.join(self.layout, "licenses", "torch-2.11.0"))
        pathlib.Path(self.layout, "licenses", "torch-2.11.0", "LICENSE").write_text("BSD\n")
        for name in libtorch.LIBRARIES:
            pathlib.Path(self.layout, "lib", name).write_text(name)
        pathlib.Path(self.layout, "version").write_text('{"torch": "2.11.0", "origin": "wheels"}')
        old = os.environ.get("MAKOOK_CACHE")
        os.environ["MAKOOK_CACHE"] = os.path.dirname(self.layout)
        self.addCleanup(self.restore, old)

    @staticmethod
    def restore(old):
        os.environ.pop("MAKOOK_CACHE")
        if old is not None:
            os.environ["MAKOOK_CACHE"] = old

    def put(self):
        with contextlib.redirect_stderr(io.StringIO()):
            libtorch.put_into(self.folder)

    def test_libraries_version_and_licences_arrive_and_nothing_else_stays(self):
        self.put()
        self.assertEqual(os.listdir(self.folder), ["lib"])
        self.assertEqual(
            sorted(os.listdir(os.path.join(self.folder, "lib"))),
            sorted(libtorch.LIBRARIES + ["version", "licenses"]),
        )

    def test_twice_is_once(self):
        self.put()
        before = os.stat(os.path.join(self.folder, "lib")).st_ino
        self.put()
        self.assertEqual(os.stat(os.path.join(self.folder, "lib")).st_ino, before)

    def test_links_become_files(self):
        library = os.path.join(self.layout, "lib", "libc10.so")
        os.replace(library, os.path.join(self.layout, "real"))
        os.symlink("../real", library)
        self.put()
        copy = pathlib.Path(self.folder, "lib", "libc10.so")
        self.assertFalse(copy.is_symlink())
        self.assertEqual(copy.read_text(), "libc10.so")

    def test_lib_of_somebody_else_is_left_alone(self):
        theirs = pathlib.Path(self.folder, "lib", "libx.so")
        theirs.parent.mkdir(parents=True)
        theirs.touch()
        with self.assertRaisesRegex(libtorch.Missing, "not ours"):
            self.put()
        self.assertTrue(theirs.exists())

    def test_licences_of_the_wheel_are_found(self):
        for name in ["torch-2.11.0.dist-info/licenses/LICENSE", "x.dist-info/NOTICE", "x.dist-info/License.txt"]:
            self.assertTrue(libtorch.LICENCE.search(name), name)
        for name in ["torch/include/LICENSE.h", "torch-2.11.0.dist-info/RECORD"]:
            self.assertFalse(libtorch.LICENCE.search(name), name)


if __name__ == "__main__":
    unittest.main()
