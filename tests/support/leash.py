"""Runs a command for as long as whoever started it lives, and leaves nothing of it behind.

`leash.py COMMAND ARGUMENT...` ends the command, and all that it has started, when standard input ends: then the process
that holds the other end is gone, however it ended. The line `interrupt` sends SIGINT to the command. The exit code is
the command's.
"""

import ctypes
import os
import signal
import subprocess
import sys
import threading

PR_SET_CHILD_SUBREAPER = 36


def obey(command):
    for line in sys.stdin:
        if line == "interrupt\n":
            command.send_signal(signal.SIGINT)
    command.kill()


def children():
    with open("/proc/thread-self/children") as listed:
        return [int(pid) for pid in listed.read().split()]


# What the command leaves behind becomes ours, also out of another process group.
ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)
command = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL)
threading.Thread(target=obey, args=[command], daemon=True).start()
code = command.wait()
while left := children():
    for pid in left:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
os._exit(code if code >= 0 else 128 - code)
