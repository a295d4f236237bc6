// The media type of a file, from its name.

import otherTypes from "mime/types/other.js";
import standardTypes from "mime/types/standard.js";

/**
 * What the `mime` package knows: types with their suffixes; a suffix that belongs to another type has a star. A list is
 * searched, once for each suffix: the package's own class fills three maps first, some 4 ms of every start.
 */
const REGISTERED_TYPES: readonly (readonly [type: string, suffixes: readonly string[]])[] = [
  ...Object.entries(standardTypes),
  ...Object.entries(otherTypes),
];

/** Types that are missing from the `mime` package, or meant otherwise there: `.ts` is seldom an MPEG transport stream. */
const OWN_TYPES = new Map(
  Object.entries({
    ts: "text/plain",
    mts: "text/plain",
    tsx: "text/plain",
    py: "text/x-python",
    c: "text/plain",
    h: "text/plain",
    go: "text/plain",
    rs: "text/plain",
    sh: "text/x-sh",
    patch: "text/x-diff",
    diff: "text/x-diff",
    jsonc: "application/json",
    ndjson: "application/x-ndjson",
    jsonl: "application/jsonl",
    zst: "application/zstd",
    br: "application/octet-stream",
    sqlite: "application/vnd.sqlite3",
    parquet: "application/vnd.apache.parquet",
  }),
);

/** Types outside `text/` that are text in UTF-8 all the same. */
const TEXT_TYPES = new Set(["application/xml", "image/svg+xml", "application/x-ndjson", "application/jsonl"]);

const known = new Map<string, string | undefined>();

/**
 * The type for a file name, or `undefined` if its suffix says nothing.
 * @param extensionsMap suffix with its dot, in lower case → type; asked first. The key `""` is the default for all other suffixes.
 */
export function guessType(path: string, extensionsMap: Readonly<Record<string, string>>): string | undefined {
  const suffix = suffixOf(path);
  const mapped = extensionsMap[suffix] ?? extensionsMap[suffix.toLowerCase()];
  if (mapped !== undefined && suffix !== "") return mapped;
  if (suffix !== "") {
    const type = typeOfSuffix(suffix.toLowerCase());
    if (type !== undefined) return type;
  }
  return extensionsMap[""];
}

/** `.html` of `a/b.html`; empty where the name has none or consists of it. */
function suffixOf(path: string): string {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const dot = name.lastIndexOf(".");
  return dot <= 0 ? "" : name.slice(dot);
}

function typeOfSuffix(suffix: string): string | undefined {
  if (known.has(suffix)) return known.get(suffix);
  const type = OWN_TYPES.get(suffix.slice(1)) ?? registeredType(suffix.slice(1));
  const full = type === undefined ? undefined : withCharset(type);
  // Suffixes come from requests: without a bound, made-up ones would fill the memory.
  if (known.size < 1000) known.set(suffix, full);
  return full;
}

function registeredType(suffix: string): string | undefined {
  return REGISTERED_TYPES.find(([, suffixes]) => suffixes.includes(suffix))?.[0];
}

/** Text is UTF-8 nowadays; without a word about it browsers still assume windows-1252. */
function withCharset(type: string): string {
  return type.startsWith("text/") || TEXT_TYPES.has(type) ? `${type}; charset=utf-8` : type;
}
