"""Runs of the program with several workers, of which some are killed while they train."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
EPOCH = re.compile(r"fold (\d+) stage (\d+) epoch (\d+)/")


def _parents():
    """Return the parent of every process of this machine."""
    found = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            found[int(path.parent.name)] = int(
                path.read_text("utf-8", "replace").rpartition(")")[2].split()[1]
            )
        except (OSError, ValueError):
            continue
    return found


def workers(root):
    """Return the processes that train for a run or a cluster: descendants of a process, by Ray's title for them."""
    parents, found = _parents(), []
    for pid in parents:
        above = pid
        while above not in (0, root):
            above = parents.get(above, 0)
        try:
            title = Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            continue
        if above == root and title.startswith(b"ray::RayWorker"):
            found.append(pid)
    return sorted(found)


class Run:
    """A run of the program, read line by line."""

    def __init__(self, *words, threads=1):
        command = [sys.executable, "-m", "segshell", "run", *map(str, words), "--threads", str(threads)]
        pipe = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
        self.process = subprocess.Popen(command, cwd=ROOT, start_new_session=True, **pipe)
        self.lines = []

    def until(self, wanted):
        """Read on up to a line in which a pattern is found, or to the end; return whether it was found."""
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))
            if re.search(wanted, line):
                return True
        return False

    def end(self):
        """Read to the end and return the exit code."""
        self.until(r"(?!)")
        self.process.stdout.close()
        return self.process.wait(timeout=120)

    @property
    def text(self):
        return "\n".join(self.lines)

    def kill_workers(self, root=None):
        """Kill all of its workers, as the system does where memory ends; return how many those were."""
        found = workers(self.process.pid if root is None else root)
        for pid in found:
            os.kill(pid, signal.SIGKILL)
        return len(found)


NODES = """
import sys
from ray.cluster_utils import Cluster

cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 0})
nodes = [cluster.add_node(num_cpus=1), cluster.add_node(num_cpus=1)]
print("at", cluster.address, flush=True)
for line in sys.stdin:
    cluster.remove_node(nodes.pop(), allow_graceful=False)
cluster.shutdown()
"""


class Nodes:
    """A cluster of two nodes with one core each, in a process of its own."""

    def __init__(self):
        pipes = {
            "stdin": subprocess.PIPE,
            "stdout": subprocess.PIPE,
            "stderr": subprocess.DEVNULL,
            "text": True,
        }
        self.process = subprocess.Popen([sys.executable, "-c", NODES], **pipes)
        self.address = next(line.split()[1] for line in self.process.stdout if line.startswith("at "))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.communicate(timeout=60)

    def lose_one(self):
        """End a node with all that runs there, without a word."""
        self.process.stdin.write("one\n")
        self.process.stdin.flush()
