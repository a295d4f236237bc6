// Which names are hidden: neither listed nor served.

/** Names that begin with a dot, but for the one that the web has reserved for public files (RFC 8615). */
export function isHiddenName(name: string): boolean {
  return name.charCodeAt(0) === 0x2e && name !== ".well-known";
}

/** Whether a segment of a canonical path is hidden. */
export function hasHiddenSegment(path: string): boolean {
  let at = path.indexOf("/.");
  while (at !== -1) {
    const end = path.indexOf("/", at + 1);
    if (isHiddenName(path.slice(at + 1, end === -1 ? undefined : end))) return true;
    at = path.indexOf("/.", at + 1);
  }
  return false;
}
