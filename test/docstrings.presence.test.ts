// Every public name says what it is when an editor points at it.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";

const root = join(import.meta.dirname, "..", "..");

/** The name of a declaration: `protected readonly x: T;`, `abstract get y(): T`, `export type Z = …`. */
function nameIn(declaration: string): string {
  const words =
    /^\s*(?:(?:export|declare|protected|static|abstract|readonly|get|set|async|const|class|interface|type|function) )*(\w+)/;
  return words.exec(declaration)?.[1] ?? declaration;
}

describe("the docstrings of public names", () => {
  it("are there for all that htbin exports, and for their members; an override has that of the member it overrides", () => {
    const lines = readFileSync(join(root, "etc", "htbin.api.md"), "utf8").split("\n");
    const missing = new Set<string>();
    const said = new Set<string>();
    for (const [index, line] of lines.entries()) {
      const isMarked = lines[index - 1]?.includes("(undocumented)") ?? false;
      if (!/^(?: {4}|export )/.test(line) || line.trim().startsWith("//")) continue;
      (isMarked ? missing : said).add(nameIn(line));
    }
    assert.ok(said.size > 150, String(said.size));
    // What each Error has.
    missing.delete("name");
    assert.deepEqual(
      [...missing].filter((name) => !said.has(name)),
      [],
    );
  });

  it("are there for the functions and options of htbin/cgi and htbin/files", () => {
    const folder = join(root, "src", "embed");
    const bare = readdirSync(folder).flatMap((file) => {
      const lines = readFileSync(join(folder, file), "utf8").split("\n");
      return lines
        .filter(
          (line, index) =>
            /^export (?:function|interface|type \w+ =)/.test(line) &&
            !/^\s*\*\/|^\/\*\*.*\*\/$/.test(lines[index - 1]!),
        )
        .map((line) => `${file}: ${nameIn(line)}`);
    });
    assert.deepEqual(bare, []);
  });
});
