import { describe, it } from "node:test";
import assert from "node:assert/strict";

import type { Reading } from "../../soak/reading.ts";
import { renderResult } from "../../soak/report.ts";
import { BUFFER_TOLERANCE, compare, describeGrowth, hasGrown, HEAP_TOLERANCE } from "../../soak/verdict.ts";

const BEFORE: Reading = { files: 20, processes: 0, resources: 2, heap: 2 ** 23, buffers: 2 ** 21 };

function grown(after: Partial<Reading>, before: Partial<Reading> = {}): string[] {
  return compare({ ...BEFORE, ...before }, { ...BEFORE, ...after })
    .filter(hasGrown)
    .map(describeGrowth);
}

describe("the verdict", () => {
  it("lets nothing grow that can be counted, and memory only within its tolerance", () => {
    assert.deepEqual(grown({}), []);
    assert.deepEqual(grown({ files: 19, heap: 1 }), []);
    assert.deepEqual(
      grown({ heap: BEFORE.heap + HEAP_TOLERANCE, buffers: BEFORE.buffers + BUFFER_TOLERANCE }),
      [],
    );
    assert.deepEqual(grown({ files: 21 }), ["open files grew from 20 to 21"]);
    assert.deepEqual(grown({ processes: 1 }), ["processes grew from 0 to 1"]);
    assert.equal(grown({ resources: 3 }).length, 1);
    assert.deepEqual(grown({ heap: BEFORE.heap + 2 ** 22 }), ["heap after gc grew from 8.0 MiB to 12.0 MiB"]);
    assert.equal(grown({ buffers: BEFORE.buffers + 2 ** 23 }).length, 1);
  });

  it("says what it could not look at, and fails nobody for it", () => {
    const unknown = { files: undefined, processes: undefined };
    assert.deepEqual(grown(unknown, unknown), []);
    const text = renderResult({
      title: "a server",
      requests: 10,
      broken: 5,
      connections: 8,
      seconds: 2,
      logLines: 10,
      measures: compare({ ...BEFORE, ...unknown }, { ...BEFORE, ...unknown, heap: 2 ** 25 }),
      problems: ["heap after gc grew"],
    });
    assert.match(text, /open files +not looked at +not looked at/);
    assert.match(text, /heap after gc +8\.0 MiB +32\.0 MiB +3\.0 MiB +GROWN/);
    assert.match(text, /FAILED: heap after gc grew/);
    assert.match(text, /10 requests, 5 of them broken off/);
  });
});
