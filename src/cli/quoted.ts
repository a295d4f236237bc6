// A value as the person gave it, in a sentence that is printed.
import { makeVisible } from "../text/visible.ts";

/** Texts in quotes, with control characters made visible; all else as JavaScript writes it. */
export function quoted(value: unknown): string {
  return typeof value === "string" ? `"${makeVisible(value)}"` : String(value);
}
