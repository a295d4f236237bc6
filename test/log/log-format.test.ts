import assert from "node:assert/strict";
import { describe, it } from "node:test";

import fc from "fast-check";

import { type AccessRecord, LINE_FORMATS } from "../../src/log/log-format.ts";
import { formatCommonLogDate } from "../../src/text/http-date.ts";

const TIME = Date.UTC(1994, 10, 6, 8, 49, 37, 250);

const RECORD: AccessRecord = {
  time: TIME,
  remote: "192.0.2.7",
  user: "-",
  requestLine: "GET /a?b HTTP/1.1",
  status: 200,
  size: 612,
  duration: 1.23456,
  referer: "http://example.org/",
  userAgent: "curl/8",
};

const { common, combined, json } = LINE_FORMATS;
const date = formatCommonLogDate(TIME);

/** Any character that a client can send: requests are read as Latin-1. */
const wire = fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)) });
const hostile: fc.Arbitrary<AccessRecord> = fc.record({
  time: fc.constant(TIME),
  remote: wire,
  user: wire,
  requestLine: wire,
  status: fc.integer({ min: 100, max: 599 }),
  size: fc.nat(),
  duration: fc.constant(undefined),
  referer: wire,
  userAgent: wire,
});

/** As a simple program reads it: a quoted field ends at the next quote, another one at the next blank. */
const COMBINED = /^([^ "]+) - ([^ "]+) \[([^\]"]+)\] "([^"]*)" (\d+) (\d+) "([^"]*)" "([^"]*)"\n$/;

describe("the common form", () => {
  it("is that of Apache", () => {
    assert.equal(common.access(RECORD), `192.0.2.7 - - [${date}] "GET /a?b HTTP/1.1" 200 612\n`);
    assert.match(date, /^\d\d\/Nov\/1994:\d\d:\d\d:37 [+-]\d{4}$/);
  });

  it("has - where there was no response, no body, no address", () => {
    assert.equal(
      common.access({ ...RECORD, remote: "", requestLine: "", status: "-", size: "-" }),
      `- - - [${date}] "" - -\n`,
    );
  });

  it("has messages in the same lines, without quotes", () => {
    const message = { time: TIME, remote: "192.0.2.7", level: "error", message: "a\nb" } as const;
    assert.equal(common.message(message), `192.0.2.7 - - [${date}] a\\x0ab\n`);
    assert.equal(combined.message({ ...message, remote: undefined }), `- - - [${date}] a\\x0ab\n`);
  });
});

describe("the combined form", () => {
  it("adds Referer and User-Agent, and - where they are missing", () => {
    const line = common.access(RECORD).trimEnd();
    assert.equal(combined.access(RECORD), `${line} "http://example.org/" "curl/8"\n`);
    assert.equal(
      combined.access({ ...RECORD, referer: undefined, userAgent: undefined }),
      `${line} "-" "-"\n`,
    );
  });

  it("makes quotes, backslashes and control characters visible, and blanks in a user's name", () => {
    const line = combined.access({
      ...RECORD,
      user: "a b",
      requestLine: 'GET /" 200 1 "x\\ HTTP/1.1',
      userAgent: "\x1b[31m\x9b\r\n",
    });
    assert.equal(
      line,
      `192.0.2.7 - a\\x20b [${date}] "GET /\\x22 200 1 \\x22x\\\\ HTTP/1.1" 200 612 "http://example.org/" ` +
        `"\\x1b[31m\\x9b\\x0d\\x0a"\n`,
    );
  });

  it("lets no client forge a line or a field, whatever it sends", () => {
    fc.assert(
      fc.property(hostile, (record) => {
        const line = combined.access(record);
        assert.doesNotMatch(line.slice(0, -1), /[\u0000-\u001f\u007f-\u009f]/);
        const fields = COMBINED.exec(line);
        assert.ok(fields !== null, line);
        const [, remote, user, , requestLine, status, size, referer, userAgent] = fields;
        assert.equal(read(remote!), record.remote || "-");
        assert.equal(read(user!), record.user || "-");
        assert.deepEqual(
          [requestLine, referer, userAgent].map((field) => read(field!)),
          [record.requestLine, record.referer, record.userAgent],
        );
        assert.deepEqual([Number(status), Number(size)], [record.status, record.size]);
      }),
    );
  });

  /** The text before its characters were made visible: nothing is lost. */
  function read(field: string): string {
    return field.replace(/\\(?:x([0-9a-f]{2})|\\)/g, (_, hex?: string) =>
      hex === undefined ? "\\" : String.fromCharCode(Number.parseInt(hex, 16)),
    );
  }
});

describe("the json form", () => {
  it("is an object for each request, with the time in UTC", () => {
    assert.equal(
      json.access(RECORD),
      '{"time":"1994-11-06T08:49:37.250Z","level":"info","remote":"192.0.2.7","method":"GET","target":"/a?b",' +
        '"protocol":"HTTP/1.1","status":200,"bytes":612,"duration":1.235,"referer":"http://example.org/",' +
        '"userAgent":"curl/8"}\n',
    );
  });

  it("has null for what is missing, 0 bytes for no body, and the user where there is one", () => {
    const { method, target, protocol, status, bytes, duration, referer, userAgent, user } = parse({
      ...RECORD,
      user: "ada",
      requestLine: "",
      status: "-",
      size: "-",
      duration: undefined,
      referer: undefined,
      userAgent: undefined,
    });
    assert.deepEqual(
      { method, target, protocol, status, bytes, duration, referer, userAgent, user },
      {
        method: null,
        target: "",
        protocol: null,
        status: null,
        bytes: 0,
        duration: null,
        referer: null,
        userAgent: null,
        user: "ada",
      },
    );
  });

  it("takes a request line apart, also one of HTTP/0.9 or with wrong syntax", () => {
    for (const [requestLine, method, target, protocol] of [
      ["GET /", "GET", "/", null],
      ["GET /a b HTTP/1.1", "GET", "/a b", "HTTP/1.1"],
      ["\x16\x03\x01", null, "\x16\x03\x01", null],
    ] as const) {
      const found = parse({ ...RECORD, requestLine });
      assert.deepEqual([found["method"], found["target"], found["protocol"]], [method, target, protocol]);
    }
  });

  it("has messages with a level, and the client where there is one", () => {
    const message = { time: TIME, remote: undefined, level: "error", message: 'a "b"\n' } as const;
    assert.equal(
      json.message(message),
      '{"time":"1994-11-06T08:49:37.250Z","level":"error","message":"a \\"b\\"\\n"}\n',
    );
    assert.match(json.message({ ...message, remote: "192.0.2.7" }), /"remote":"192\.0\.2\.7","message"/);
  });

  it("is one line that commands no terminal and says what came, whatever that is", () => {
    fc.assert(
      fc.property(hostile, (record) => {
        const line = json.access(record);
        assert.doesNotMatch(line.slice(0, -1), /[\u0000-\u001f\u007f-\u009f]/);
        const found = JSON.parse(line) as Record<string, string | null>;
        assert.equal(found["referer"], record.referer);
        assert.equal(found["userAgent"], record.userAgent);
        const parts = [found["method"], found["target"], found["protocol"]];
        assert.equal(parts.filter((part) => part !== null).join(" "), record.requestLine);
      }),
    );
    assert.doesNotMatch(
      json.message({ time: 0, remote: undefined, level: "info", message: "\u2028" }),
      /\u2028/,
    );
  });

  it("turns no text round: what stands behind a name in it is read in its own direction", () => {
    // A script of that name has been asked for: its name is decoded in the log.
    const message = "No such CGI script ('/cgi-bin/\u202e\u2066\u200ftxt.exe')";
    const line = json.message({ time: 0, remote: undefined, level: "error", message });
    assert.doesNotMatch(line, /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/);
    assert.equal((JSON.parse(line) as { message: string }).message, message);
  });

  function parse(record: AccessRecord): Record<string, unknown> {
    return JSON.parse(json.access(record)) as Record<string, unknown>;
  }
});
