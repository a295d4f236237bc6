// The formats in which a directory can be downloaded, and how a query asks for one.

export const ARCHIVE_FORMATS = ["zip", "tar.gz", "tar"] as const;
/** What `?archive=` may ask for. */
export type ArchiveFormat = (typeof ARCHIVE_FORMATS)[number];

/** The format of `?archive=zip`; `undefined` where none is asked for, `"unknown"` for any other. */
export function archiveFormatOf(query: string): ArchiveFormat | "unknown" | undefined {
  // Nearly every request has no query: that costs nothing.
  if (!query.includes("archive=")) return undefined;
  const asked = new URLSearchParams(query).get("archive");
  if (asked === null) return undefined;
  return ARCHIVE_FORMATS.find((format) => format === asked) ?? "unknown";
}
