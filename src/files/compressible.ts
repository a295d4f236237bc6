// Which files are worth compressing: by their media type, and by their size.

/** Bytes. A smaller file fits into one packet as it is. */
const SMALLEST = 1024;

/**
 * Bytes. A larger file would take a thread a tenth of a second and more, and room in memory that small files
 * need: it is sent as it is, unless there is a precompressed copy.
 */
const LARGEST = 4 * 1024 * 1024;

/** Types outside `text/` that are text, or shrink like text. What is compressed already is not here. */
const COMPRESSIBLE = new Set([
  "application/dash+xml",
  "application/ecmascript",
  "application/graphql",
  "application/javascript",
  "application/json",
  "application/json5",
  "application/jsonl",
  "application/mbox",
  "application/node",
  "application/postscript",
  "application/rtf",
  "application/sql",
  "application/toml",
  "application/vnd.apple.mpegurl",
  "application/vnd.dart",
  "application/vnd.ms-fontobject",
  "application/wasm",
  "application/x-csh",
  "application/x-httpd-php",
  "application/x-javascript",
  "application/x-ndjson",
  "application/x-perl",
  "application/x-sh",
  "application/x-subrip",
  "application/x-tcl",
  "application/x-tex",
  "application/x-x509-ca-cert",
  "application/xml",
  "application/xml-dtd",
  "application/yaml",
  "font/collection",
  "font/otf",
  "font/ttf",
  "image/bmp",
  "image/vnd.microsoft.icon",
  "image/x-icon",
  "message/rfc822",
  "model/gltf-binary",
  "model/obj",
  "model/stl",
]);

/** Structured syntaxes that are text (RFC 6839); `+zip` and its like are not. */
const TEXT_SYNTAX = /\+(?:json|xml|yaml|text)$/;

/** Whether files of a type are sent in a coding. @param mediaType as in Content-Type */
export function isCompressible(mediaType: string): boolean {
  let answer = answers.get(mediaType);
  if (answer !== undefined) return answer;
  const semicolon = mediaType.indexOf(";");
  const essence = (semicolon === -1 ? mediaType : mediaType.slice(0, semicolon)).trim().toLowerCase();
  answer = essence.startsWith("text/") || COMPRESSIBLE.has(essence) || TEXT_SYNTAX.test(essence);
  // An override of `guessType()` may make types up.
  if (answers.size < 1000) answers.set(mediaType, answer);
  return answer;
}

const answers = new Map<string, boolean>();

/** Whether a file of that size is compressed while a client waits. */
export function isInSizeBand(size: number): boolean {
  return size >= SMALLEST && size <= LARGEST;
}
