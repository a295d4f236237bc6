// What overrides have returned, where no compiler has looked: a mistake is told in words, and
// not found behind three calls.

import type { Content } from "./file-content.ts";

/** @throws {TypeError} if the step has returned no text */
export function requireText(step: string, value: string): string {
  if (typeof value === "string") return value;
  throw new TypeError(`${step}() returned ${kindOf(value)}, and has to return a text`);
}

/** @throws {TypeError} if it is no body: a text or bytes, as other servers have it */
export function requireContent(value: Content): Content {
  if (typeof value.stream === "function" && typeof value.close === "function") return value;
  throw new TypeError(
    `sendHead() or listDirectory() returned ${kindOf(value)}, and has to return a Content, or nothing; ` +
      "what is in memory goes to wfile",
  );
}

function kindOf(value: unknown): string {
  return value === undefined || value === null ? String(value) : `a value of type ${typeof value}`;
}
