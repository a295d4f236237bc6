// One table says what there is to know about each option; what has to agree with it is held here.

import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { describe, it } from "node:test";
import { CGIHTTPRequestHandler } from "../../src/cgi/cgi-http-request-handler.ts";
import { OPTION_NAMES, OPTION_RULES, type OptionName } from "../../src/cli/option-rules.ts";
import { OPTION_TABLE } from "../../src/cli/option-table.ts";
import { Connection } from "../../src/server/connection.ts";
import { TCPServer } from "../../src/server/tcp-server.ts";

/** Said by a word without a name, or by programs alone. */
const WITHOUT_ROW = new Set<OptionName>(["port", "banner", "handlerClass"]);

/** Fields whose names come from Python's `http.server`. */
const OTHER_NAMES: Partial<Record<OptionName, string>> = {
  protocol: "protocolVersion",
  headers: "extraResponseHeaders",
};

const handler = new CGIHTTPRequestHandler(
  new Connection(new PassThrough()),
  ["127.0.0.1", 1],
  new TCPServer(["127.0.0.1", 0], CGIHTTPRequestHandler),
);

describe("every option of serve()", () => {
  for (const name of OPTION_NAMES) {
    const rule = OPTION_RULES[name];

    it(`${name}: has a row in the table of the command line, unless only programs need it`, () => {
      const rows = OPTION_TABLE.filter((row) => "member" in row && row.member === name);
      assert.equal(rows.length > 0, !WITHOUT_ROW.has(name));
    });

    if (rule.rung === "server" || rule.field === undefined) continue;
    const { field } = rule;

    it(`${name}: sets the field of the same name, and is on by default where that is`, () => {
      assert.equal(field, OTHER_NAMES[name] ?? name);
      assert.ok(Object.hasOwn(handler, field));
      assert.equal(rule.isOnByDefault === true, Reflect.get(handler, field) === true);
    });
  }
});
