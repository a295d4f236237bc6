import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { describe, it } from "node:test";
import { promisify } from "node:util";

const MODULE = join(import.meta.dirname, "..", "..", "src", "server", "descriptors.js");
const NEEDS_LINUX = process.platform === "linux" ? {} : { skip: "only Linux tells the limit in a file" };

/** What a program prints that may have so many descriptors. */
async function withDescriptors(most: number, program: string): Promise<string> {
  const script = `import * as d from ${JSON.stringify(MODULE)}; import { openSync } from "node:fs"; ${program}`;
  const { stdout } = await promisify(execFile)("sh", [
    "-c",
    `ulimit -n ${most}; exec "$0" --input-type=module -e "$1"`,
    process.execPath,
    script,
  ]);
  return stdout.trim();
}

describe("descriptors of the process", () => {
  it("are as many as the system allows", NEEDS_LINUX, async () => {
    assert.equal(await withDescriptors(77, "console.log(d.mostDescriptors())"), "77");
  });

  it("are exhausted when the last one is taken, and not before", NEEDS_LINUX, async () => {
    const program = `
      const before = d.areDescriptorsExhausted();
      try { for (;;) openSync("/dev/null") } catch {}
      console.log(before, d.areDescriptorsExhausted());`;
    assert.equal(await withDescriptors(64, program), "false true");
  });
});
