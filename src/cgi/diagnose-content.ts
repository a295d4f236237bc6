// What is wrong with the first bytes of a script: they name no interpreter, or are a
// program for another machine.

import { isUtf16, programMagic, shebangLine } from "./interpreter.ts";
import type { StartFacts } from "./start-facts.ts";
import { type Verdict, verdict } from "./verdict.ts";

/** `undefined` for a program of this machine, and for a script with a `#!` line, whatever that says. */
export function diagnoseContent({ file, start, interpreter, machine }: StartFacts): Verdict | undefined {
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
    return verdict("no-interpreter-line", "its '#!' line names no interpreter", WRITE_SHEBANG);
  }
  if (line !== undefined) return undefined;
  const program = programMagic(start);
  if (program === undefined) return diagnoseNoShebang(start.toString("latin1"));
  const wanted = program === "elf" ? elfMachine(start) : undefined;
  if (wanted === undefined || wanted === machine || ALSO_RUNS[machine] === wanted) return undefined;
  return verdict(
    "wrong-architecture",
    `it is not a program for this machine: it is for ${wanted}, and this is ${machine}`,
    "compile it on this machine, or for it",
  );
}

const WRITE_SHEBANG = "begin it with a line like '#!/bin/sh' or '#!/usr/bin/env python3'";

/** Text that is meant to be a script. */
function diagnoseNoShebang(text: string): Verdict {
  if (/^\s+#!/.test(text)) {
    return verdict(
      "no-interpreter-line",
      "blank space stands before its '#!', which has to be the first two characters",
      "remove what stands before '#!'",
    );
  }
  const cause = "it is neither a program nor does it begin with '#!'";
  if (/^\s*<\?php/i.test(text)) {
    return verdict("no-interpreter-line", cause, "let PHP run such files: --cgi-interpreter .php=php-cgi");
  }
  return verdict("no-interpreter-line", cause, WRITE_SHEBANG);
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
