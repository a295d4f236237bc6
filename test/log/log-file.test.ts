import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, mkdirSync, readFileSync, renameSync, rmSync, rmdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { after, before, describe, it, type TestContext } from "node:test";

import { LogFile } from "../../src/log/log-file.ts";
import { stderrLog } from "../../src/log/log-sink.ts";

describe("LogFile", () => {
  let folder = "";
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "htbin-log-file-"));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  function read(name: string): string {
    return readFileSync(join(folder, name), "utf8");
  }

  /** What is said on standard error. */
  function said(t: TestContext): string[] {
    const entries: string[] = [];
    t.mock.method(stderrLog, "write", (entry: string) => void entries.push(entry));
    return entries;
  }

  it("is created when it is not there, and appended to when it is", () => {
    for (const line of ["a\n", "b\n"]) {
      const log = new LogFile(relative(process.cwd(), join(folder, "append")));
      assert.equal(log.path, join(folder, "append"));
      log.write(line);
      log.close();
    }
    assert.equal(read("append"), "a\nb\n");
  });

  it("throws when it cannot be opened", () => {
    assert.throws(() => new LogFile(folder), { code: "EISDIR" });
    assert.throws(() => new LogFile(join(folder, "nowhere", "log")), { code: "ENOENT" });
  });

  it("does not wait for somebody who reads a FIFO", (t) => {
    if (process.platform === "win32") return t.skip("Windows has no mkfifo");
    assert.equal(spawnSync("mkfifo", [join(folder, "fifo")]).status, 0);
    assert.throws(() => new LogFile(join(folder, "fifo")), { code: "ENXIO" });
  });

  it("opened anew, has what came before in the old file and what comes after in the new one", (t) => {
    const entries = said(t);
    const log = new LogFile(join(folder, "log"));
    log.write("a\n");
    renameSync(join(folder, "log"), join(folder, "log.1"));
    log.write("b\n");
    log.reopen();
    log.write("c\n");
    log.close();
    assert.equal(read("log.1"), "a\nb\n");
    assert.equal(read("log"), "c\n");
    assert.deepEqual(entries, []);
  });

  it("stays with the old file when it cannot be opened anew, and says so", (t) => {
    const entries = said(t);
    mkdirSync(join(folder, "sub"));
    const log = new LogFile(join(folder, "sub", "log\x1b"));
    log.write("a\n");
    renameSync(join(folder, "sub", "log\x1b"), join(folder, "kept"));
    rmdirSync(join(folder, "sub"));
    log.reopen();
    log.write("b\n");
    log.close();
    assert.equal(read("kept"), "a\nb\n");
    assert.deepEqual(entries, [
      `htbin: cannot reopen the log file ${join(folder, "sub", "log")}\\x1b: ENOENT\n`,
    ]);
  });

  it("says once that there is no room, and goes on", (t) => {
    if (process.platform !== "linux") return t.skip("only Linux has /dev/full");
    const entries = said(t);
    const log = new LogFile("/dev/full");
    for (let i = 0; i < 5; i++) log.write(`${"x".repeat(20_000)}\n`);
    log.close();
    assert.deepEqual(entries, ["htbin: cannot write the log file /dev/full: ENOSPC\n"]);
  });

  it("takes lines that come after its end", () => {
    const log = new LogFile(join(folder, "late"));
    log.write("a\n");
    log.close();
    log.close();
    log.reopen();
    log.write("b\n");
    assert.equal(read("late"), "a\nb\n");
  });

  it("loses nothing at the end of the program, at process.exit() and at an uncaught error", () => {
    const module = new URL("../../src/log/log-file.js", import.meta.url).href;
    for (const end of ["", "process.exit(0)", "throw new Error('oops')", "setTimeout(() => nothing())"]) {
      const path = join(folder, "ended");
      rmSync(path, { force: true });
      const source = `import { LogFile } from ${JSON.stringify(module)};
        const log = new LogFile(${JSON.stringify(path)});
        for (let i = 0; i < 1000; i++) log.write("line " + i + "\\n");
        process.on("exit", () => log.write("last\\n"));
        ${end}`;
      spawnSync(process.execPath, ["--input-type=module", "--eval", source]);
      const lines = read("ended").split("\n");
      assert.deepEqual(
        [lines.length, lines[999], lines[1000], lines[1001]],
        [1002, "line 999", "last", ""],
        end,
      );
    }
  });

  it("leaves no listener behind", () => {
    const before = process.listenerCount("exit");
    for (let i = 0; i < 20; i++) new LogFile(join(folder, "many")).close();
    assert.equal(process.listenerCount("exit"), before);
    assert.ok(existsSync(join(folder, "many")));
  });
});
