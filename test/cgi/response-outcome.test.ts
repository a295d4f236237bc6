import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { decideOutcome, type ScriptOutcome } from "../../src/cgi/response-outcome.ts";
import { ScriptHeaderReader } from "../../src/cgi/script-header.ts";

function outcome(...lines: string[]): ScriptOutcome {
  const result = new ScriptHeaderReader().push(Buffer.from(`${lines.join("\n")}\n\n`));
  assert.ok(result !== undefined);
  return decideOutcome(result.header);
}

describe("decideOutcome", () => {
  it("is a document with status 200 by default", () => {
    assert.deepEqual(outcome("Content-Type: text/plain", "Content-Length: 3"), {
      kind: "document",
      status: 200,
      reason: undefined,
      fields: [["Content-Type", "text/plain"]],
      length: 3,
    });
  });

  it("redirects the client for an absolute Location alone (RFC 3875 §6.2.3)", () => {
    assert.deepEqual(outcome("Location: http://example.com/"), {
      kind: "clientRedirect",
      location: "http://example.com/",
    });
    assert.equal(outcome("Location: other.html").kind, "clientRedirect");
  });

  it("goes on locally for a path alone (RFC 3875 §6.2.2)", () => {
    assert.deepEqual(outcome("Location: /a/b?c=d"), { kind: "localRedirect", target: "/a/b?c=d" });
  });

  it("takes no path that browsers follow to another host: neither as one here, nor for the client", () => {
    for (const location of [
      "//evil.example/x",
      "/\\evil.example",
      "\\\\evil.example",
      "/\t/evil.example",
      "///x",
    ]) {
      assert.throws(() => outcome(`Location: ${location}`), { code: "ERR_CGI_BAD_HEADER" }, location);
    }
    // With a status of its own the redirect is the script's, as PHP makes them.
    const own = outcome("Status: 302 Found", "Location: //cdn.example/x");
    assert.ok(own.kind === "document");
    assert.deepEqual(own.fields[0], ["Location", "//cdn.example/x"]);
  });

  it("leaves out an empty Location where nobody is sent elsewhere: WordPress has it with 201", () => {
    const header = ["Status: 201 Created", "Location: ", "Content-Type: application/json"];
    assert.deepEqual(outcome(...header), {
      kind: "document",
      status: 201,
      reason: "Created",
      fields: [["Content-Type", "application/json"]],
      length: undefined,
    });
  });

  it("takes no empty Location, which browsers follow to the same page without end", () => {
    for (const lines of [["Location:"], ["Status: 303", "Location: "]]) {
      assert.throws(() => outcome(...lines), { code: "ERR_CGI_BAD_HEADER", message: /is empty/ });
    }
  });

  it("leaves to the client what only it can follow", () => {
    for (const location of ["/page#part", "/a\\b", "/a b"]) {
      assert.equal(outcome(`Location: ${location}`).kind, "clientRedirect", location);
    }
  });

  it("is a document once there is any other field", () => {
    const redirect = outcome("Location: /x", "Set-Cookie: a=1");
    assert.equal(redirect.kind === "document" && redirect.status, 302);
    const created = outcome("Status: 201 Created", "Location: /x");
    assert.equal(created.kind === "document" && created.status, 201);
    const moved = outcome("Location: http://x/", "Status: 307");
    assert.equal(moved.kind === "document" && moved.status, 307);
    assert.equal(outcome("Location: /x", "Content-Length: 0").kind, "document");
  });

  it("forbids guessing where a body comes without a type", () => {
    const untyped = outcome("Status: 404 Not Found");
    assert.deepEqual(untyped.kind === "document" && untyped.fields, [["X-Content-Type-Options", "nosniff"]]);
    const bodiless = outcome("Status: 304");
    assert.deepEqual(bodiless.kind === "document" && bodiless.fields, []);
  });
});
