// A directory as a download: the fields of the response, and its bytes.

import { contentDisposition } from "../text/content-disposition.ts";
import { archiveEntries, type ArchiveOptions } from "./archive-entries.ts";
import type { ArchiveFormat } from "./archive-format.ts";
import { joinBytes } from "./streamed-content.ts";
import { gzipped, tarArchive } from "./tar-archive.ts";
import { zipArchive } from "./zip-archive.ts";

const MEDIA_TYPES: Readonly<Record<ArchiveFormat, string>> = {
  zip: "application/zip",
  "tar.gz": "application/gzip",
  tar: "application/x-tar",
};

/** Content-Type and Content-Disposition. */
export function archiveFields(format: ArchiveFormat, path: string): [name: string, value: string][] {
  return [
    ["Content-Type", MEDIA_TYPES[format]],
    ["Content-Disposition", contentDisposition(`${archiveName(path)}.${format}`)],
  ];
}

/**
 * The archive, piece by piece, as fast as they are asked for.
 * @param path the canonical path of the directory: its last name is that of the directory in the archive
 */
export function archivePieces(
  format: ArchiveFormat,
  directory: string,
  path: string,
  options: ArchiveOptions,
): AsyncGenerator<Uint8Array, void> {
  // A backslash separates directories for some who unpack zip files: it must not lead them anywhere.
  const entries = archiveEntries(directory, archiveName(path), {
    ...options,
    hasBackslashes: format !== "zip",
  });
  switch (format) {
    case "zip":
      return joinBytes(zipArchive(entries));
    case "tar":
      return joinBytes(tarArchive(entries));
    case "tar.gz":
      return gzipped(joinBytes(tarArchive(entries)));
    default:
      return format satisfies never;
  }
}

/**
 * The last name of a path, without what file systems and archives refuse; the name of the served folder
 * itself is nobody's business.
 */
function archiveName(path: string): string {
  const name = path.split("/").at(-2) ?? "";
  return name === "" ? "files" : name.replace(/[\\:*?"<>|\x00-\x1f\x7f]|\p{Surrogate}/gu, "_");
}
