// The media type of a file, from its name.

import otherTypes from "mime/types/other.js";
import standardTypes from "mime/types/standard.js";

/**
 * What the `mime` package knows: types with their suffixes; a suffix that belongs to another type has a star.
 * The package's own class would fill three maps with them first, some 4 ms of every start.
 */
const REGISTERED_TYPES: readonly (readonly [type: string, suffixes: readonly string[]])[] = [
  ...Object.entries(standardTypes),
  ...Object.entries(otherTypes),
];

/**
 * What is missing from the `mime` package, or misleads: what it takes for something rare that shares the
 * suffix of something common, and source code with types that make browsers save what people want to read.
 */
const OWN_TYPES = new Map(
  Object.entries({
    // Not MPEG transport streams, not Microsoft's 3D models, not XML for resource lists, not a
    // screen-cam, not Lotus Organizer.
    ts: "text/plain",
    mts: "text/plain",
    rs: "text/plain",
    scm: "text/plain",
    org: "text/plain",
    // A script with any other type is refused by browsers, because of `nosniff`.
    cjs: "text/javascript",
    // Source code and configuration, as text that browsers show.
    ...textPlain(
      "adoc awk bash bat bib c cc cfg clj cmake cpp cs cts cxx dockerfile el env erl ex exs fish glsl go gradle",
      "graphql h hcl hh hpp hs hxx java jl kt kts lisp lock m mk mm nim nix po properties proto ps1 pug pyi r rb",
      "rst sbt scala sed svelte swift tcl tf tsx v vim vue zig zsh",
    ),
    diff: "text/x-diff",
    patch: "text/x-diff",
    py: "text/x-python",
    sh: "text/x-sh",
    // Data.
    arrow: "application/vnd.apache.arrow.file",
    br: "application/octet-stream",
    cur: "image/vnd.microsoft.icon",
    jsonc: "application/json",
    jsonl: "application/jsonl",
    ndjson: "application/x-ndjson",
    parquet: "application/vnd.apache.parquet",
    sqlite: "application/vnd.sqlite3",
    // Packed with gzip, and meant to be saved as they are: no Content-Encoding,
    // or browsers would unpack them.
    tgz: "application/gzip",
    whl: "application/zip",
    zst: "application/zstd",
  }),
);

const SLASH = 0x2f;
const DOT = 0x2e;

/** Made when the first name with a suffix comes: not every start has one. */
let types: ReadonlyMap<string, string> | undefined;

/** Asked before all that: packed files are saved as they are. `""` is for suffixes that nobody knows. */
export const DEFAULT_EXTENSIONS: Readonly<Record<string, string>> = {
  "": "application/octet-stream",
  ".gz": "application/gzip",
  ".z": "application/octet-stream",
  ".bz2": "application/x-bzip2",
  ".xz": "application/x-xz",
};

/**
 * The type for a file name, or `undefined` if its suffix says nothing.
 * @param extensionsMap suffix with its dot, in lower case → type; asked first. The key `""` is the
 * default for all other suffixes.
 */
export function guessType(path: string, extensionsMap: Readonly<Record<string, string>>): string | undefined {
  const suffix = suffixOf(path);
  if (suffix === "") return extensionsMap[""];
  const lowerCase = suffix.toLowerCase();
  let type = extensionsMap[suffix];
  if (type === undefined && lowerCase !== suffix) type = extensionsMap[lowerCase];
  return type ?? typeOfSuffix(lowerCase) ?? extensionsMap[""];
}

/**
 * The content coding that is part of a file's type (RFC 9110 §8.4): an `.svgz` is an SVG image to
 * be unpacked first. `.tar.gz` has none: its type is that of the packed file, which is what
 * whoever asks for it wants to have.
 */
export function codingOfName(path: string, mediaType: string): "gzip" | undefined {
  return mediaType.startsWith("image/svg+xml") && suffixOf(path).toLowerCase() === ".svgz"
    ? "gzip"
    : undefined;
}

/**
 * `.html` of `a/b.html`; empty where the name has none or consists of it. By hand: `lastIndexOf` costs V8 ten
 * times as much for so few characters.
 */
function suffixOf(path: string): string {
  for (let at = path.length - 1; at > 0; at--) {
    const code = path.charCodeAt(at);
    if (code === SLASH) return "";
    if (code === DOT) return path.charCodeAt(at - 1) === SLASH ? "" : path.slice(at);
  }
  return "";
}

function typeOfSuffix(suffix: string): string | undefined {
  types ??= readTypes();
  return types.get(suffix.slice(1));
}

/** Where two types claim a suffix, the first has it; ours go before all. */
function readTypes(): Map<string, string> {
  const found = new Map<string, string>();
  for (const [type, suffixes] of [...REGISTERED_TYPES].reverse()) {
    const full = withCharset(type);
    for (const suffix of suffixes) found.set(suffix, full);
  }
  for (const [suffix, type] of OWN_TYPES) found.set(suffix, withCharset(type));
  return found;
}

/**
 * `text/…` is UTF-8 nowadays, and without a word about it browsers still assume windows-1252 (WHATWG HTML).
 * No other type gets the parameter: JSON is always UTF-8 and knows none (RFC 8259 §11), and XML, with SVG,
 * says itself what it is; the parameter would overrule that (RFC 7303 §3).
 */
function withCharset(type: string): string {
  return type.startsWith("text/") ? `${type}; charset=utf-8` : type;
}

/** Words with the same type. */
function textPlain(...words: readonly string[]): Record<string, string> {
  return Object.fromEntries(words.flatMap((line) => line.split(" ")).map((suffix) => [suffix, "text/plain"]));
}
