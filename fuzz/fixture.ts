// Inputs as text files that people can read: seeds, and what the fuzzer has found.
//
//   # What it shows.
//   # htbin: POST /a (5 bytes), GET /b, end
//   POST /a HTTP/1.1\r\n
//   …
//
// Lines that begin with `#` come first and are no input. Line breaks of the file are layout; `\r`, `\n`, `\t`, `\\`, `\xNN`
// are bytes, and so is every printable ASCII character.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export interface Fixture {
  readonly name: string;
  /** The known difference that it shows, if it is there for one. */
  readonly known: string | undefined;
  /** What htbin makes of it, in one line; `undefined` in a file that does not say. */
  readonly expected: string | undefined;
  /** One character per byte. */
  readonly text: string;
}

/** This file runs as build/fuzz/fixture.js. */
const FOLDER = join(import.meta.dirname, "..", "..", "fuzz");

/** All that is kept: seeds and findings. */
export function readFixtures(): Fixture[] {
  return ["seeds", "findings"].flatMap((folder) =>
    readdirSync(join(FOLDER, folder))
      .sort()
      .map((file) => readFixture(join(FOLDER, folder, file), `${folder}/${file}`)),
  );
}

/** @throws {Error} for an escape that is none */
export function readFixture(path: string, name = path): Fixture {
  const lines = readFileSync(path, "utf8").split("\n");
  const inputStart = lines.findIndex((line) => !line.startsWith("#"));
  const remark = (key: string): string | undefined => {
    const start = `# ${key}: `;
    return lines.find((line, i) => i < inputStart && line.startsWith(start))?.slice(start.length);
  };
  const text = unescape(lines.slice(inputStart).join(""), name);
  return { name, known: remark("known"), expected: remark("htbin"), text };
}

const UNESCAPED: Readonly<Record<string, string>> = { r: "\r", n: "\n", t: "\t", "\\": "\\" };

function unescape(text: string, name: string): string {
  return text.replace(/\\(x([0-9a-f]{2})|.?)/gs, (escape, letter: string, hex: string | undefined) => {
    if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
    const byte = UNESCAPED[letter];
    if (byte === undefined) throw new Error(`${name}: there is no escape "${escape}"`);
    return byte;
  });
}

/** One line of the file for each line of the input. */
export function escapeInput(text: string): string {
  return (
    text
      .replace(/[^\x20-\x7e]|\\/g, (byte) => {
        const letter = Object.entries(UNESCAPED).find(([, value]) => value === byte)?.[0];
        return letter === undefined
          ? `\\x${byte.charCodeAt(0).toString(16).padStart(2, "0")}`
          : `\\${letter}`;
      })
      .replace(/\\n(?=.)/g, "\\n\n")
      // What a reader of the file would take for a remark, or an editor would remove.
      .replace(/^#/gm, String.raw`\x23`)
      .replace(/ $/gm, String.raw`\x20`)
  );
}
