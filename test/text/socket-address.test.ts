import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { parseSocketAddress } from "../../src/text/socket-address.ts";

describe("parseSocketAddress", () => {
  it("knows Unix sockets, and hosts with a port", () => {
    assert.deepEqual(parseSocketAddress("unix:/run/php/php8.2-fpm.sock"), {
      path: "/run/php/php8.2-fpm.sock",
    });
    assert.deepEqual(parseSocketAddress("127.0.0.1:9000"), { host: "127.0.0.1", port: 9000 });
    assert.deepEqual(parseSocketAddress("[::1]:9000"), { host: "::1", port: 9000 });
    assert.deepEqual(parseSocketAddress("app.internal:65535"), { host: "app.internal", port: 65_535 });
  });

  it("takes nothing else", () => {
    for (const text of [
      "",
      "unix:",
      "9000",
      ":9000",
      "127.0.0.1",
      "127.0.0.1:0",
      "a:65536",
      "::1:9000",
      "a b:1",
      "http://a:1",
      "unix:/a\0b",
    ]) {
      assert.equal(parseSocketAddress(text), undefined, text);
    }
  });
});
