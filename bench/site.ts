// Owns the folder that all servers serve: what is in it, and the answer that each of them owes for it.

import { createCipheriv, createHash } from "node:crypto";
import { chmodSync, closeSync, mkdirSync, openSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";

import { askProgram, runProcess } from "./processes.ts";

/** The one right answer to GET `path`. */
export interface Expected {
  readonly path: string;
  readonly status: number;
  readonly sha256: string;
  readonly size: number;
  /** Paths of more files of this size, to be asked for in turn with the first. */
  readonly others?: readonly string[];
}

/** Something to ask for. `create` puts it into the folder, or throws a sentence that says what is missing. */
export interface Content {
  readonly path: string;
  create(site: string, scratch: string): Promise<Expected>;
}

const HELLO = "Hello from a CGI program.\n";

const HELLO_C = `#include <stdio.h>
int main(void) {
  fputs("Content-Type: text/plain\\r\\n\\r\\n${HELLO.trim()}\\n", stdout);
  return 0;
}
`;

function printingSource(mebibytes: number): string {
  return `#include <stdio.h>
#include <string.h>
#include <unistd.h>
static char block[1 << 20];
int main(void) {
  fputs("Content-Type: application/octet-stream\\r\\n\\r\\n", stdout);
  fflush(stdout);
  for (int number = 0; number < ${mebibytes}; number++) {
    memset(block, number, sizeof block);
    for (size_t done = 0; done < sizeof block;) {
      ssize_t written = write(1, block + done, sizeof block - done);
      if (written <= 0) return 1;
      done += written;
    }
  }
  return 0;
}
`;
}

/** Printable text that no coding shortens much; no server is asked for a coding, though. */
export function textFile(name: string, size: number): Content {
  return {
    path: `/${name}`,
    create(site) {
      const text = randomBlock(0, size).toString("base64").slice(0, size);
      writeFileSync(join(site, name), text, { mode: 0o644 });
      return Promise.resolve(expected(`/${name}`, Buffer.from(text)));
    },
  };
}

/** Many files of the same size, each with a text of its own. */
export function manyTextFiles(folder: string, count: number, size: number): Content {
  const paths = Array.from({ length: count }, (_, number) => `/${folder}/${number}.txt`);
  const [first = "", ...others] = paths;
  const textOf = (number: number): string => randomBlock(number, size).toString("base64").slice(0, size);
  return {
    path: first,
    create(site) {
      mkdirSync(join(site, folder), { mode: 0o755 });
      for (const [number, path] of paths.entries())
        writeFileSync(join(site, path), textOf(number), { mode: 0o644 });
      return Promise.resolve({ ...expected(first, Buffer.from(textOf(0))), others });
    },
  };
}

/** Bytes that never repeat, so that a block sent twice or at the wrong place changes the hash. */
export function binaryFile(name: string, mebibytes: number): Content {
  return {
    path: `/${name}`,
    create(site) {
      const hash = createHash("sha256");
      const file = openSync(join(site, name), "w", 0o644);
      for (let block = 0; block < mebibytes; block += 1) {
        const bytes = randomBlock(block, 2 ** 20);
        hash.update(bytes);
        writeSync(file, bytes);
      }
      closeSync(file);
      const sha256 = hash.digest("hex");
      return Promise.resolve({ path: `/${name}`, status: 200, sha256, size: mebibytes * 2 ** 20 });
    },
  };
}

/** The cheapest program there is: what remains is the cost of starting it. */
export function compiledProgram(name: string): Content {
  return {
    path: `/cgi-bin/${name}`,
    async create(site, scratch) {
      await compile(site, scratch, name, HELLO_C);
      return expected(`/cgi-bin/${name}`, Buffer.from(HELLO));
    },
  };
}

/** Prints so many MiB, the same byte throughout each of them. */
export function printingProgram(name: string, mebibytes: number): Content {
  return {
    path: `/cgi-bin/${name}`,
    async create(site, scratch) {
      const hash = createHash("sha256");
      for (let block = 0; block < mebibytes; block += 1) hash.update(Buffer.alloc(2 ** 20, block));
      await compile(site, scratch, name, printingSource(mebibytes));
      const size = mebibytes * 2 ** 20;
      return { path: `/cgi-bin/${name}`, status: 200, sha256: hash.digest("hex"), size };
    },
  };
}

/** What is asked for, with something else in the same folder. */
export function besides(content: Content, other: Content): Content {
  return {
    path: content.path,
    async create(site, scratch) {
      await other.create(site, scratch);
      return content.create(site, scratch);
    },
  };
}

export function pythonScript(name: string, interpreter: string | undefined): Content {
  return {
    path: `/cgi-bin/${name}`,
    create(site) {
      if (interpreter === undefined) return Promise.reject(new Error("python3 is not installed"));
      const text = `#!${interpreter}\nprint("Content-Type: text/plain\\r\\n\\r\\n${HELLO.trim()}")\n`;
      writeFileSync(join(cgiBin(site), name), text, { mode: 0o755 });
      return Promise.resolve(expected(`/cgi-bin/${name}`, Buffer.from(HELLO)));
    },
  };
}

async function compile(site: string, scratch: string, name: string, text: string): Promise<void> {
  if (askProgram("cc", ["--version"]) === undefined) throw new Error("cc, the C compiler, is not installed");
  const source = join(scratch, `${name}.c`);
  writeFileSync(source, text);
  const program = join(cgiBin(site), name);
  await runProcess(["cc", "-O2", "-o", program, source]);
  chmodSync(program, 0o755);
}

function cgiBin(site: string): string {
  const folder = join(site, "cgi-bin");
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  return folder;
}

function expected(path: string, body: Buffer): Expected {
  return { path, status: 200, sha256: createHash("sha256").update(body).digest("hex"), size: body.length };
}

/** The same bytes in every run, and other ones in every block. */
function randomBlock(number: number, size: number): Buffer {
  const start = Buffer.alloc(16);
  start.writeUInt32BE(number);
  return createCipheriv("aes-128-ctr", Buffer.alloc(16, "htbin"), start).update(Buffer.alloc(size));
}
