"""Records docs/session.txt: a session with the real command, in a terminal with 100 columns.

    cargo build -p evertoken && python3 docs/record_session.py target/debug/evertoken > docs/session.txt

Browser steps are performed over HTTP, and noted in the output. No token is printed.
"""

import html
import http.cookiejar
import os
import pathlib
import pty
import re
import select
import shutil
import struct
import subprocess
import sys
import tempfile
import termios
import fcntl
import urllib.parse
import urllib.request

SIZE = struct.pack("HHHH", 50, 100, 0, 0)
COLORS = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


class Terminal:
    """Runs commands one after the other in a pseudo-terminal, as a person would type them."""

    def __init__(self, binary, folder):
        self.folder = folder
        self.environment = {"HOME": folder, "PATH": f"{binary.parent}:{os.environ['PATH']}", "TERM": "xterm"}

    def start(self, command):
        print(f"$ {command}", flush=True)
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, SIZE)
        process = subprocess.Popen(
            ["sh", "-c", command if "|" in command else f"exec {command}"],
            cwd=self.folder, env=self.environment, stdin=slave, stdout=slave, stderr=slave,
            start_new_session=True, preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )
        os.close(slave)
        return process, master

    def run(self, command, typed=""):
        process, master = self.start(command)
        if typed:
            show(read_until(master, r"\[y/N\] "))
            os.write(master, f"{typed}\n".encode())
        show(read_until_end(master))
        code = process.wait()
        if code:
            print(f"[exit code {code}]")
        print()


def show(text):
    print(COLORS.sub("", text).replace("\r", ""), end="", flush=True)


def read_until_end(master):
    text = b""
    while True:
        try:
            part = os.read(master, 65536)
        except OSError:  # the process has closed the terminal
            return text.decode()
        if not part:
            return text.decode()
        text += part


def read_until(master, pattern):
    """Reads until the output matches the pattern."""
    text = ""
    while not re.search(pattern, text):
        if not select.select([master], [], [], 60)[0]:
            sys.exit(f"timed out waiting for {pattern}: {text}")
        text += os.read(master, 65536).decode()
    return text


def log_in(link, account):
    """Logs in as a browser would: follows the link and the landing page's button, allows access and returns."""
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
    page = browser.open(link)
    if urllib.parse.urlsplit(page.url).path == "/login":
        page = browser.open(html.unescape(re.search(r'class="button" href="(.*?)"', page.read().decode())[1]))
    query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(page.url).query))
    scopes = query["scope"].split(",")
    form = [*query.items(), ("account", account), *[("grant", scope) for scope in scopes], ("decision", "allow")]
    done = browser.open(page.url.split("?")[0], urllib.parse.urlencode(form).encode())
    heading = re.search(r"<h1>(.*?)</h1>", done.read().decode(), re.S)[1]
    print(f"# In a browser: {link.split('?')[0]}, as {account}, Allow. The page says: {html.unescape(heading.strip())}\n")


def main(binary):
    folder = tempfile.mkdtemp()
    try:
        record(Terminal(binary, folder))
    finally:
        shutil.rmtree(folder)


def record(terminal):
    service, master = terminal.start("evertoken serve --sandbox --port 0 --local vault")
    output = read_until(master, r"(?m)^http://\S+/\r?$")
    show(output)
    print()
    home = re.search(r"(?m)^(http://\S+/)\r?$", output)[1]
    sandbox = re.search(r"(http://\S+/sandbox)\r?$", output, re.MULTILINE)[1]
    try:
        link = subprocess.check_output(
            ["evertoken", "invite", "--local", "vault", "--name", "my-shop"],
            cwd=terminal.folder, env=terminal.environment, text=True, stderr=subprocess.DEVNULL).strip()
        print("# In another terminal.\n")
        terminal.run("evertoken invite --local vault --name my-shop --qr")
        log_in(link, "blue_bottle")
        log_in(f"{home}login", "corner_bakery")
        terminal.run("evertoken list --local vault")
        terminal.run("evertoken show my-shop --local vault")
        terminal.run("evertoken show my-shp --local vault")
        terminal.run("evertoken token my-shop --local vault | wc -c")
        terminal.run("evertoken token my-shop --local vault --min-life 90d")
        terminal.run("evertoken refresh --all --dry-run --local vault")
        terminal.run("evertoken --json refresh my-shop --force --local vault")
        print(f"# In a browser: {sandbox}, \"22 days later\". The service logs:\n")
        urllib.request.urlopen(f"{sandbox}/time", b"days=22")
        show(read_until(master, r"(?s)(Token Refreshed.*){2}refresh run"))
        print("\n")
        terminal.run("evertoken remove my-shop --local vault", typed="n")
        terminal.run("evertoken remove my-shop --local vault --yes")
    finally:
        os.write(master, b"\x03")
        print("# Ctrl-C in the first terminal.")
        show(read_until_end(master))
        print(f"[exit code {service.wait()}]")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]).resolve())
