// The defaults that docstrings name against those that the code has.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Duplex } from "node:stream";
import { describe, it } from "node:test";
import * as htbin from "htbin";
import { defaultCGILimits } from "../src/cgi/limits.ts";
import { DEFAULT_PORT } from "../src/cli/serve-options.ts";

const root = join(import.meta.dirname, "..", "..");

/** The members of an interface with an `@default`, and what it says. */
function documentedDefaults(path: string): Map<string, string> {
  const code = readFileSync(join(root, path), "utf8");
  const found = code.matchAll(/@default (.+)\n\s+\*\/\n\s+readonly (\w+)\??:/g);
  return new Map(Array.from(found, ([, value, member]) => [member!, value!]));
}

const UNITS: Readonly<Record<string, number>> = {
  seconds: 1000,
  minutes: 60_000,
  milliseconds: 1,
  KiB: 1024,
};

/** `["/cgi-bin"]`, `15 seconds`, `67108864 (64 MiB)`, `{}, because …` as a value. */
function valueOf(text: string): unknown {
  if (text === "Infinity") return Infinity;
  const [, number, unit] = /^(\d+) ?(\w+)?/.exec(text) ?? [];
  if (number !== undefined) return Number(number) * (UNITS[unit ?? ""] ?? 1);
  return JSON.parse(text.replace(/,? (?:because|\().*$/, ""));
}

describe("the defaults in docstrings", () => {
  it("of CGILimits are those of defaultCGILimits, each of them", () => {
    const documented = [...documentedDefaults("src/cgi/limits.ts")].map(([name, text]) => [
      name,
      valueOf(text),
    ]);
    assert.deepEqual(Object.fromEntries(documented), { ...defaultCGILimits });
  });

  it("of ServeOptions are those of the class that it makes", () => {
    const server = new htbin.ThreadingHTTPServer(["127.0.0.1", 0], htbin.CGIHTTPRequestHandler);
    const handler = new htbin.CGIHTTPRequestHandler(
      new htbin.Connection(new Duplex()),
      ["127.0.0.1", 1],
      server,
    );
    const actual: Readonly<Record<string, unknown>> = {
      ...Object.fromEntries(Object.entries(handler)),
      port: DEFAULT_PORT,
      protocol: handler.protocolVersion,
      contentType: handler.extensionsMap[""],
      headers: handler.extraResponseHeaders,
    };
    // Said in words, of no field, or of what `serve()` alone does.
    const others = /^(?:bind|directory|cgi|cgiUser|cgiLimits|limits|base|banner|quiet|open|qr|handlerClass)$/;
    const documented = documentedDefaults("src/cli/serve-options.ts");
    assert.ok(documented.size > 30, "the options are not documented as this test expects");
    for (const [member, text] of documented) {
      if (!others.test(member)) assert.deepEqual(valueOf(text), actual[member], `${member}: ${text}`);
    }
  });
});
