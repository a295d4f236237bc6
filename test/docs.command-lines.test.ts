// The command lines in the documents against the command line: each of them would start.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { parseExplainWords } from "../src/cli/explain-words.ts";
import { parseCommandLine } from "../src/cli/options.ts";

const root = join(import.meta.dirname, "..", "..");
const documents = ["README.md", ...readdirSync(join(root, "docs")).map((name) => join("docs", name))].filter(
  (path) => path.endsWith(".md"),
);

/** `htbin …` or `npx htbin …` on a line of its own, continued by a backslash; `--option value` and `htbin …` within a sentence. */
function commandLinesIn(text: string): string[] {
  const [joined, blocks] = [text.replaceAll("\\\n", " "), /^```\w*\n(.*?)^```/gms];
  const lines = [...joined.matchAll(blocks)].flatMap(([, block]) => block!.split("\n"));
  const starts = lines.filter((line) => /^(?:npx )?htbin /.test(line) || line.includes(" npx htbin "));
  const inline = Array.from(joined.replace(blocks, "").matchAll(/`([^`]+)`/g), ([, code]) => code!);
  return [
    ...starts.map((line) => line.replace(/^.*?\bhtbin /, "").replace(/(?:^|\s+)(?:[#&>|] ?.*)?$/, "")),
    ...inline
      .filter((code) => /^(?:npx )?htbin (?!explain$)\S/.test(code))
      .map((code) => code.replace(/^(?:npx )?htbin /, "")),
    ...inline.filter((code) => /^--[\w-]+ \S/.test(code)).map(withCompany),
  ];
}

/** An option within a sentence, with those that the sentence takes for granted. */
function withCompany(option: string): string {
  if (!option.startsWith("--cgi-")) return option;
  return /\/git\b/.test(option) && !option.includes("--cgi-mount")
    ? `${option} --cgi-mount /git=/there`
    : `${option} --cgi`;
}

/** As a shell would split it, for what the documents hold. What stands for something, such as `FILE`, is left to its reader. */
function wordsOf(line: string): string[] {
  const words = line.replace(/\$\([^)]*\)|\$\w+/g, "/there").match(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g) ?? [];
  return words.map((word) => word.replaceAll(/['"]/g, ""));
}

function isTemplate(line: string): boolean {
  return /\b[A-Z]+\b|[[\]…]/.test(line.replace(/-H\b|\b[A-Z_]+=|HTTP\/|--cgi-pass-env \w+|X-\w+/g, ""));
}

describe("the command lines in the documents", () => {
  for (const document of documents) {
    const lines = commandLinesIn(readFileSync(join(root, document), "utf8")).filter(
      (line) => !isTemplate(line),
    );
    if (lines.length === 0) continue;
    it(`would start: ${document}`, () => {
      for (const line of lines) {
        const words = wordsOf(line);
        const asked = words[0] === "explain" ? parseExplainWords(words.slice(1)) : undefined;
        assert.notEqual(asked?.kind, "usage", line);
        const answer = parseCommandLine(asked?.kind === "question" ? asked.serverWords : words);
        assert.notEqual(answer.kind, "usage", `${line}: ${answer.kind === "usage" ? answer.message : ""}`);
      }
    });
  }

  it("are found", () => {
    const found = documents.flatMap((path) => commandLinesIn(readFileSync(join(root, path), "utf8")));
    assert.ok(found.length > 60, `${found.length}`);
  });
});
