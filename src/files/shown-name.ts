// How a name stands in a page: readable as what it is, whatever is in it.

import { escapeHtml } from "../text/html.ts";

/** Most names: nothing in them needs a closer look. */
const IS_PLAIN = /^[!-~][ -~]*$/;

/**
 * Control characters, ends of lines, and what has no width or changes the direction of others: with U+202E in
 * front `gnp.exe` looks like `exe.png`. The joiners U+200C and U+200D are not among them: Persian, Hindi and
 * emoji need them, and they turn nothing round.
 */
const HIDDEN =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

/** The same for scripts in a page, as the text of a regular expression without its slashes and flags. */
export const HIDDEN_SOURCE: string = HIDDEN.source;

/** A name of those alone nobody could see, click or hear. */
const IS_BLANK = /^[\s\p{Default_Ignorable_Code_Point}\u2800]*$/u;

/** HTML for a name: hidden characters as `[U+202E]`, apart from the direction of the name. */
export function renderName(name: string): string {
  if (IS_PLAIN.test(name)) return escapeHtml(name);
  const html = escapeHtml(name).replace(HIDDEN, (character) => `<i dir="ltr">${numberOf(character)}</i>`);
  return IS_BLANK.test(html) ? "\u2423".repeat(name.length) : html;
}

/** HTML for a name that turns none of its neighbours round; one that cannot needs no element for that. */
export function isolateName(name: string): string {
  return IS_PLAIN.test(name) ? escapeHtml(name) : `<bdi>${renderName(name)}</bdi>`;
}

/** The same as text, where there are no elements. */
export function visibleName(name: string): string {
  return IS_PLAIN.test(name) ? name : name.replace(HIDDEN, numberOf);
}

function numberOf(character: string): string {
  return `[U+${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}]`;
}
