"""Runs a command and kills it, with all its descendants, when the parent process dies.

`supervisor.py COMMAND ARGUMENT...` watches its standard input. End of file means that the process at the other end of the
pipe is gone, however it ended, so the command is killed. The line `interrupt` sends SIGINT to the command. The exit
status is the command's.
"""

import ctypes
import os
import signal
import subprocess
import sys
import threading

PR_SET_CHILD_SUBREAPER = 36


def follow_instructions(command):
    for line in sys.stdin:
        if line == "interrupt\n":
            command.send_signal(signal.SIGINT)
    command.kill()


def children():
    with open("/proc/thread-self/children") as listed:
        return [int(pid) for pid in listed.read().split()]


# Orphaned descendants become children of this process, even if they have left its process group.
ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)
command = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL)
threading.Thread(target=follow_instructions, args=[command], daemon=True).start()
code = command.wait()
while orphans := children():
    for pid in orphans:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
os._exit(code if code >= 0 else 128 - code)
