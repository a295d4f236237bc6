import { describe, it } from "node:test";
import assert from "node:assert/strict";

import { helpText } from "../../src/cli/help.ts";
import { longNames } from "../../src/cli/option-row.ts";
import { OPTION_TABLE } from "../../src/cli/option-table.ts";
import { parseCommandLine } from "../../src/cli/options.ts";

describe("helpText", () => {
  it("fits 80 columns and ends with a line end", () => {
    for (const line of helpText().split("\n")) assert.ok(line.length <= 80, line);
    assert.ok(helpText().endsWith("\n"));
  });

  it("has no blanks at the end of a line", () => {
    assert.doesNotMatch(helpText(), / $/m);
  });

  it("begins with the usage and names every option by all its names", () => {
    assert.match(helpText(), /^Usage: htbin \[options\] \[port\] \[directory\]\n/);
    for (const row of OPTION_TABLE) {
      for (const name of longNames(row)) assert.ok(helpText().includes(`--${name}`), name);
      if (row.short !== undefined) assert.ok(helpText().includes(`-${row.short}, --${row.name}`), row.short);
    }
  });

  it("shows examples that are understood", () => {
    const examples = helpText().match(/^ {2}htbin( .*)?$/gm) ?? [];
    assert.equal(examples.length, 5);
    for (const example of examples) {
      const command = /^ {2}htbin(.*?)(?: {2,}.*)?$/.exec(example)?.[1] ?? "";
      const words = (command.match(/'[^']*'|\S+/g) ?? []).map((word) => word.replaceAll("'", ""));
      assert.equal(parseCommandLine(words).kind, "serve", example);
    }
  });
});
