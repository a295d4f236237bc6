import { describe, it, before, after } from "node:test";
import assert from "node:assert/strict";
import { cp, mkdtemp, readFile, readdir, rm, stat, unlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative, sep } from "node:path";
import { isOffline, startProgram, urlOf } from "./running-program.ts";

const root = join(import.meta.dirname, "..", "..");
const made = new Set([".git", "node_modules", "dist", "build", "coverage"]);

describe("npm start", () => {
  let clone = "";
  let offline = false;

  before(async () => {
    clone = await mkdtemp(join(tmpdir(), "htbin-clone-"));
    // What a clone has: everything but what is made from it.
    await cp(root, clone, {
      recursive: true,
      filter: (path) => !made.has(relative(root, path).split(sep)[0]!),
    });
  });
  after(() => rm(clone, { recursive: true, force: true }));

  it("installs, builds and serves the folder one stands in, with nothing before htbin's first line", async (t) => {
    await using program = await startProgram(
      "npm",
      ["start", "--silent", "--", "0", "--bind", "127.0.0.1"],
      join(clone, "scripts"),
    );
    offline = isOffline(program.stderr()) && program.firstLine === "";
    if (offline) return t.skip("the npm registry cannot be reached");
    assert.match(program.stderr(), /installing[^]*building dist/);
    const response = await fetch(new URL("start.js", urlOf(program)));
    assert.equal(response.status, 200);
    assert.equal(await response.text(), await readFile(join(clone, "scripts", "start.js"), "utf8"));
  });

  it("neither installs nor builds on the second start, and ends with htbin's own exit code", async (t) => {
    if (offline) return t.skip("the npm registry cannot be reached");
    const before = await timesBelow(join(clone, "dist"));
    await using program = await startProgram(
      process.execPath,
      ["scripts/start.js", "0", "--bind", "127.0.0.1"],
      clone,
    );
    urlOf(program);
    assert.doesNotMatch(program.stderr(), /installing|building/);
    assert.deepEqual(await timesBelow(join(clone, "dist")), before);
    assert.equal(await program.stop(), 0);
  });

  it("builds again after a source was changed, and forgets what was built from a deleted one", async (t) => {
    if (offline) return t.skip("the npm registry cannot be reached");
    const source = join(clone, "src", "passing.ts");
    await writeFile(source, "export const passing = true;\n");
    await start(/building dist/);
    assert.ok((await timesBelow(join(clone, "dist"))).has("passing.js"));
    await unlink(source);
    await start(/building dist/);
    assert.ok(!(await timesBelow(join(clone, "dist"))).has("passing.js"));

    async function start(said: RegExp): Promise<void> {
      await using program = await startProgram(process.execPath, ["scripts/start.js", "0"], clone);
      urlOf(program);
      assert.match(program.stderr(), said);
    }
  });
});

/** Every file below a folder, with the moment of its last change. */
async function timesBelow(folder: string): Promise<Map<string, number>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const times = new Map<string, number>();
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    times.set(relative(folder, path), (await stat(path)).mtimeMs);
  }
  return times;
}
