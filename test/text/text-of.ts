// Texts for properties, out of the characters that a rule is about.

import fc from "fast-check";

/** Any text of these characters. */
export function textOf(
  characters: string,
  constraints: { minLength?: number; maxLength?: number } = {},
): fc.Arbitrary<string> {
  return fc.string({ unit: fc.constantFrom(...characters.split("")), ...constraints });
}
