"""Commands of the program without their start: a process that has loaded everything forks one child for each.

Three quarters of a short command are Python reading its modules, in which nothing is written and a death shows nothing.
The child is a process of its own and runs the command's own code; a tracer is in place before it begins.

Usage: python -m tests.torture.commanding. Lines in: {"words": […], "out": file, "error": file, "given": text}, answered by
{"pid": n}; then {"go": true}, answered by {"code": n} once it has ended, negative for a signal.
"""

import json
import os
import subprocess
import sys
from typing import Any, NoReturn

from tests.torture import forking, tracing
from tests.torture.house import ROOT, House, NotWell
from yidang.commands.main import main as program

SECONDS = 300


class Commander:
    """Runs commands on one house."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.log = house.log.with_name("strace")
        self._out, self._error = house.log.with_name("out"), house.log.with_name("error")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.torture.commanding"], cwd=ROOT, env=house.environment, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=house.log.open("ab"), text=True,
        )  # fmt: skip

    def begin(self, *words: str, given: str = "") -> int:
        """Have a child ready that waits for `go`; its number."""
        return int(self._ask(words=words, out=str(self._out), error=str(self._error), given=given)["pid"])

    def end(self) -> tuple[int, dict[str, Any], str]:
        """Wait for the end: its exit, its JSON, what it said."""
        code = self._answer()["code"]
        out = self._out.read_text(errors="replace").splitlines()
        try:
            answer = json.loads(out[-1])
        except (ValueError, IndexError):
            answer = {}
        return code, answer, self._error.read_text(errors="replace")

    def go(self) -> None:
        """Let the child begin."""
        self._say(go=True)

    def run(self, *words: str, given: str = "") -> tuple[int, dict[str, Any], str]:
        """Run a command unharmed."""
        self.begin(*words, given=given)
        self.go()
        return self.end()

    def count(self, *words: str, calls: tuple[str, ...]) -> tuple[int, dict[str, int], str]:
        """Run it unharmed and count its calls and those of the processes it starts."""
        pid = self.begin(*words)
        with tracing.attached(pid, ",".join(calls), "", self.log) as tracer:
            self.go()
            code, _answer, said = self.end()
            _await(tracer)
        return code, tracing.count(self.log), said

    def kill_at(self, call: str, number: int, *words: str) -> bool:
        """Run it until whichever of its processes gets there first dies at its n-th call; False if none did."""
        pid = self.begin(*words)
        with tracing.attached(pid, call, f"signal=KILL:when={number}", self.log) as tracer:
            self.go()
            self.end()
            _await(tracer)  # an engine whose program died goes on to its end
        return "+++ killed by SIGKILL +++" in self.log.read_text(errors="replace")

    def _ask(self, **values: Any) -> dict[str, Any]:
        self._say(**values)
        return self._answer()

    def _say(self, **values: Any) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(values) + "\n")
        self._process.stdin.flush()

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise NotWell(f"the commander ended: {self.house.log.read_text(errors='replace')[-2000:]}")
        told: dict[str, Any] = json.loads(line)
        return told

    def close(self) -> None:
        """End it."""
        self._process.kill()
        self._process.wait()

    def __enter__(self) -> "Commander":
        return self

    def __exit__(self, *_reason: object) -> None:
        self.close()


def _await(tracer: "subprocess.Popen[bytes]") -> None:
    """Wait for the tracer, which ends with the last process that it traces."""
    try:
        tracer.wait(SECONDS)
    except subprocess.TimeoutExpired:
        raise NotWell(f"processes of a command live on after {SECONDS} s") from None


# ---- the other side -----------------------------------------------------------------------------------------------


def _child(asked: dict[str, Any], go: int) -> NoReturn:
    """Become the command."""
    given, written = os.pipe()
    os.write(written, asked["given"].encode())
    os.close(written)
    os.dup2(given, 0)
    for number, name in ((1, asked["out"]), (2, asked["error"])):
        os.dup2(os.open(name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
    sys.stdin = os.fdopen(0)
    os.read(go, 1)
    os.close(go)
    sys.argv = ["yidang", *asked["words"]]
    code = 0
    try:
        program()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(bool(end.code))
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code)


def main() -> None:
    """Fork a child for each line until the input ends."""
    share = forking.load()
    answers = os.dup(1)
    lines = iter(sys.stdin.readline, "")
    for line in lines:
        waiting, go = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(go)
            os.close(answers)
            share()
            _child(json.loads(line), waiting)
        os.close(waiting)
        os.write(answers, (json.dumps({"pid": pid}) + "\n").encode())
        if next(lines, ""):
            os.write(go, b"\n")
        os.close(go)
        _pid, status = os.waitpid(pid, 0)
        os.write(answers, (json.dumps({"code": os.waitstatus_to_exitcode(status)}) + "\n").encode())


if __name__ == "__main__":
    main()
