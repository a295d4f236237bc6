// Whether two names are the same without regard to case, as those of fields are (RFC 9110 §5.1).

/** The bit that tells capital letters from small ones. */
const CASE = 0x20;

/**
 * Most names differ in length or first character, and making a copy in lower case costs more than all of the
 * rest.
 */
export function isSameName(a: string, b: string): boolean {
  if (a.length !== b.length || (a.charCodeAt(0) | CASE) !== (b.charCodeAt(0) | CASE)) return false;
  return a.toLowerCase() === b.toLowerCase();
}
