// What kind of thing an entry is to a person: the icon it gets, and a word or two.

import type { DirectoryEntry } from "./directory-entry.ts";

export type EntryKind = keyof typeof NOUNS;

const NOUNS = {
  folder: "folder",
  image: "image",
  audio: "audio",
  video: "video",
  font: "font",
  code: "code",
  text: "text",
  document: "document",
  archive: "archive",
  file: "file",
} as const;

const CODE =
  /^(text\/(html|css|javascript|typescript|xml|jsx|x-.+)|application\/(json|.+\+json|javascript|xml|xhtml\+xml|sql|toml|yaml|wasm|x-sh|x-csh|x-perl|x-httpd-php|typescript|ecmascript))$/;
const DOCUMENT =
  /^application\/(pdf|epub\+zip|rtf|postscript|msword|vnd\.(ms-|openxmlformats-|oasis\.opendocument\.).+)$/;
const ARCHIVE =
  /^application\/(zip|gzip|zstd|x-(tar|gtar|bzip2?|xz|7z-compressed|rar-compressed|iso9660-image|debian-package)|vnd\.rar|java-archive|vnd\.(debian|android).+)$/;

/** Programs whose type is plain text, or that have none. */
const CODE_SUFFIX =
  /\.(bash|c|cc|cpp|cs|css|cts|go|h|hpp|java|jsx|kt|lua|mjs|mts|php|pl|pm|py|r|rb|rs|scss|sh|sql|swift|toml|ts|tsx|vue|ya?ml|zig|zsh)$/i;

/** @param type the media type, with or without parameters */
export function kindOf(name: string, type: string): EntryKind {
  if (CODE_SUFFIX.test(name)) return "code";
  const end = type.indexOf(";");
  const essence = end === -1 ? type : type.slice(0, end).trimEnd();
  switch (essence.slice(0, essence.indexOf("/"))) {
    case "image":
      return "image";
    case "audio":
      return "audio";
    case "video":
      return "video";
    case "font":
      return "font";
    case "text":
      return CODE.test(essence) ? "code" : "text";
    default:
      if (CODE.test(essence)) return "code";
      if (ARCHIVE.test(essence)) return "archive";
      return DOCUMENT.test(essence) ? "document" : "file";
  }
}

/** `Folder`, `PNG image`, `File`. */
export function describeKind(entry: DirectoryEntry, kind: EntryKind): string {
  const noun = NOUNS[kind];
  const suffix = entry.isDirectory ? undefined : /[^.]\.([A-Za-z0-9]{1,5})$/.exec(entry.name)?.[1];
  return suffix === undefined
    ? noun.charAt(0).toUpperCase() + noun.slice(1)
    : `${suffix.toUpperCase()} ${noun}`;
}
