"""Hosts of one network on one machine: network namespaces on a bridge, or processes at loopback where those are not allowed."""

import os
import shutil
import subprocess
from dataclasses import dataclass

NETWORK = "10.77.31"
BRIDGE = "ydbridge"


def _run(*words: str) -> None:
    subprocess.run(words, check=True, capture_output=True, text=True, timeout=30)


@dataclass(frozen=True)
class Host:
    """One host: its address, and how a program is started on it."""

    name: str
    address: str
    space: str

    def on(self, command: list[str]) -> list[str]:
        """The command, as this host runs it."""
        return ["ip", "netns", "exec", self.space, *command] if self.space else command

    def unplug(self) -> None:
        """Pull the cable."""
        _run("ip", "link", "set", f"yd-{self.name}", "down")

    def plug(self) -> None:
        """Put it back."""
        _run("ip", "link", "set", f"yd-{self.name}", "up")


class Network:
    """A bridge with the database at its first address, and hosts at its ports."""

    def __init__(self) -> None:
        self.real = os.geteuid() == 0 and shutil.which("ip") is not None and self._bridge()
        self._spaces: list[str] = []

    def _bridge(self) -> bool:
        try:
            _run("ip", "link", "add", BRIDGE, "type", "bridge")
            _run("ip", "address", "add", f"{NETWORK}.1/24", "dev", BRIDGE)
            _run("ip", "link", "set", BRIDGE, "up")
            _run("ip", "netns", "add", f"yd{os.getpid()}-probe")
            _run("ip", "netns", "delete", f"yd{os.getpid()}-probe")
        except (OSError, subprocess.SubprocessError):
            return False
        return True

    @property
    def database(self) -> str:
        """Where the database listens for the hosts; nothing where a Unix socket does."""
        return f"{NETWORK}.1/24" if self.real else ""

    def host(self, name: str, number: int) -> Host:
        """One host more; at loopback each has an address of its own, too."""
        if not self.real:
            return Host(name, f"127.0.77.{number}", "")
        space, address = f"yd{os.getpid()}-{name}", f"{NETWORK}.{number}"
        _run("ip", "netns", "add", space)
        self._spaces.append(space)
        _run("ip", "link", "add", f"yd-{name}", "type", "veth", "peer", "name", "eth0", "netns", space)
        _run("ip", "link", "set", f"yd-{name}", "master", BRIDGE, "up")
        inside = ["ip", "-n", space]
        _run(*inside, "address", "add", f"{address}/24", "dev", "eth0")
        for link in ("lo", "eth0"):
            _run(*inside, "link", "set", link, "up")
        return Host(name, address, space)

    def remove(self) -> None:
        """Take everything away again."""
        for space in self._spaces:
            subprocess.run(["ip", "netns", "delete", space], check=False, capture_output=True)
        subprocess.run(["ip", "link", "delete", BRIDGE], check=False, capture_output=True)
