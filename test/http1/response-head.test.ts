import assert from "node:assert/strict";
import { describe, it } from "node:test";

import fc from "fast-check";

import { parseFieldLines } from "../../src/http1/field-lines.ts";
import { fieldLine, statusLine } from "../../src/http1/response-head.ts";
import { textOf } from "../text/text-of.ts";

describe("statusLine (RFC 9112 §4)", () => {
  it("writes version, code and reason", () => {
    assert.equal(statusLine("HTTP/1.1", 404, "Not Found"), "HTTP/1.1 404 Not Found\r\n");
  });

  it("keeps the blank behind the code without a reason", () => {
    assert.equal(statusLine("HTTP/1.0", 299, ""), "HTTP/1.0 299 \r\n");
  });

  it("takes every code of three digits", () => {
    assert.equal(statusLine("HTTP/1.1", 100, ""), "HTTP/1.1 100 \r\n");
    assert.equal(statusLine("HTTP/1.1", 999, "a"), "HTTP/1.1 999 a\r\n");
  });

  it("throws for a code that has not three digits", () => {
    for (const status of [99, 1000, 0, -200, 200.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      assert.throws(() => statusLine("HTTP/1.1", status, ""), RangeError, String(status));
    }
  });

  it("says that a code in quotes is no number: it looks right in a message", () => {
    assert.throws(() => statusLine("HTTP/1.1", "200" as unknown as number, ""), /not string 200/);
  });

  it("throws for a version that the server does not speak (RFC 9110 §6.2)", () => {
    for (const version of ["HTTP/0.9", "HTTP/1.2", "HTTP/2.0", "http/1.1", "", "HTTP/1.1 200 OK\r\nX: y"]) {
      assert.throws(() => statusLine(version, 200, "OK"), RangeError, version);
    }
  });

  it("throws for a reason that would not stay on its line", () => {
    for (const reason of ["a\r\nX: y", "a\n", "\r", "a\0", "\x1b[2J", "\x7f", "\u20ac"]) {
      assert.throws(() => statusLine("HTTP/1.1", 200, reason), TypeError, reason);
    }
  });
});

describe("fieldLine (RFC 9112 §5)", () => {
  it("writes name and value, bytes from 0x80 up too", () => {
    assert.equal(fieldLine("X-a", "b c\td\xe4"), "X-a: b c\td\xe4\r\n");
    assert.equal(fieldLine("A", ""), "A: \r\n");
  });

  it("throws for a name that is no token", () => {
    for (const name of ["", "a b", "a:", "a\r\nb", "a\n", "\xe4", "a\0", "(a)", " a", "\u20ac"]) {
      assert.throws(() => fieldLine(name, "x"), TypeError, name);
    }
  });

  it("throws for a value that would split the response", () => {
    for (const value of ["a\r\nX: y", "a\nb", "a\rb", "\0", "a\r", "\x0b", "\x7f", "\u010a", "\u560d"]) {
      assert.throws(() => fieldLine("A", value), TypeError, JSON.stringify(value));
    }
  });

  it("writes one line that reads back as one field, or throws", () => {
    const text = textOf("aZ0-_:; \t\r\n\0\x7f\x80\xff\u0100\u560a");
    fc.assert(
      fc.property(text, text, (name, value) => {
        let line: string;
        try {
          line = fieldLine(name, value);
        } catch (error) {
          assert.ok(error instanceof TypeError);
          return;
        }
        const fields: string[] = [];
        const wire = Buffer.from(`${line}\r\n`, "latin1").toString("latin1");
        assert.equal(parseFieldLines(wire, 0, fields, { field: 1000, fields: 1 }), wire.length);
        assert.deepEqual(fields, [name, value.replace(/^[ \t]+|[ \t]+$/g, "")]);
      }),
    );
  });
});
