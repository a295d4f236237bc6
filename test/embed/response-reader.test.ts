// htbin's answer taken apart: whole, byte by byte, and with bytes behind its end.

import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { ResponseReader } from "../../src/embed/response-reader.ts";

const RESPONSES: readonly [name: string, method: string, bytes: string, seen: string[], isWhole: boolean][] =
  [
    [
      "a length",
      "GET",
      "HTTP/1.1 200 OK\r\nA: 1\r\nContent-Length: 3\r\n\r\nabc",
      ["200 OK A,Content-Length", "abc", "end"],
      true,
    ],
    ["no length", "GET", "HTTP/1.0 200 OK\r\nA: 1\r\n\r\nabc", ["200 OK A", "abc", "end"], true],
    [
      "an empty body",
      "GET",
      "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
      ["200 OK Content-Length", "", "end"],
      true,
    ],
    [
      "HEAD",
      "HEAD",
      "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n",
      ["200 OK Content-Length", "", "end"],
      true,
    ],
    ["304", "GET", "HTTP/1.1 304 Not Modified\r\n\r\n", ["304 Not Modified ", "", "end"], true],
    [
      "chunks",
      "GET",
      "HTTP/1.1 200 \r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n1\r\na\r\n2\r\nbc\r\n0\r\n\r\n",
      ["200  ", "abc", "end"],
      true,
    ],
    [
      "103 before",
      "GET",
      "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n",
      ["103", "204 No Content ", "", "end"],
      true,
    ],
    [
      "too little",
      "GET",
      "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nabc",
      ["200 OK Content-Length", "abc"],
      false,
    ],
    [
      "chunks without end",
      "GET",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n",
      ["200 OK ", "a"],
      false,
    ],
    ["half a head", "GET", "HTTP/1.1 200 OK\r\nA", [""], false],
  ];

function read(method: string, pieces: readonly string[]): { seen: string[]; isWhole: boolean } {
  const seen: string[] = [];
  let body = "";
  let hasEnded = false;
  const reader = new ResponseReader(method, {
    interim: ({ status }) => void seen.push(String(status)),
    head: ({ status, reason, fields }) =>
      void seen.push(`${status} ${reason} ${fields.map(([name]) => name).join()}`),
    body: (bytes) => void (body += bytes.toString("latin1")),
    end: () => void (hasEnded = true),
  });
  for (const piece of pieces) reader.take(Buffer.from(piece, "latin1"));
  const isWhole = reader.end();
  assert.equal(isWhole, hasEnded);
  return { seen: [...seen, body, ...(hasEnded ? ["end"] : [])], isWhole };
}

describe("ResponseReader", () => {
  for (const [name, method, bytes, seen, isWhole] of RESPONSES) {
    it(`reads ${name}`, () => {
      assert.deepEqual(read(method, [bytes]), { seen, isWhole });
      assert.deepEqual(read(method, bytes.split("")), { seen, isWhole });
      for (let at = 1; at < bytes.length; at++)
        assert.deepEqual(read(method, [bytes.slice(0, at), bytes.slice(at)]), { seen, isWhole });
    });
  }

  it("reads nothing behind the end of a framed response", () => {
    assert.deepEqual(read("GET", ["HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nabc"]), {
      seen: ["200 OK Content-Length", "a", "end"],
      isWhole: true,
    });
  });
});
