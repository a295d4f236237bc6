// The table of docs/files.md names the tests for what other file servers got wrong: it is true.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";

const root = join(import.meta.dirname, "..", "..");
const read = (path: string): string => readFileSync(join(root, path), "utf8");

interface Row {
  readonly number: number;
  readonly what: string;
  readonly tests: readonly (readonly [file: string, name: string])[];
}

const table = read("docs/files.md").split("## What goes wrong elsewhere, one by one")[1] ?? "";

const rows: readonly Row[] = [...table.matchAll(/^\| (\d+) \| (.+) \| (.+) \|$/gm)].map(
  ([, number, what, tests]) => ({
    number: Number(number),
    what: what!,
    tests: tests!.split("<br>").map((each) => {
      const [, file, name] = /^(\S+): “(.+)”$/.exec(each) ?? assert.fail(`in another form: ${each}`);
      return [`test/${file}`, name!] as const;
    }),
  }),
);

/** What the tests of a file are called; where a name is put together, `${…}` stands for anything. */
function namesIn(file: string): RegExp[] {
  const literals = read(file).matchAll(/\bit\(\s*(?:"((?:[^"\\]|\\.)*)"|'([^'\n]*)'|`((?:[^`\\]|\\.)*)`)/g);
  return Array.from(literals, ([, double, single, template]) => {
    if (template === undefined)
      return new RegExp(
        `^${escaped(double === undefined ? single! : (JSON.parse(`"${double}"`) as string))}$`,
      );
    const fixed = template.split(/\$\{(?:[^{}]|\{[^{}]*\})*\}/).map(escaped);
    return new RegExp(`^${fixed.join(".+")}$`);
  });
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

describe("the table of docs/files.md", () => {
  it("is numbered from 1, without a gap", () => {
    assert.ok(rows.length > 60, "the page is not written as this test expects");
    assert.deepEqual(
      rows.map(({ number }) => number),
      rows.map((_, index) => index + 1),
    );
  });

  it("names for each what went wrong, once", () => {
    assert.equal(new Set(rows.map(({ what }) => what)).size, rows.length);
  });

  it("names tests that are in that file", () => {
    const known = new Map<string, RegExp[]>();
    for (const { number, tests } of rows) {
      for (const [file, name] of tests) {
        const names = known.get(file) ?? namesIn(file);
        known.set(file, names);
        assert.ok(
          names.some((each) => each.test(name)),
          `${number}: ${file} has no test “${name}”`,
        );
      }
    }
  });
});
