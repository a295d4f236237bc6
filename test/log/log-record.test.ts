import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { LogRecord, visibleMessage } from "../../src/log/log-record.ts";

describe("visibleMessage", () => {
  it("shows each further line of a record in a line of its own, indented", () => {
    const record = new LogRecord("it failed", ["cause    this", "remedy   that"]);
    assert.equal(
      visibleMessage("response cut: %s", [record]),
      "response cut: it failed\n    cause    this\n    remedy   that",
    );
    assert.equal(String(record), "it failed\ncause    this\nremedy   that");
  });

  it("lets no line of a record, and no other argument, make a line of its own", () => {
    const record = new LogRecord("a\nforged", ["b\r\n127.0.0.1 - - forged", "\u001b[2J"]);
    assert.equal(
      visibleMessage("%s", [record]),
      "a\\x0aforged\n    b\\x0d\\x0a127.0.0.1 - - forged\n    \\x1b[2J",
    );
    assert.equal(visibleMessage("%s", ["a\nb"]), "a\\x0ab");
  });
});
