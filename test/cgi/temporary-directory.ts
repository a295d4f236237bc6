// A directory that a test fills and the end of the test removes; one that the user of scripts can get at.

import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { TestContext } from "node:test";

export function temporaryDirectory(context: Pick<TestContext, "after">): string {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), "htbin-cgi-")));
  chmodSync(directory, 0o755);
  context.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** Writes a file below `directory`, making the directories between. */
export function put(directory: string, name: string, content: string | Uint8Array, mode = 0o644): string {
  const file = join(directory, name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
  chmodSync(file, mode);
  return file;
}

export function putScript(directory: string, name: string, content: string | Uint8Array): string {
  return put(directory, name, content, 0o755);
}
