// Makes requests by the grammar of RFC 9112: mostly right ones, of every form, with a wrong part now and then.

import * as words from "./dictionary.ts";
import type { Random } from "./random.ts";

/** One to four requests in a row, as one character per byte. */
export function makeRequests(random: Random): string {
  let text = "";
  for (let count = 1 + random.below(random.chance(1, 2) ? 2 : 4); count > 0; count--)
    text += makeRequest(random);
  return text;
}

function makeRequest(random: Random): string {
  const emptyLines = random.chance(1, 20) ? "\r\n".repeat(1 + random.below(2)) : "";
  if (random.chance(1, 150)) return `${emptyLines}GET ${random.pick(words.TARGETS)}\r\n`;
  const method = random.pick(random.chance(1, 12) ? words.RARE_METHODS : words.METHODS);
  const target = random.pick(random.chance(1, 8) ? words.RARE_TARGETS : words.TARGETS);
  const body = makeBody(random);
  const lines = [...makeFields(random), ...body.fields];
  shuffle(random, lines);
  return `${emptyLines}${method} ${target} ${makeVersion(random)}\r\n${lines.join("")}\r\n${body.text}`;
}

function makeVersion(random: Random): string {
  if (random.chance(1, 30)) return random.pick(words.RARE_VERSIONS);
  return random.chance(1, 12) ? "HTTP/1.0" : "HTTP/1.1";
}

function makeFields(random: Random): string[] {
  const lines: string[] = [];
  const add = (name: string, values: readonly string[]): void => {
    lines.push(makeField(random, name, random.pick(values)));
  };
  if (!random.chance(1, 40))
    add("Host", random.chance(1, 25) ? words.BAD_HOSTS : words.HOSTS.slice(0, 2 + random.below(6)));
  for (let count = random.below(3); count > 0; count--) {
    const [name, value] = random.pick(words.PLAIN_FIELDS);
    lines.push(makeField(random, name, value));
  }
  if (random.chance(1, 6)) add("Connection", words.CONNECTIONS);
  if (random.chance(1, 60)) add("Connection", words.CONNECTIONS);
  if (random.chance(1, 20))
    add("Expect", words.EXPECTATIONS.slice(0, 1 + random.below(words.EXPECTATIONS.length)));
  if (random.chance(1, 60)) add("Upgrade", words.UPGRADES);
  return lines;
}

function makeField(random: Random, name: string, value: string): string {
  const spelling = random.chance(1, 8)
    ? random.chance(1, 2)
      ? name.toLowerCase()
      : name.toUpperCase()
    : name;
  const before = random.chance(1, 6) ? random.pick(["", "  ", "\t", " \t "]) : " ";
  const after = random.chance(1, 12) ? random.pick([" ", "\t", "  "]) : "";
  return `${spelling}:${before}${value}${after}\r\n`;
}

interface MadeBody {
  readonly fields: readonly string[];
  readonly text: string;
}

function makeBody(random: Random): MadeBody {
  const form = random.below(20);
  if (form < 8) return { fields: [], text: "" };
  if (form < 12) {
    const text = makeContent(random);
    return { fields: [makeField(random, "Content-Length", String(text.length))], text };
  }
  if (form < 18)
    return { fields: [makeField(random, "Transfer-Encoding", "chunked")], text: makeChunks(random) };
  // What contradicts itself, or says what few servers understand.
  const text = random.chance(1, 2) ? makeChunks(random) : makeContent(random);
  const fields: string[] = [];
  if (random.chance(1, 2)) {
    const length = random.pick(words.CONTENT_LENGTHS).replaceAll("%", String(text.length));
    fields.push(makeField(random, "Content-Length", length));
  }
  if (random.chance(1, 2))
    fields.push(makeField(random, "Transfer-Encoding", random.pick(words.TRANSFER_CODINGS)));
  if (random.chance(1, 8)) fields.push(makeField(random, "Content-Length", String(text.length)));
  if (random.chance(1, 8)) fields.push(makeField(random, "Transfer-Encoding", "chunked"));
  return { fields, text };
}

/** Content that looks like framing wherever the framing is read wrongly. */
function makeContent(random: Random): string {
  return random.pick([
    "hello",
    "",
    "0\r\n\r\n",
    "GET /in-body HTTP/1.1\r\nHost: b.test\r\n\r\n",
    "a\x00\xff\r\n",
    "5\r\nhello\r\n",
  ]);
}

function makeChunks(random: Random): string {
  let text = "";
  for (let count = random.below(3); count > 0; count--) {
    const content = makeContent(random) || "x";
    const digits = hex(random, content.length);
    const size = random.chance(1, 30) ? random.pick(words.CHUNK_SIZES).replaceAll("%", digits) : digits;
    text += `${size}${makeExtension(random)}\r\n${content}\r\n`;
  }
  text += `${random.chance(1, 12) ? "000" : "0"}${makeExtension(random)}\r\n`;
  if (random.chance(1, 6)) {
    for (let count = 1 + random.below(2); count > 0; count--) {
      text += `${random.chance(1, 2) ? words.TRAILERS[0]! : random.pick(words.TRAILERS)}\r\n`;
    }
  }
  return `${text}\r\n`;
}

function makeExtension(random: Random): string {
  return random.chance(1, 10) ? random.pick(words.CHUNK_EXTENSIONS) : "";
}

function hex(random: Random, length: number): string {
  const digits = length.toString(16);
  if (random.chance(1, 8)) return digits.toUpperCase();
  return random.chance(1, 10) ? `00${digits}` : digits;
}

function shuffle(random: Random, lines: string[]): void {
  for (let i = lines.length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    [lines[i], lines[j]] = [lines[j]!, lines[i]!];
  }
}
