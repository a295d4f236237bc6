// The Content-Disposition field of something to be saved (RFC 6266).

/**
 * `attachment; filename="a b.zip"`; a name beyond ASCII is given twice, for those who know no
 * better and in UTF-8 (RFC 8187).
 */
export function contentDisposition(fileName: string): string {
  const plain = fileName.replace(/[^\x20-\x7e]|["%\\]/g, "_");
  const quoted = `attachment; filename="${plain}"`;
  return plain === fileName ? quoted : `${quoted}; filename*=UTF-8''${encodeExtended(fileName)}`;
}

/** What is no attr-char of RFC 8187 §3.2.1, as percent-coded UTF-8. */
function encodeExtended(text: string): string {
  return encodeURIComponent(text.replace(/\p{Surrogate}/gu, "\ufffd")).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
