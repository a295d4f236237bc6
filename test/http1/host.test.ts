import assert from "node:assert/strict";
import { describe, it } from "node:test";

import fc from "fast-check";

import { isHost, parseHost } from "../../src/http1/host.ts";
import { textOf } from "../text/text-of.ts";

const VALID: [value: string, name: string, port: string][] = [
  ["a:0000080", "a", "0000080"],
  ["localhost", "localhost", ""],
  ["localhost:8000", "localhost", "8000"],
  ["EXAMPLE.org.", "EXAMPLE.org.", ""],
  ["127.0.0.1:80", "127.0.0.1", "80"],
  ["[::1]", "[::1]", ""],
  ["[::1]:65535", "[::1]", "65535"],
  ["[::ffff:127.0.0.1]:1", "[::ffff:127.0.0.1]", "1"],
  ["[::]", "[::]", ""],
  ["[1:2:3:4:5:6:7:8]", "[1:2:3:4:5:6:7:8]", ""],
  ["[1:2:3:4:5:6:255.249.199.99]", "[1:2:3:4:5:6:255.249.199.99]", ""],
  ["[1:2:3:4:5:6:7::]", "[1:2:3:4:5:6:7::]", ""],
  ["[::2:3:4:5:6:7:8]", "[::2:3:4:5:6:7:8]", ""],
  ["[v1.a:b]", "[v1.a:b]", ""],
  ["a:", "a", ""],
  ["a:0", "a", "0"],
  ["a:00080", "a", "00080"],
  ["", "", ""],
  [":80", "", "80"],
  ["a_b-c~d", "a_b-c~d", ""],
  ["a%2Fb", "a%2Fb", ""],
  ["!$&'()*+,;=", "!$&'()*+,;=", ""],
];

const INVALID = [
  "a b",
  " a",
  "a ",
  "a\t",
  "a/",
  "/",
  "a?",
  "a#",
  "u@a",
  "@",
  "a\\",
  "<a>",
  "a|b",
  "a^b",
  "`a`",
  "{a}",
  '"a"',
  "a\0",

  "a:b",
  "a:1:2",
  "::1",
  "a:-1",
  "a:+1",
  "a:0x1",
  "a:65536",
  "a:99999",
  "a:123456",
  "a: 1",
  "a:1 ",
  "a:8_0",

  "[::1",
  "::1]",
  "[]",
  "[]:1",
  "[g::1]",
  "[:]",
  "[:::]",
  "[::::]",
  "[1]",
  "[1:2:3:4:5:6:7]",
  "[1:2:3:4:5:6:7:8:9]",
  "[1:2:3:4:5:6:7:8::]",
  "[1::2::3]",
  "[:1::2]",
  "[1::2:]",
  "[12345::]",
  "[::1.2.3]",
  "[::1.2.3.]",
  "[::1.2.3.256]",
  "[::01.2.3.4]",
  "[1.2.3.4::]",
  "[1.2.3.4]",
  "[1:2:3:4:5:6:7:1.2.3.4]",
  "[v.a]",
  "[v1.]",
  "[v1]",
  "[::1]a",
  "[::1]1",
  "a[::1]",
  "[[::1]]",
  "[::1%25eth0]",
  "[::1]:x",
  "a%",
  "a%2",
  "a%zz",
  "%",
  "\xe4",
  "a\x80",
  "a\r",
  "a\n",
  "\n",
  "a\nb",
  "http://a",
  "a\x7f",
];

describe("parseHost (RFC 9110 §7.2, RFC 3986 §3.2.2)", () => {
  for (const [value, name, port] of VALID) {
    it(`reads "${value}" as host "${name}" and port "${port}"`, () => {
      assert.deepEqual(parseHost(value), { name, port });
    });
  }

  for (const value of INVALID) {
    it(`refuses ${JSON.stringify(value)}`, () => {
      assert.equal(parseHost(value), undefined);
    });
  }

  it("puts together again what it takes apart", () => {
    const name = textOf("abcXYZ019-._~!$&'()*+,;=");
    fc.assert(
      fc.property(name, fc.nat(65_535), (name, port) => {
        assert.deepEqual(parseHost(`${name}:${port}`), { name, port: String(port) });
      }),
    );
  });

  it("refuses long nonsense without trouble", () => {
    assert.equal(parseHost(`${"a%41".repeat(16_000)} `), undefined);
    assert.equal(parseHost(`[${":".repeat(60_000)}`), undefined);
  });
});

describe("isHost", () => {
  it("says of each value what parseHost says, whatever was asked before", () => {
    const value = fc.constantFrom(...VALID.map(([text]) => text), ...INVALID);
    fc.assert(
      fc.property(fc.array(value), (values) => {
        for (const text of values) assert.equal(isHost(text), parseHost(text) !== undefined, text);
      }),
    );
  });
});
