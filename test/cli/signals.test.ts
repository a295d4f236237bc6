import { describe, it } from "node:test";
import assert from "node:assert/strict";

import { decideSignal, isUnderNohup } from "../../src/cli/signals.ts";

describe("decideSignal", () => {
  it("stops on the first signal", () => {
    assert.equal(decideSignal(undefined, { signal: "SIGINT", at: 5 }), "stop");
    assert.equal(decideSignal(undefined, { signal: "SIGTERM", at: 5 }), "stop");
  });

  it("exits at once on a second one, of either kind", () => {
    const first = { signal: "SIGINT", at: 1000 } as const;
    assert.equal(decideSignal(first, { signal: "SIGINT", at: 1050 }), "exit");
    assert.equal(decideSignal(first, { signal: "SIGTERM", at: 1001 }), "exit");
  });

  it("takes the same signal within 50 ms for the same key press, passed on by npm", () => {
    assert.equal(decideSignal({ signal: "SIGINT", at: 1000 }, { signal: "SIGINT", at: 1049 }), "ignore");
  });
});

describe("isUnderNohup", () => {
  it("knows the program that the shell has started", () => {
    assert.ok(isUnderNohup({ _: "/usr/bin/nohup" }));
    assert.ok(isUnderNohup({ _: "nohup" }));
    for (const env of [
      {},
      { _: "" },
      { _: "/usr/bin/node" },
      { _: "/opt/nohup/bin/htbin" },
      { _: "/bin/mynohup" },
    ])
      assert.equal(isUnderNohup(env), false);
  });
});
