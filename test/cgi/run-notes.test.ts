import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { RunNotes } from "../../src/cgi/run-notes.ts";

describe("RunNotes", () => {
  it("knows no run where only the program ran that was to start the script", () => {
    const notes = new RunNotes();
    notes.started();
    notes.ended({ code: 127, signal: null });
    assert.equal(notes.exit?.code, 127);
    notes.refused();
    assert.deepEqual([notes.duration, notes.exit], [undefined, undefined]);
  });
});
