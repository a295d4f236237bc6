// Numbers and moments as people read them, short enough for a column.

/** `999 B`, `1.0 KiB`, `12 MiB`: three digits at most. */
export function formatSize(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const units = ["KiB", "MiB", "GiB", "TiB", "PiB"];
  let value = bytes / 1024;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${value < 9.95 ? value.toFixed(1) : value.toFixed(0)} ${units[unit]}`;
}

/**
 * `100,000`. By hand: the first `toLocaleString()` of a process loads what is known of all
 * languages, and blocks it for 20 ms.
 */
export function formatCount(number: number): string {
  return String(number).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** `2020-02-29T12:34:56.000Z`; `undefined` for a time that no calendar knows: file systems keep 64 bits. */
export function isoTime(milliseconds: number): string | undefined {
  const date = new Date(milliseconds);
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
}

/** `2020-02-29 12:34`, in UTC; nothing where there is no such date. */
export function formatDate(milliseconds: number): string {
  return isoTime(milliseconds)?.slice(0, -":56.000Z".length).replace("T", " ") ?? "";
}
