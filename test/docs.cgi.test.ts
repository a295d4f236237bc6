// docs/cgi.md against the tests and the command line: each rule has a row, each row its test or a reason.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";

import { defaultCGILimits } from "../src/cgi/limits.ts";
import { findOption } from "../src/cli/find-option.ts";

const root = join(import.meta.dirname, "..", "..");
const page = readFileSync(join(root, "docs/cgi.md"), "utf8");

interface Row {
  readonly number: string;
  readonly shows: string;
  readonly remark: string;
}

const rows: readonly Row[] = [...page.matchAll(/^\| `(cgi (?:bug )?\d+)` \| (.+) \| (.*)\|$/gm)].map(
  ([, number, shows, remark]) => ({
    number: number!,
    shows: shows!.replaceAll("\\|", "|"),
    remark: remark!.trim(),
  }),
);

/** The names of the tests by number, as they stand in the sources. */
function testNames(): string[] {
  const directory = join(root, "test/conformance");
  const files = readdirSync(directory).filter((name) => /^cgi-.*\.test\.ts$/.test(name));
  return files.flatMap((file) => {
    const code = readFileSync(join(directory, file), "utf8");
    return Array.from(
      code.matchAll(/\bit\(\s*("(?:[^"\\]|\\.)*")/g),
      ([, name]) => JSON.parse(name!) as string,
    );
  });
}

describe("docs/cgi.md", () => {
  it("has a row for each of the 108 rules and 53 bugs", () => {
    const numbers = new Set(rows.map(({ number }) => number));
    for (let i = 1; i <= 108; i++) assert.ok(numbers.has(`cgi ${i}`), `cgi ${i} is missing`);
    for (let i = 1; i <= 53; i++) assert.ok(numbers.has(`cgi bug ${i}`), `cgi bug ${i} is missing`);
  });

  it("has a test of that very name for each row, or says why there is none", () => {
    const names = new Set(testNames());
    assert.ok(names.size > 150, "the tests are not written as this one expects");
    for (const { number, shows, remark } of rows) {
      if (remark.startsWith("no test: ")) continue;
      assert.ok(names.delete(`${number}: ${shows}`), `no test '${number}: ${shows}'`);
    }
    assert.deepEqual([...names], [], "without a row");
  });

  it("has every limit for scripts, with its default", () => {
    const rows = [...page.matchAll(/^\| `([\w.]+)` \| ([\d ]+|none) \|/gm)];
    const written = rows.map(([, name, value]) => [
      name!,
      value === "none" ? Infinity : Number(value!.replaceAll(" ", "")),
    ]);
    const { resources, ...numbers } = defaultCGILimits;
    const unlimited = {
      cpu: Infinity,
      memory: Infinity,
      fileSize: Infinity,
      processes: Infinity,
      ...resources,
    };
    const nested = Object.entries(unlimited).map(([name, value]) => [`resources.${name}`, value]);
    assert.deepEqual(Object.fromEntries(written), { ...numbers, ...Object.fromEntries(nested) });
  });

  it("names options that the command line has", () => {
    for (const [, name] of page.matchAll(/--(cgi[\w-]*)/g))
      assert.ok(findOption(name!) !== undefined, `--${name}`);
  });
});
