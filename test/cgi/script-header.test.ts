import assert from "node:assert/strict";
import { describe, it } from "node:test";

import fc from "fast-check";

import { type ScriptHeader, ScriptHeaderReader } from "../../src/cgi/script-header.ts";

interface Parsed {
  readonly header: ScriptHeader;
  readonly body: string;
}

/** Feeds the output whole, byte by byte, and cut at each place; all must agree. Each piece is lent until the next one. */
function parse(output: string): Parsed {
  const whole = feed([output]);
  assert.deepEqual(feed(output.split("")), whole, "byte by byte");
  for (let at = 1; at < output.length; at++) {
    assert.deepEqual(feed([output.slice(0, at), output.slice(at)]), whole, `cut at ${at}`);
  }
  assert.deepEqual(feed([`${output}more`]), { ...whole, body: `${whole.body}more` }, "with bytes behind");
  return whole;
}

function feed(pieces: readonly string[]): Parsed {
  const reader = new ScriptHeaderReader();
  for (const [index, piece] of pieces.entries()) {
    const lent = Buffer.from(piece, "latin1");
    const result = reader.push(lent);
    if (result === undefined) {
      lent.fill("!");
      continue;
    }
    const rest = Buffer.from(result.rest).toString("latin1");
    return { header: result.header, body: rest + pieces.slice(index + 1).join("") };
  }
  throw reader.end();
}

function fieldsOf(output: string): readonly (readonly [string, string])[] {
  return parse(output).header.fields;
}

function refuses(output: string, message: RegExp): void {
  const expected = { code: "ERR_CGI_BAD_HEADER", status: 502, message };
  assert.throws(() => feed([output]), expected, JSON.stringify(output));
  assert.throws(() => feed(output.split("")), expected, JSON.stringify(output));
}

describe("ScriptHeaderReader", () => {
  it("reads fields in their order and spelling, and leaves the body alone", () => {
    const { header, body } = parse(
      "Content-type: text/html\nX-a:1\nSet-Cookie: a=1\nSet-Cookie: b=2\n\n\nbody\r\n\0",
    );
    assert.deepEqual(header, {
      status: undefined,
      location: undefined,
      contentType: "text/html",
      contentLength: undefined,
      fields: [
        ["Content-type", "text/html"],
        ["X-a", "1"],
        ["Set-Cookie", "a=1"],
        ["Set-Cookie", "b=2"],
      ],
    });
    assert.equal(body, "\nbody\r\n\0");
  });

  it("takes LF, CRLF and both mixed (RFC 3875 §7.2)", () => {
    for (const output of [
      "Status: 200\nA: b\n\nx",
      "Status: 200\r\nA: b\r\n\r\nx",
      "Status: 200\r\nA: b\n\r\nx",
      "Status: 200\nA: b\r\n\nx",
    ]) {
      const { header, body } = parse(output);
      assert.deepEqual(header.fields, [["A", "b"]]);
      assert.equal(body, "x");
    }
  });

  it("finds Status at any place, with and without a reason", () => {
    assert.deepEqual(parse("Content-Type: a/b\nSTATUS:404\n\n").header.status, {
      code: 404,
      reason: undefined,
    });
    assert.deepEqual(parse("Status: 404 Not  here\n\n").header.status, { code: 404, reason: "Not  here" });
    assert.deepEqual(parse("Status: 599 x\n\n").header.status, { code: 599, reason: "x" });
  });

  it("takes a first line of HTTP for Status, as CGI.pm and git's tests print it", () => {
    const { header } = parse("HTTP/1.0 401 Who are you\r\nServer: x\r\nWWW-Authenticate: Basic\r\n\r\n");
    assert.deepEqual(header.status, { code: 401, reason: "Who are you" });
    assert.deepEqual(header.fields, [["WWW-Authenticate", "Basic"]]);
    assert.deepEqual(parse("HTTP/1.1 200 OK\nStatus: 200\nContent-Type: a/b\n\n").header.status?.code, 200);
  });

  it("passes over the first line of Python's cgitb", () => {
    assert.equal(parse("<!--: spam\nContent-Type: text/html\n\n<body> -->").header.contentType, "text/html");
    refuses("Content-Type: a/b\n<!--: spam\n\n", /no 'Name: value'/);
  });

  it("refuses every status but 102 to 599", () => {
    for (const status of [
      "abc",
      "99",
      "100",
      "101",
      "600",
      "999",
      "1000",
      "-1",
      "",
      "20",
      "2000",
      "200OK",
      "+200",
    ]) {
      refuses(`Status: ${status}\nContent-Type: a/b\n\n`, /status/);
    }
  });

  it("refuses two different fields where one is allowed, and takes the same one twice", () => {
    refuses("Status: 200\nStatus: 404\n\n", /two different Status/);
    refuses("Content-Type: a/b\ncontent-type: a/c\n\n", /two different content-type/);
    refuses("Location: /a\nLocation: /b\n\n", /two different Location/);
    refuses("Content-Type: a/b\nContent-Length: 5\nContent-Length: 6\n\n", /two different Content-Length/);
    assert.deepEqual(fieldsOf("Content-Type: a/b\nContent-Type: a/b\nStatus: 200\nStatus: 200 OK\n\n"), [
      ["Content-Type", "a/b"],
    ]);
  });

  it("keeps the connection's and the server's fields from the script", () => {
    const dropped = [
      "Connection",
      "Keep-Alive",
      "Upgrade",
      "TE",
      "Trailer",
      "Proxy-Connection",
      "X-CGI-Thing",
      "Date",
      "server",
    ];
    const output = dropped.map((name) => `${name}: x\n`).join("");
    assert.deepEqual(fieldsOf(`Content-Type: a/b\n${output}\n`), [["Content-Type", "a/b"]]);
  });

  it("refuses Transfer-Encoding and a Content-Length that is no number (CVE-2024-24795)", () => {
    refuses("Content-Type: a/b\nTransfer-Encoding: chunked\n\n", /Transfer-Encoding/);
    for (const length of ["abc", "+5", "-1", "5, 5", "0x10", "", "5.0", "99999999999999999999"]) {
      refuses(`Content-Type: a/b\nContent-Length: ${length}\n\n`, /Content-Length/);
    }
    assert.equal(parse("Content-Type: a/b\nContent-Length: 05\n\n").header.contentLength, 5);
  });

  it("refuses lines that could split a response", () => {
    refuses("Content-Type: a/b\n X: y\n\n", /white space/);
    refuses("Content-Type: a/b\n\tX: y\n\n", /white space/);
    refuses("Content-Type: a/b\rSet-Cookie: x\n\n", /control character/);
    refuses("Content-Type: a\0b\n\n", /control character/);
    refuses("Status: 200 O\rK\n\n", /control character|status/);
    for (const line of [
      "Status : 200",
      "A B: c",
      "A(: c",
      ": c",
      "no field",
      "é: c",
      "Traceback (most recent call last):",
    ]) {
      refuses(`Content-Type: a/b\n${line}\n\n`, /no 'Name: value'/);
    }
  });

  it("complains at the first bad line, without waiting for the end", () => {
    const reader = new ScriptHeaderReader();
    assert.throws(() => reader.push(Buffer.from("Hello, world!\n")), { code: "ERR_CGI_BAD_HEADER" });
  });

  it("names a byte order mark", () => {
    refuses("\xef\xbb\xbfContent-Type: a/b\n\n", /byte order mark/);
  });

  it("passes bytes above ASCII in values", () => {
    assert.deepEqual(fieldsOf("Status: 200\nX-Name: caf\xc3\xa9\n\n"), [["X-Name", "caf\xc3\xa9"]]);
  });

  it("needs one of the three fields that make it a CGI header (RFC 3875 §6.3)", () => {
    refuses("\nbody", /none of Content-Type, Status and Location/);
    refuses("X-A: b\n\nbody", /none of Content-Type, Status and Location: 'X-A'/);
  });

  it("tells a script that printed nothing from one that stopped too early", () => {
    assert.throws(() => feed([]), { code: "ERR_CGI_NO_HEADER", status: 502, message: /printed nothing/ });
    assert.throws(() => feed(["Content-Type: a/b\n"]), { code: "ERR_CGI_NO_HEADER", message: /blank line/ });
    assert.throws(() => feed(["Content-Type: a/b\n\r"]), { code: "ERR_CGI_NO_HEADER" });
  });

  it("holds the limit to the byte", () => {
    const output = Buffer.from("Content-Type: a/b\n\n");
    assert.notEqual(new ScriptHeaderReader(output.length).push(output), undefined);
    const tooLarge = { code: "ERR_CGI_HEADER_TOO_LARGE", status: 502 };
    assert.throws(() => new ScriptHeaderReader(output.length - 1).push(output), tooLarge);
    assert.throws(() => new ScriptHeaderReader().push(Buffer.alloc(70_000, "a")), tooLarge);
  });

  it("writes the script's text into its errors in one visible line", () => {
    refuses("a\x1b[31m\n\n", /'a\\x1b\[31m'/);
  });

  it("gives only values that fit on a field line, or an error of its own, for any bytes at all", () => {
    const line = fc.string({ unit: "binary-ascii", maxLength: 12 }).map((text) => `${text}\n`);
    const field = fc.constantFrom(
      "Status: 200\n",
      "Content-Type: a/b\r\n",
      "X: y\n",
      "Location: /\n",
      "\n",
      "\r\n",
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(field, line), { maxLength: 8 }), (lines) => {
        const output = lines.join("");
        try {
          for (const [name, value] of feed([output]).header.fields) {
            assert.match(name, /^[!-~]+$/);
            assert.doesNotMatch(value, /[\r\n\0]/);
          }
        } catch (error) {
          assert.match(String((error as { code?: string }).code), /^ERR_CGI_(BAD|NO)_HEADER$/);
        }
      }),
    );
  });
});
