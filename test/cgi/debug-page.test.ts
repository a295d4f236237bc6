import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { isLocalClient } from "../../src/cgi/debug-page.ts";
import { HTTPMessage } from "../../src/http1/http-message.ts";

describe("isLocalClient", () => {
  it("is for the loopback addresses of both families, as the system gives them", () => {
    for (const address of ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"]) {
      assert.ok(isLocalClient(address, new HTTPMessage()), address);
    }
  });

  it("is for nobody else: not for other addresses, a Unix socket, or what comes through a proxy", () => {
    for (const address of [
      undefined,
      "",
      "10.0.0.1",
      "128.0.0.1",
      "::ffff:10.0.0.1",
      "::2",
      "fe80::1",
      "1.127.0.0.1",
    ]) {
      assert.ok(!isLocalClient(address, new HTTPMessage()), address);
    }
    for (const host of [
      "localhost:8000",
      "127.0.0.1",
      "[::1]:80",
      "mybox",
      "app.localhost",
      "printer.local",
      "",
    ]) {
      assert.ok(isLocalClient("::1", new HTTPMessage(["Host", host])), host);
    }
    // A site whose name leads to this machine for a moment could read the page (DNS rebinding).
    for (const host of ["evil.com", "localhost.evil.com:8000", "127.0.0.1.evil.com", "a b"]) {
      assert.ok(!isLocalClient("::1", new HTTPMessage(["Host", host])), host);
    }
    for (const name of ["X-Forwarded-For", "Forwarded", "Via", "X-Real-Ip", "X-Forwarded-Host"]) {
      assert.ok(!isLocalClient("127.0.0.1", new HTTPMessage([name, "x"])), name);
    }
  });
});
