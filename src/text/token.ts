// What may stand in a method, a field name or a parameter name (RFC 9110 §5.6.2).

/** 1 for each character code that is a tchar. A table: a parser asks for every byte of a field name. */
export const IS_TOKEN_CHAR: Uint8Array = /* @__PURE__ */ tokenTable();

function tokenTable(): Uint8Array {
  // tchar = "!" / "#" / "$" / "%" / "&" / "'" / "*" / "+" / "-" / "." / "^" / "_" /
  // "`" / "|" / "~" / DIGIT / ALPHA
  const tchar = "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  const table = new Uint8Array(256);
  for (const character of tchar) table[character.charCodeAt(0)] = 1;
  return table;
}

/** `token = 1*tchar` */
export function isToken(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    if (IS_TOKEN_CHAR[text.charCodeAt(i)] !== 1) return false;
  }
  return text.length > 0;
}
