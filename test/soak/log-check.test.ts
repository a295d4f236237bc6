import { describe, it } from "node:test";
import assert from "node:assert/strict";

import { LogCheck } from "../../soak/log-check.ts";

const LINE = '127.1.0.1 - - [21/Nov/2026 15:00:00] "GET / HTTP/1.1" 200 5\n';

function problems(log: string, least: number, most: number): string[] {
  const check = new LogCheck();
  check.expect("127.1.0.1", { least, most });
  return check.check(log);
}

describe("LogCheck", () => {
  it("is content with as many lines as there should be", () => {
    assert.deepEqual(problems(LINE, 1, 1), []);
    assert.deepEqual(problems("", 0, 1), []);
    assert.deepEqual(problems(LINE + LINE, 0, 2), []);
  });

  it("notices a line too many, one too few, and says which", () => {
    assert.match(problems(LINE + LINE, 0, 1).join("\n"), /logged in 2 lines in place of 0 to 1: .*GET/);
    assert.match(problems("", 1, 1).join("\n"), /logged in 0 lines in place of 1/);
  });

  it("adds up what clients with one address may cause", () => {
    const check = new LogCheck();
    for (let i = 0; i < 3; i++) check.expect("127.1.0.1", { least: 0, most: 1 });
    assert.deepEqual(check.check(LINE.repeat(3)), []);
    assert.equal(check.lines, 3);
  });

  it("notices the stack of an error, and any line of a stranger", () => {
    assert.match(problems("Error: x\n    at y (z.js:1:1)\n", 0, 9).join("\n"), /no log line: {5}at y/);
    assert.match(problems(LINE.replace("127.1.0.1", "127.9.9.9"), 0, 9).join("\n"), /127\.9\.9\.9/);
  });

  it("counts clients without an address in the sum alone", () => {
    const nameless = LINE.replace("127.1.0.1", "-");
    assert.deepEqual(problems(nameless, 0, 1), []);
    assert.match(problems(nameless + nameless, 0, 1).join("\n"), /2 lines, and 1 at most/);
  });
});
