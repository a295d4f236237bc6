import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Trouble } from "../../src/log/trouble.ts";

describe("Trouble", () => {
  it("is said once when it begins and once when it is over, however often it is met", () => {
    const said: string[] = [];
    const trouble = new Trouble(
      (message) => said.push(message),
      (times) => `over after ${times}`,
    );
    trouble.look();
    for (let i = 0; i < 1_000; i++) trouble.note(`met ${i}`);
    trouble.look();
    trouble.note("again");
    trouble.look();
    assert.deepEqual(said, ["met 0"]);
    trouble.look();
    trouble.look();
    assert.deepEqual(said, ["met 0", "over after 1001"]);
    trouble.note("new");
    assert.deepEqual(said, ["met 0", "over after 1001", "new"]);
  });
});
