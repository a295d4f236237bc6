// Text from a client or a script put into a log, so that it can neither forge a line nor command a terminal.

// The C0 and C1 control characters, DEL, and the backslash that the escapes are written with.
const INVISIBLE = /[\u0000-\u001f\u007f-\u009f\\]/;
const ALL_INVISIBLE = /[\u0000-\u001f\u007f-\u009f\\]/g;

/** Writes each control character as `\xHH` and doubles each backslash; everything else stays as it is. */
export function makeVisible(text: string): string {
  if (!INVISIBLE.test(text)) return text;
  return text.replace(ALL_INVISIBLE, (character) =>
    character === "\\" ? "\\\\" : `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
}
