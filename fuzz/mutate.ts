// Changes requests: bytes, words, lines and numbers, and crosses two of them.

import { BYTES, PAYLOADS } from "./dictionary.ts";
import type { Random } from "./random.ts";

/** Longest input: mutations that double must not grow without end. */
const LONGEST = 8192;

/** @param other another input, to cross with */
export function mutate(random: Random, text: string, other: () => string): string {
  for (let count = 1 + random.below(random.chance(1, 2) ? 1 : 4); count > 0; count--) {
    text = random.pick(MUTATIONS)(random, text, other).slice(0, LONGEST);
  }
  return text;
}

type Mutation = (random: Random, text: string, other: () => string) => string;

const MUTATIONS: readonly Mutation[] = [
  insertByte,
  insertByte,
  replaceByte,
  replaceByte,
  deleteBytes,
  deleteBytes,
  duplicate,
  insertPayload,
  insertPayload,
  insertPayload,
  changeNumber,
  swapLines,
  truncate,
  repeat,
  cross,
];

/** A place where a byte matters: half of the time next to a delimiter. */
function place(random: Random, text: string): number {
  const at = random.below(text.length + 1);
  if (random.chance(1, 2)) return at;
  for (let i = at; i < text.length; i++) {
    if (DELIMITERS.includes(text[i]!)) return i + random.below(2);
  }
  return at;
}

const DELIMITERS = "\r\n: ;,/\t";

function insertByte(random: Random, text: string): string {
  const at = place(random, text);
  return text.slice(0, at) + random.pick(BYTES) + text.slice(at);
}

function replaceByte(random: Random, text: string): string {
  const at = place(random, text);
  return text.slice(0, at) + random.pick(BYTES) + text.slice(at + 1);
}

function deleteBytes(random: Random, text: string): string {
  const at = place(random, text);
  return text.slice(0, at) + text.slice(at + 1 + random.below(random.chance(1, 2) ? 1 : 4));
}

function duplicate(random: Random, text: string): string {
  const start = random.below(text.length);
  const end = start + 1 + random.below(24);
  const at = random.chance(1, 2) ? end : place(random, text);
  return text.slice(0, at) + text.slice(start, end) + text.slice(at);
}

function insertPayload(random: Random, text: string): string {
  const payload = random.pick(PAYLOADS);
  const at = payload.endsWith("\n") && random.chance(3, 4) ? lineStart(random, text) : place(random, text);
  return text.slice(0, at) + payload + text.slice(at);
}

function changeNumber(random: Random, text: string): string {
  const numbers = [...text.matchAll(/(?<=[ \n])\d+/g)];
  if (numbers.length === 0) return text;
  const { 0: digits, index } = random.pick(numbers);
  const number = Number(digits);
  const changed = random.pick([
    `${number + 1}`,
    `${number - 1}`,
    `+${digits}`,
    `0${digits}`,
    `${digits}0`,
    `${digits}, ${digits}`,
  ]);
  return text.slice(0, index) + changed + text.slice(index + digits.length);
}

function swapLines(random: Random, text: string): string {
  const lines = text.split(/(?<=\n)/);
  const a = random.below(lines.length);
  const b = random.below(lines.length);
  [lines[a], lines[b]] = [lines[b]!, lines[a]!];
  return lines.join("");
}

function truncate(random: Random, text: string): string {
  return text.slice(0, random.below(text.length + 1));
}

/** Many of one thing: what limits are for. */
function repeat(random: Random, text: string): string {
  if (!random.chance(1, 20)) return duplicate(random, text);
  const lines = text.split(/(?<=\n)/);
  const at = random.below(lines.length);
  const times = random.pick([2, 99, 100, 101]);
  return [...lines.slice(0, at), lines[at]!.slice(0, 40).repeat(times), ...lines.slice(at)].join("");
}

function cross(random: Random, text: string, other: () => string): string {
  const behind = other();
  if (random.chance(1, 2))
    return text.slice(0, lineStart(random, text)) + behind.slice(lineStart(random, behind));
  return text.slice(0, place(random, text)) + behind.slice(place(random, behind));
}

function lineStart(random: Random, text: string): number {
  return text.lastIndexOf("\n", random.below(text.length + 1)) + 1;
}
