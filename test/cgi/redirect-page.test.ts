// The page of a client redirect (RFC 3875 §6.2.3), whose link a script may have been sent by somebody else.

import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { startSite } from "./running-site.ts";

describe("the page of a client redirect (RFC 3875 §6.2.3)", { skip: process.platform === "win32" }, () => {
  it("runs nothing, wherever its link leads, and holds no markup of it", async (context) => {
    const site = await startSite(context);
    site.script("go", '#!/bin/sh\nprintf "Location: $QUERY_STRING\\n\\n"\n');
    for (const target of ["javascript:alert(1)", "data:text/html,x", 'https://a/"><script>']) {
      const answer = await site.exchange(
        `GET /cgi-bin/go?${target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`,
      );
      assert.match(answer, /^HTTP\/1\.1 302 /);
      assert.match(answer, /\r\nContent-Security-Policy: default-src 'none'\r\n/);
      assert.match(answer, /\r\nContent-Type: text\/html;charset=utf-8\r\n/);
      assert.doesNotMatch(answer.slice(answer.indexOf("\r\n\r\n")), /<script/);
    }
  });
});
