// Where a directory asked for without its slash really is.

/**
 * The same target with a slash at the end of its path, the query kept. The target begins with exactly one slash; a backslash, which
 * browsers read as a slash, is encoded: `/\host/` would send them to another site.
 */
export function withTrailingSlash(target: string): string {
  const query = target.indexOf("?");
  const path = query === -1 ? target : target.slice(0, query);
  const location = `${path}/${query === -1 ? "" : target.slice(query)}`;
  return location.replace(/[\\\x80-\xff]/g, (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase()}`);
}
