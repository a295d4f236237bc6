import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isPreflight, preflightFields } from "../../src/files/cross-origin.ts";
import { HTTPMessage } from "../../src/http1/http-message.ts";

describe("isPreflight (Fetch §3.3.2)", () => {
  const headers = new HTTPMessage(["Origin", "https://a.example", "Access-Control-Request-Method", "GET"]);

  it("is OPTIONS with an origin and a method; another OPTIONS is one of HTTP itself", () => {
    assert.ok(isPreflight("OPTIONS", headers));
    assert.ok(!isPreflight("GET", headers));
    assert.ok(!isPreflight("OPTIONS", new HTTPMessage(["Origin", "https://a.example"])));
    assert.ok(!isPreflight("OPTIONS", new HTTPMessage(["Access-Control-Request-Method", "GET"])));
  });
});

describe("preflightFields", () => {
  it("allows what is asked for and nothing that is not", () => {
    assert.deepEqual(preflightFields(new HTTPMessage(["Access-Control-Request-Method", "PUT"])), [
      ["Access-Control-Allow-Methods", "PUT"],
      ["Access-Control-Max-Age", "86400"],
    ]);
  });
});
