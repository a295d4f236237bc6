import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { ScriptHeadsReader } from "../../src/cgi/script-heads.ts";

/** What the heads say, and what is behind them; `size` bytes are read at a time. */
function headsOf(output: string, size: number): string[] {
  const reader = new ScriptHeadsReader(1000);
  const bytes = Buffer.from(output, "latin1");
  for (let at = 0, said: string[] = []; ; at += size) {
    for (const head of reader.read(bytes.subarray(at, at + size))) {
      if (head.kind === "final") {
        const rest = Buffer.from(head.rest).toString("latin1") + output.slice(at + size);
        return [...said, `final ${head.header.status?.code ?? 200}`, rest];
      }
      said.push(`interim ${head.document.status}`);
    }
    if (at >= bytes.length) return said;
  }
}

describe("the heads of a script", () => {
  const output =
    "Status: 103\nLink: </a>\n\nStatus: 102\n\nStatus: 201\nContent-Type: a/b\n\nbody\n\nStatus: 103\n\n";

  it("those below 200 come before that of the answer, whole and byte by byte (RFC 9110 §15.2)", () => {
    for (const size of [1, 7, output.length]) {
      assert.deepEqual(headsOf(output, size), [
        "interim 103",
        "interim 102",
        "final 201",
        "body\n\nStatus: 103\n\n",
      ]);
    }
  });

  it("without the blank line at its end there is none", () => {
    const reader = new ScriptHeadsReader(1000);
    assert.deepEqual([...reader.read(Buffer.from("Status: 103\n\nContent-Type: a/b\n"))].length, 1);
    assert.equal(reader.end().code, "ERR_CGI_NO_HEADER");
  });

  it("a hundred interim ones are read, and no more: a script could send them without end", () => {
    const interim = "Status: 103\n\n";
    assert.equal(headsOf(interim.repeat(100), 10).length, 100);
    assert.throws(() => headsOf(interim.repeat(101), 10), { code: "ERR_CGI_BAD_HEADER" });
  });
});
