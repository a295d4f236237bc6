// Reads the corpus: raw requests and what must become of them, in the text files of `corpus/`. The README there says how they are written.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** What becomes of one request. */
export type Outcome =
  /** A handler gets exactly this. */
  | {
      readonly kind: "accepted";
      readonly method: string;
      readonly path: string;
      readonly version: string;
      /** Name → all its values, in order; none where the field must not be there. */
      readonly fields: ReadonlyMap<string, readonly string[]>;
      readonly body: string;
    }
  /** An interim response goes ahead of the next outcome. */
  | { readonly kind: "interim"; readonly status: number }
  /** No handler is called, or none to its end: this status is the answer. */
  | { readonly kind: "refused"; readonly status: number; readonly method: string };

/** The connection takes another request, ends, or waits for the rest of a request. */
export type Afterwards = "open" | "closed" | "waiting";

export interface Case {
  readonly file: string;
  readonly name: string;
  /** What decides the outcome, with its section. */
  readonly rule: string;
  readonly bytes: Buffer;
  readonly outcomes: readonly Outcome[];
  readonly afterwards: Afterwards;
}

const DIRECTORY = join(import.meta.dirname, "..", "..", "..", "test", "conformance", "corpus");

/** All cases, by the names of their files. */
export function readCorpus(): Map<string, Case[]> {
  const files = readdirSync(DIRECTORY).filter((name) => name.endsWith(".txt"));
  return new Map(
    files.sort().map((file) => [file, parseCorpus(file, readFileSync(join(DIRECTORY, file), "utf8"))]),
  );
}

/** @throws {Error} with file and line for what is no case */
export function parseCorpus(file: string, text: string): Case[] {
  const cases: Case[] = [];
  let draft: Draft | undefined;
  for (const [index, line] of text.split("\n").entries()) {
    const at = `${file}:${index + 1}`;
    try {
      if (line !== line.trimEnd()) throw new Error("a blank at the end of a line is not seen: write \\x20");
      if (line.startsWith("== ")) draft = new Draft(file, line.slice(3));
      else if (line === "" || line.startsWith("#")) {
        if (draft !== undefined) cases.push(draft.finish());
        draft = undefined;
      } else if (draft === undefined) throw new Error("a case begins with ==");
      else draft.take(line);
    } catch (error) {
      throw new Error(`${at}: ${(error as Error).message}: ${line}`, { cause: error });
    }
  }
  if (draft !== undefined) cases.push(draft.finish());
  return cases;
}

/** A case as far as it has been read. */
class Draft {
  readonly #file: string;
  readonly #name: string;
  readonly #rule: string[] = [];
  readonly #bytes: Buffer[] = [];
  readonly #outcomes: Outcome[] = [];
  #afterwards: Afterwards | undefined;

  constructor(file: string, name: string) {
    this.#file = file;
    this.#name = name;
  }

  take(line: string): void {
    if (this.#afterwards !== undefined) throw new Error("the case has ended");
    if (line.startsWith("> ")) {
      if (this.#outcomes.length > 0) throw new Error("bytes come before outcomes");
      this.#bytes.push(unescape(line.slice(2)));
    } else if (this.#bytes.length === 0) this.#rule.push(line);
    else this.#takeOutcome(line);
  }

  #takeOutcome(line: string): void {
    const [word, ...rest] = line.split(" ");
    const last = this.#outcomes.at(-1);
    switch (word) {
      case "accepted": {
        const [method = "", target = "", version = "HTTP/1.1"] = rest;
        const path = unescape(target).toString("latin1");
        this.#outcomes.push({ kind: "accepted", method, path, version, fields: new Map(), body: "" });
        return;
      }
      case "interim":
        this.#outcomes.push({ kind: "interim", status: Number(rest[0]) });
        return;
      case "refused":
        this.#outcomes.push({ kind: "refused", status: Number(rest[0]), method: rest[2] ?? "GET" });
        return;
      case "field":
      case "without":
      case "body":
        if (last?.kind !== "accepted") throw new Error("this belongs to an accepted request");
        this.#outcomes[this.#outcomes.length - 1] = withDetail(last, word, line.slice(word.length + 1));
        return;
      case "open":
      case "closed":
      case "waiting":
        this.#afterwards = word;
        return;
      default:
        throw new Error("not an outcome");
    }
  }

  finish(): Case {
    const rule = this.#rule.join(" ");
    if (!/RFC \d+ §/.test(rule)) throw new Error(`'${this.#name}' cites no section`);
    if (this.#bytes.length === 0) throw new Error(`'${this.#name}' has no bytes`);
    if (this.#afterwards === undefined) throw new Error(`'${this.#name}' does not say what comes afterwards`);
    if (this.#outcomes.length === 0 && this.#afterwards !== "waiting")
      throw new Error(`'${this.#name}' has no outcome`);
    return {
      file: this.#file,
      name: this.#name,
      rule,
      bytes: Buffer.concat(this.#bytes),
      outcomes: this.#outcomes,
      afterwards: this.#afterwards,
    };
  }
}

function withDetail(
  outcome: Outcome & { kind: "accepted" },
  word: "field" | "without" | "body",
  detail: string,
): Outcome {
  if (word === "body") return { ...outcome, body: unescape(detail).toString("latin1") };
  const fields = new Map(outcome.fields);
  if (word === "without") return { ...outcome, fields: fields.set(detail, []) };
  const colon = detail.indexOf(":");
  const name = detail.slice(0, colon);
  const value = unescape(detail.slice(colon + 1).replace(/^ /, "")).toString("latin1");
  return { ...outcome, fields: fields.set(name, [...(fields.get(name) ?? []), value]) };
}

const ESCAPE = /\\(?:([rnt0\\])|x([0-9a-f]{2})|\{(\d+)\*((?:[^\\}]|\\[rnt0\\]|\\x[0-9a-f]{2})+)\})/g;
const LETTERS: Readonly<Record<string, string>> = { r: "\r", n: "\n", t: "\t", "0": "\0", "\\": "\\" };

/** `\r`, `\n`, `\t`, `\0`, `\\`, `\xHH`, and `\{3*ab}` for `ababab`. */
function unescape(text: string): Buffer {
  if (!/^[\x20-\x7e]*$/.test(text)) throw new Error("only visible ASCII: write the rest as \\xHH");
  if (text.replace(ESCAPE, "").includes("\\")) throw new Error("an unknown escape");
  const latin1 = text.replace(
    ESCAPE,
    (_all, letter?: string, hex?: string, count?: string, repeated?: string) => {
      if (letter !== undefined) return LETTERS[letter]!;
      if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
      return unescape(repeated!).toString("latin1").repeat(Number(count));
    },
  );
  return Buffer.from(latin1, "latin1");
}
