// docs/errors.md against the sources: no error is missing, and none is made up.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";

import { VERDICTS } from "../src/cgi/verdict.ts";
import { CGIError, type CGIErrorCode } from "../src/errors.ts";

const root = join(import.meta.dirname, "..", "..");
const text = readFileSync(join(root, "docs/errors.md"), "utf8");

/** The rows of the table below a heading, by what stands in their first cell. */
function rows(heading: string): Map<string, readonly string[]> {
  const [, after] = text.split(`\n## ${heading}\n`);
  assert.ok(after !== undefined, heading);
  const section = after.split("\n## ")[0]!;
  const lines = [...section.matchAll(/^\| `([\w-]+)` \| (.*) \|$/gm)];
  assert.ok(lines.length > 0, heading);
  return new Map(lines.map(([, name, rest]) => [name!, rest!.split(" | ").map((cell) => cell.trim())]));
}

/** Every code that the sources hold. */
function codesInSources(prefix: string): string[] {
  const files = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" });
  const codes = files
    .filter((path) => path.endsWith(".ts"))
    .flatMap((path) => readFileSync(join(root, "src", path), "utf8").match(/\bERR_[A-Z_]+\b/g) ?? []);
  return [...new Set(codes)].filter((code) => code.startsWith(prefix)).sort();
}

/** All sources, one after the other. */
const sources = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" })
  .filter((path) => path.endsWith(".ts"))
  .map((path) => readFileSync(join(root, "src", path), "utf8"))
  .join("\n");

/** The part of a message that is the same each time, and long enough to be looked for. */
function constantPart(message: string): string {
  const parts = message.split(/\$\{[^}]*\}|%[sd]/).map((part) => part.trim());
  return parts.reduce((longest, part) => (part.length > longest.length ? part : longest));
}

function messages(pattern: RegExp): string[] {
  return [...sources.matchAll(pattern)]
    .map(([, message]) => constantPart(message!).replace(/\s*\($/, ""))
    .filter((part) => part.length > 5);
}

describe("docs/errors.md", () => {
  it("has every line that the log gets beside records", () => {
    const lines = messages(/\b(?:logError|note|abortResponse|notFoundBecause)\(\s*["`]([^"`]+)["`]/g);
    assert.ok(lines.length >= 8 && lines.includes("response cut:"), lines.join("\n"));
    for (const line of lines) assert.ok(text.includes(line), line);
  });

  it("has every status with which htbin itself answers, and every message beside it", () => {
    const statuses = [...sources.matchAll(/\b(?:sendError|HTTPRequestError)\(\s*(\d{3})\b/g)].map(
      ([, code]) => code!,
    );
    assert.ok(new Set(statuses).size >= 15, statuses.join());
    const written = rows("What a client sees");
    for (const code of [...statuses, "502", "503", "504"]) {
      assert.ok(
        [...written.keys()].some((cell) => cell.includes(code)),
        code,
      );
    }
    const beside = messages(/\bHTTPRequestError\(\s*4\d\d,\s*["`]([^"`]+)["`]/g);
    assert.ok(beside.length >= 30 && beside.includes("Missing Host"), beside.join("\n"));
    for (const message of beside) assert.ok(text.includes(message), message);
  });

  it("has every verdict, and no other", () => {
    assert.deepEqual([...rows("The verdicts").keys()].sort(), [...VERDICTS].sort());
  });

  it("has every code of a server that cannot start", () => {
    const written = [...rows("htbin does not start").keys()].filter((code) => code.startsWith("ERR_"));
    assert.deepEqual(written.sort(), codesInSources("ERR_START_"));
  });

  it("has every code of scripts, with its status", () => {
    const written = rows("Codes of scripts");
    assert.deepEqual([...written.keys()].sort(), codesInSources("ERR_CGI_"));
    for (const [code, [status]] of written) {
      assert.equal(Number.parseInt(status!, 10), new CGIError(code as CGIErrorCode, "").status, code);
    }
  });

  it("has every other code", () => {
    const others = codesInSources("ERR_").filter((code) => !/^ERR_(?:START|CGI)_/.test(code));
    assert.deepEqual([...rows("Errors of programs that use htbin").keys()].sort(), others);
  });

  it("says for each what to do", () => {
    for (const heading of [
      "htbin does not start",
      "The verdicts",
      "Codes of scripts",
      "Errors of programs that use htbin",
    ]) {
      for (const [name, cells] of rows(heading)) {
        assert.ok(cells.length >= 2 && cells.every((cell) => cell.length > 2), name);
      }
    }
  });
});
