// Text from a client or a script put into a log, so that it can neither forge a line nor command a terminal.

// The C0 and C1 control characters, DEL, those that turn the text round them (UAX #9 §2), and the backslash
// that the escapes are written with.
const INVISIBLE = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\\]/;
const ALL_INVISIBLE = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\\]/g;

/**
 * Writes each control character as `\xHH`, each that changes the direction of text as `\uHHHH`, and doubles
 * each backslash; everything else stays as it is.
 */
export function makeVisible(text: string): string {
  if (!INVISIBLE.test(text)) return text;
  return text.replace(ALL_INVISIBLE, (character) => {
    if (character === "\\") return "\\\\";
    const number = character.charCodeAt(0).toString(16);
    return number.length > 2 ? `\\u${number.padStart(4, "0")}` : `\\x${number.padStart(2, "0")}`;
  });
}
