"""Runs moto's server on a free loopback port until the parent process exits.

It differs from the `moto_server` command in two ways:
- It serves one request at a time. AWS operations are atomic, but moto checks and then writes, so a concurrent request
  could interleave.
- It exits at the end of its standard input, that is, when the process at the other end of the pipe is gone.
"""

import logging
import os
import sys
import threading
import warnings

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import make_server


def exit_with_parent():
    sys.stdin.buffer.read()
    os._exit(0)


moto = DomainDispatcherApplication(create_backend_app)
one_at_a_time = threading.Lock()


def serve(environ, start_response):
    with one_at_a_time:
        return list(moto(environ, start_response))


logging.getLogger("werkzeug").setLevel(logging.ERROR)
# moto's CloudFormation logs a warning for each resource type it does not support, and the tests include some on purpose.
logging.getLogger("moto").setLevel(logging.ERROR)
warnings.filterwarnings("ignore", message="Tried to parse")
threading.Thread(target=exit_with_parent, daemon=True).start()
server = make_server("127.0.0.1", 0, serve, threaded=True, request_handler=MotoRequestHandler)
os.environ["MOTO_PORT"] = str(server.server_port)
print(server.server_port, flush=True)
server.serve_forever()
