import { describe, it } from "node:test";
import assert from "node:assert/strict";

import { busyShare, parseCoreList } from "../../bench/cores.ts";

describe("parseCoreList", () => {
  it("reads the kernel's lists", () => {
    assert.deepEqual(parseCoreList("0-3,8\n"), [0, 1, 2, 3, 8]);
    assert.deepEqual(parseCoreList("5"), [5]);
    assert.deepEqual(parseCoreList(""), []);
  });
});

describe("busyShare", () => {
  it("is what was not idle between two readings", () => {
    assert.equal(busyShare({ busy: 100, total: 1000 }, { busy: 175, total: 1100 }), 0.75);
  });

  it("is unknown where the system does not tell, or no time has passed", () => {
    assert.equal(busyShare(undefined, { busy: 1, total: 2 }), undefined);
    assert.equal(busyShare({ busy: 1, total: 2 }, { busy: 1, total: 2 }), undefined);
  });
});
