import { describe, it } from "node:test";
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { escapeInput, readFixture } from "../../fuzz/fixture.ts";

describe("a file with an input", () => {
  async function read(content: string): Promise<ReturnType<typeof readFixture>> {
    const folder = await mkdtemp(join(tmpdir(), "htbin-fixture-"));
    const path = join(folder, "a.txt");
    try {
      await writeFile(path, content);
      return readFixture(path, "a.txt");
    } finally {
      await rm(folder, { recursive: true });
    }
  }

  it("keeps every byte", async () => {
    const text = `#a \r\n \n#b\t\\x00 \\${String.fromCharCode(...Array.from({ length: 256 }, (_, i) => i))}\n`;
    assert.equal((await read(`${escapeInput(text)}\n`)).text, text);
  });

  it("begins with remarks, two of which have a meaning", async () => {
    const fixture = await read("# Why.\n# known: one Host\n# htbin: refused\nGET /\\r\n\\n\n");
    assert.deepEqual(fixture, { name: "a.txt", known: "one Host", expected: "refused", text: "GET /\r\n" });
  });

  it("is refused for an escape that is none", async () => {
    await assert.rejects(read("GET /\\q\n"), { message: 'a.txt: there is no escape "\\q"' });
  });
});
