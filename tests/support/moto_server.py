"""moto's server on a free port of the loopback, for as long as whoever started it lives.

It is what `moto_server` runs, with two differences:
- Requests are served one at a time. AWS's operations are atomic; moto checks and then writes, and another request may
  come between.
- It ends when its standard input does, which is when the process that holds the other end is gone, however it ended.
"""

import logging
import os
import sys
import threading
import warnings

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import make_server


def end_with_the_starter():
    sys.stdin.buffer.read()
    os._exit(0)


moto = DomainDispatcherApplication(create_backend_app)
one_at_a_time = threading.Lock()


def serve(environ, start_response):
    with one_at_a_time:
        return list(moto(environ, start_response))


logging.getLogger("werkzeug").setLevel(logging.ERROR)
# Its CloudFormation says so for each resource that it does not know, and is asked about those on purpose.
logging.getLogger("moto").setLevel(logging.ERROR)
warnings.filterwarnings("ignore", message="Tried to parse")
threading.Thread(target=end_with_the_starter, daemon=True).start()
server = make_server("127.0.0.1", 0, serve, threaded=True, request_handler=MotoRequestHandler)
os.environ["MOTO_PORT"] = str(server.server_port)
print(server.server_port, flush=True)
server.serve_forever()
