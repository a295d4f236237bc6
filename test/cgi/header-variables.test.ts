import assert from "node:assert/strict";
import { describe, it } from "node:test";

import fc from "fast-check";

import { headerVariables as addedVariables, textOfBytes } from "../../src/cgi/header-variables.ts";

const headerVariables = (...words: Parameters<typeof addedVariables>): Record<string, string> =>
  Object.fromEntries(addedVariables(...words));

describe("headerVariables", () => {
  it("passes every ordinary field, also those that only one program knows", () => {
    assert.deepEqual(
      headerVariables([
        ["Host", "example.com"],
        ["git-protocol", "version=2"],
        ["Content-Encoding", "gzip"],
        ["If-None-Match", '"a"'],
        ["X-Empty", ""],
      ]),
      {
        HTTP_HOST: "example.com",
        HTTP_GIT_PROTOCOL: "version=2",
        HTTP_CONTENT_ENCODING: "gzip",
        HTTP_IF_NONE_MATCH: '"a"',
        HTTP_X_EMPTY: "",
      },
    );
  });

  it("joins repeated fields in their order: lists by a comma, cookies by a semicolon", () => {
    assert.deepEqual(
      headerVariables([
        ["Accept", "text/html"],
        ["Cookie", "a=1"],
        ["accept", "*/*"],
        ["COOKIE", "b=2"],
      ]),
      { HTTP_ACCEPT: "text/html, */*", HTTP_COOKIE: "a=1; b=2" },
    );
  });

  it("withholds what would be taken for something else, and what is secret", () => {
    const names = [
      "Proxy",
      "PROXY",
      "Redirect-Status",
      "Authorization",
      "Proxy-Authorization",
      "Content-Length",
    ];
    const more = [
      "Content-Type",
      "Connection",
      "Keep-Alive",
      "TE",
      "Trailer",
      "Transfer-Encoding",
      "Upgrade",
      "Expect",
    ];
    for (const name of [...names, ...more]) assert.deepEqual(headerVariables([[name, "x"]]), {}, name);
  });

  it("does not mistake a field for one whose name it begins", () => {
    assert.deepEqual(
      headerVariables([
        ["C", "5"],
        ["Auth", "x"],
        ["T", "y"],
      ]),
      {
        HTTP_C: "5",
        HTTP_AUTH: "x",
        HTTP_T: "y",
      },
    );
  });

  it("never lets a name with an underscore pass for its twin with a hyphen", () => {
    assert.deepEqual(
      headerVariables([
        ["X_Real_IP", "1"],
        ["X-Real-IP", "2"],
        ["Proxy_", "3"],
        ["a.b", "4"],
      ]),
      {
        HTTP_X_REAL_IP: "2",
      },
    );
  });

  it("makes only names that any shell can read", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.string(), fc.string())), (fields) => {
        for (const name of Object.keys(headerVariables(fields))) assert.match(name, /^HTTP_[A-Z0-9_]+$/);
      }),
    );
  });
});

describe("textOfBytes", () => {
  it("gives back the text whose UTF-8 stood on the wire", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        assert.equal(textOfBytes(Buffer.from(text, "utf8").toString("latin1")), text);
      }),
    );
  });

  it("takes other bytes for Latin-1, and never puts U+FFFD in their place", () => {
    assert.equal(textOfBytes("caf\xe9"), "café");
    assert.equal(textOfBytes("\xff\xfe"), "ÿþ");
  });
});
