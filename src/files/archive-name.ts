// Under which name an entry goes into an archive: each of a directory under one of its own, so that none
// is lost when it is unpacked.

export interface NamesInArchive {
  /** The name of one of the entries, as it goes into the archive. */
  of(name: string): string;
}

/** Bytes that are no UTF-8, and halves of pairs, which names on Windows can hold. */
const NO_TEXT = /\p{Surrogate}/gu;

/**
 * Archives hold text. A byte of a name that belongs to none is written `%FF`, as in links. A backslash
 * separates directories for some who unpack zip files: it is written `_` there, and leads them nowhere. A
 * name made so that is another entry's gets `_` before it.
 * @param entries all of the directory
 * @param hasBackslashes whether the format can hold them
 */
export function namesInArchive(
  entries: Iterable<{ readonly name: string }>,
  hasBackslashes: boolean,
): NamesInArchive {
  let taken: Set<string> | undefined;
  return {
    of: (name) => {
      const written = writtenName(name, hasBackslashes);
      if (written === name) return name;
      // Nearly all directories never get here, and need no list.
      taken ??= namesOf(entries);
      let free = written;
      while (taken.has(free)) free = `_${free}`;
      taken.add(free);
      return free;
    },
  };
}

function namesOf(entries: Iterable<{ readonly name: string }>): Set<string> {
  const names = new Set<string>();
  for (const { name } of entries) names.add(name);
  return names;
}

function writtenName(name: string, hasBackslashes: boolean): string {
  const text = name.isWellFormed() ? name : name.replace(NO_TEXT, escapeByte);
  return hasBackslashes ? text : text.replaceAll("\\", "_");
}

function escapeByte(surrogate: string): string {
  const byte = surrogate.charCodeAt(0) - 0xdc00;
  return byte >= 0x80 && byte <= 0xff ? `%${byte.toString(16).toUpperCase()}` : "\ufffd";
}
