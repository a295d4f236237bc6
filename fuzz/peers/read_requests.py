"""Says what CPython's http.server makes of the bytes of a connection.

Reads cases from stdin, each a length in four bytes (big endian) and so many bytes; writes a line of JSON for each.
"""

import http.server
import io
import json
import struct
import sys


class RecordingHandler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, data):
        self.rfile = io.BytesIO(data)
        self.wfile = io.BytesIO()
        self.client_address = ("127.0.0.1", 1)
        self.requests = []
        self.end = None

    def __getattr__(self, name):
        if name.startswith("do_"):
            return self.record
        raise AttributeError(name)

    def record(self):
        persists = not self.close_connection
        request = {
            "method": self.command,
            "target": self.path,
            "version": self.request_version.partition("/")[2],
            "fields": self.headers.items(),
            "persists": persists,
            "body": "",
            "isComplete": True,
        }
        self.requests.append(request)
        self.read_body(request)

    def read_body(self, request):
        # The server leaves bodies to its handlers; only what no handler can read in two ways is read here.
        lengths = self.headers.get_all("Content-Length", [])
        if "Transfer-Encoding" not in self.headers and not lengths:
            return
        is_plain = len(lengths) == 1 and lengths[0].isascii() and lengths[0].isdigit() and len(lengths[0]) < 9
        if "Transfer-Encoding" in self.headers or not is_plain:
            del request["body"]
            self.end = {"kind": "unknown"}
            self.close_connection = True
            return
        length = int(lengths[0])
        body = self.rfile.read(length)
        request["body"] = body.decode("iso-8859-1")
        request["isComplete"] = len(body) == length

    def send_error(self, code, message=None, explain=None):
        self.end = {"kind": "refused", "reason": "%d %s" % (code, message or "")}
        self.close_connection = True

    def log_message(self, *args):
        pass

    def judge(self):
        self.close_connection = True
        self.handle()
        if self.end is None:
            self.end = self.end_after()
        return {"requests": self.requests, "end": self.end}

    def end_after(self):
        if self.requests and not self.requests[-1]["isComplete"]:
            return {"kind": "incomplete"}
        at_end = self.rfile.tell() == len(self.rfile.getbuffer())
        if self.requests and not self.requests[-1]["persists"]:
            return {"kind": "closed"}
        return {"kind": "end"} if at_end else {"kind": "refused", "reason": "empty line"}


def main():
    stdin = sys.stdin.buffer
    while len(header := stdin.read(4)) == 4:
        data = stdin.read(struct.unpack(">I", header)[0])
        try:
            verdict = RecordingHandler(data).judge()
        except Exception as error:  # what the server would print as a traceback
            verdict = {"requests": [], "end": {"kind": "failed", "reason": repr(error)}}
        sys.stdout.write(json.dumps(verdict) + "\n")
        sys.stdout.flush()


main()
