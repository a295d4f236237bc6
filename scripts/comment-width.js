// @ts-check
// Part of `npm run check`: comments in src/ are no wider than code is, 110 columns. The formatter wraps code only.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./project.js";

const WIDTH = 110;
const COMMENT = /^\s*(?:\/\/|\/?\*)/;
/** Directives of the linter are one line each. */
const DIRECTIVE = /^\s*\/\/ oxlint-/;
/** A program for browsers in one text: what looks like comments there is part of it. */
const TEXTS = new Set([join("files", "listing-script.ts")]);

for (const file of readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" })) {
  if (!file.endsWith(".ts") || TEXTS.has(file)) continue;
  for (const [index, line] of readFileSync(join(root, "src", file), "utf8")
    .split("\n")
    .entries()) {
    if (line.length <= WIDTH || !COMMENT.test(line) || DIRECTIVE.test(line)) continue;
    console.log(
      `src/${file}:${index + 1}: ${line.length} columns; wrap the comment at ${WIDTH}, or shorten it`,
    );
    process.exitCode = 1;
  }
}
