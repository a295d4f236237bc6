// What is wrong with the first bytes of a script: they name no interpreter, or are a
// program for another machine.

import { extname } from "node:path";

import { isUtf16, programMagic, shebangLine } from "./interpreter.ts";
import type { StartFacts } from "./start-facts.ts";
import { type Verdict, verdict } from "./verdict.ts";

type ContentFacts = Pick<StartFacts, "file" | "start" | "interpreter" | "machine">;

/** `undefined` for a program of this machine, and for a script with a `#!` line, whatever that says. */
export function diagnoseContent({ file, start, interpreter, machine }: ContentFacts): Verdict | undefined {
  const line = shebangLine(start);
  const hasNamed = interpreter !== undefined && line === undefined;
  if (start.length === 0 || hasNamed) return undefined;
  if (isUtf16(start)) {
    return verdict(
      "saved-as-utf-16",
      "it is saved as UTF-16, in which a NUL stands beside each letter",
      `save ${file} as UTF-8 without a byte order mark`,
    );
  }
  if (start.toString("hex", 0, 5) === "efbbbf2321") {
    return verdict(
      "byte-order-mark-in-script",
      "a UTF-8 byte order mark stands before its '#!'",
      `save ${file} as UTF-8 without a byte order mark`,
    );
  }
  if (line?.trim() === "") {
    return verdict("no-interpreter-line", "its '#!' line names no interpreter", writeShebang(file));
  }
  if (line !== undefined) return undefined;
  const program = programMagic(start);
  if (program === undefined) return diagnoseNoShebang(file, start.toString("latin1"));
  if (program === "other" && process.platform !== "darwin") {
    return verdict(
      "wrong-architecture",
      "it is not a program for this machine: it is a program for macOS, or a class of Java",
      "compile it on this machine; start a class by a script with 'exec java'",
    );
  }
  const wanted = program === "elf" ? elfMachine(start) : undefined;
  if (wanted === undefined || wanted === machine || ALSO_RUNS[machine] === wanted) return undefined;
  return verdict(
    "wrong-architecture",
    `it is not a program for this machine: it is for ${wanted}, and this is ${machine}`,
    "compile it on this machine, or for it",
  );
}

/** What runs the files of a language, by their usual extension. */
const SHEBANGS: Readonly<Record<string, string>> = {
  ".py": "/usr/bin/env python3",
  ".pl": "/usr/bin/env perl",
  ".rb": "/usr/bin/env ruby",
  ".js": "/usr/bin/env node",
  ".mjs": "/usr/bin/env node",
  ".lua": "/usr/bin/env lua",
  ".tcl": "/usr/bin/env tclsh",
  ".awk": "/usr/bin/awk -f",
  ".sh": "/bin/sh",
};

const COMPILED = /\.(?:c|cc|cpp|go|rs|java)$/;

function writeShebang(file: string): string {
  const known = SHEBANGS[extname(file).toLowerCase()];
  return known === undefined
    ? "begin it with a line like '#!/bin/sh' or '#!/usr/bin/env python3'"
    : `write '#!${known}' as its first line`;
}

export const BELONGS_OUTSIDE =
  "a page, a picture or data belongs outside of the CGI folder, where nothing is sent as it is";

/** Text that is meant to be a script. */
function diagnoseNoShebang(file: string, text: string): Verdict {
  const noScript = (cause: string, remedy: string): Verdict => verdict("no-interpreter-line", cause, remedy);
  if (/^\s+#!/.test(text)) {
    return noScript(
      "blank space stands before its '#!', which has to be the first two characters",
      "remove what stands before '#!'",
    );
  }
  if (/\n\s*#!/.test(text)) {
    return noScript("its '#!' line is not the first one", "move it to the very beginning of the file");
  }
  // '#/bin/sh', '!#/bin/sh', '# !/bin/sh'
  const [slip, path] = /^[#!](?:[ \t]?[#!])?[ \t]*(\/\S*bin\/\S[^\r\n]*)/.exec(text) ?? [];
  if (slip !== undefined) {
    return noScript(`it begins with '${slip}', where '#!' has to be`, `write '#!${path}'`);
  }
  const cause = "it is neither a program nor does it begin with '#!'";
  if (/^\s*<\?php/i.test(text)) {
    return noScript(cause, "let PHP run such files: --cgi-interpreter .php=php-cgi");
  }
  if (COMPILED.test(file)) return noScript(cause, "compile it, and put the program into the CGI folder");
  if (/^\s*<|\0/.test(text)) return noScript(cause, BELONGS_OUTSIDE);
  return noScript(cause, writeShebang(file));
}

// e_machine (System V ABI, gABI §4) as Node names machines in `process.arch`.
const ELF_MACHINES: Readonly<Record<number, string>> = {
  3: "ia32",
  8: "mips",
  20: "ppc",
  21: "ppc64",
  22: "s390x",
  40: "arm",
  62: "x64",
  183: "arm64",
  243: "riscv64",
  258: "loong64",
};

/** 64-bit machines that run the programs of their 32-bit forerunners. */
const ALSO_RUNS: Readonly<Record<string, string>> = { x64: "ia32", arm64: "arm", ppc64: "ppc" };

/** Node's name for the machine of an ELF program; `undefined` for one that runs here or that has no name. */
function elfMachine(start: Buffer): string | undefined {
  if (start.length < 20) return undefined;
  const isLittleEndian = start[5] === 1;
  return ELF_MACHINES[isLittleEndian ? start.readUInt16LE(18) : start.readUInt16BE(18)];
}
