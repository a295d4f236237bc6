// What to do about the last words of a script: many mean something else on a server than at a terminal.

import { dirname } from "node:path";

export interface Speaker {
  /** The script. */
  readonly file: string;
  /** Whom it runs as; `undefined` where that is not known. */
  readonly user: string | undefined;
}

type Hint = (speaker: Speaker, line: string) => string;

const asUser = ({ user }: Speaker): string => user ?? "another user than you";

/** The first that fits counts. What no pattern knows is for its reader to understand. */
const HINTS: readonly (readonly [said: RegExp, hint: Hint])[] = [
  [
    /EOFError|\/dev\/tty|not a (?:tty|terminal)|terminal is required|from a terminal|^Password: /i,
    () =>
      "a script has no keyboard and no terminal; it gets what a form sends in QUERY_STRING or, for POST, on stdin",
  ],
  [
    /\$DISPLAY\b|can(?:not|'t) (?:open|connect to) (?:X )?display/i,
    () => "a script has no screen to open a window on; print HTML",
  ],
  [
    /No module named|Can't locate \S+ in @INC|cannot load such file|Cannot find (?:module|package)/,
    (speaker) =>
      `install that module for the interpreter of the script, where ${asUser(speaker)} finds it: not in somebody's home`,
  ],
  [
    /unable to open database file|readonly database/i,
    (speaker) =>
      `it runs as ${asUser(speaker)}, who needs the right to write to the file of the database, and to its folder`,
  ],
  [
    /permission denied/i,
    (speaker) =>
      `it runs as ${asUser(speaker)}, who needs the right to that file; to make a new one, the right to write to its folder`,
  ],
  [
    /MemoryError|out of memory|cannot allocate memory|allocation failed|memory exhausted|allowed memory size/i,
    () => "make it need less memory, or allow it more, where --cgi-limit memory=… is set",
  ],
  [
    /resource temporarily unavailable|can't start new thread/i,
    () =>
      "make it start fewer processes, or allow it more: --cgi-limit processes=… counts all that this user runs",
  ],
  [/no such file or directory/i, whereNamesLead],
];

/** `undefined` where the line itself is all there is to say. */
export function hintFor(line: string, speaker: Speaker): string | undefined {
  return HINTS.find(([said]) => said.test(line))?.[1](speaker, line);
}

function whereNamesLead({ file }: Speaker, line: string): string {
  // Shells and Perl name the script itself, too.
  const namesWholePath = /(?:^|[\s'"‘“`(=])\/[\w.]/.test(line.replaceAll(file, ""));
  return namesWholePath
    ? "names with a slash in front begin at the root of the disk, not at the served folder"
    : `names without a slash in front are looked for in ${dirname(file)}`;
}
