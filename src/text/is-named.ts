// Whether a name is a certain one, without regard to case, as names of fields are (RFC 9110 §5.1).

/** The bit that tells capital letters from small ones. */
const CASE = 0x20;

/**
 * Most names differ in length or first character, and making a copy in lower case costs more than all of the
 * rest.
 * @param lowerCase the name that is looked for, in lower case
 */
export function isNamed(name: string, lowerCase: string): boolean {
  if (name.length !== lowerCase.length || (name.charCodeAt(0) | CASE) !== (lowerCase.charCodeAt(0) | CASE))
    return false;
  return name.toLowerCase() === lowerCase;
}
