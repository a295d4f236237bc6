// A folder as people have them: for tests in a browser, and for the pictures in the manual.

import { mkdirSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { deflateSync } from "node:zlib";

/** The newest of its files: pictures of the folder look the same whenever they are taken. */
const TODAY = Date.UTC(2026, 9, 1, 9, 30) / 1000;

type Colour = readonly [red: number, green: number, blue: number];
const SKIES: readonly (readonly [name: string, from: Colour, to: Colour])[] = [
  ["dawn", [250, 160, 90], [120, 40, 90]],
  ["harbour", [90, 170, 220], [20, 60, 120]],
  ["meadow", [230, 220, 160], [60, 120, 90]],
  ["dusk", [200, 120, 160], [60, 40, 110]],
  ["lagoon", [150, 210, 190], [30, 90, 110]],
  ["snow", [225, 232, 240], [130, 150, 180]],
  ["desert", [245, 205, 140], [170, 80, 50]],
];

const FILES: readonly (readonly [path: string, size: number, daysAgo: number])[] = [
  ["README.md", 9_340, 0.2],
  ["index.ts", 4_900, 1],
  ["site.css", 12_345, 3],
  ["Q3 report.pdf", 812_353, 12],
  ["budget.xlsx", 58_110, 12],
  ["interview.mp3", 4_812_345, 40],
  ["film.mp4", 38_123_456, 16],
  ["release-2.9.0.tar.gz", 1_200_567, 90],
  ["release-2.10.0.tar.gz", 1_234_567, 5],
  ["Literata.woff2", 48_123, 300],
  ["שלום עולם.txt", 1_814, 7],
  ["写真.zip", 88_000, 9],
  [
    "minutes-of-the-meeting-that-nobody-should-have-named-like-this-but-the-export-tool-puts-the-whole-title-into-the-name.csv",
    3_600,
    2,
  ],
  ["docs/guide.md", 800, 4],
  ["src/main.ts", 2_048, 1],
  ["photos/originals/raw.bin", 10, 60],
];

/** Fills an empty directory. */
export function fillDemoFolder(directory: string): void {
  for (const [path, size, daysAgo] of FILES) put(directory, path, Buffer.alloc(size, 0x20), daysAgo);
  SKIES.forEach(([name, from, to], index) => {
    put(directory, `photos/${name}.png`, paint(from, to, index), index * 9 + 2);
  });
  put(
    directory,
    "logo.svg",
    Buffer.from(
      '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10"><path fill="#0b666d" d="M1 5 5 1l4 4-4 4z"/></svg>',
    ),
    200,
  );
  mkdirSync(join(directory, "empty"));
  symlinkSync("docs", join(directory, "latest"));
  for (const [index, path] of ["docs", "src", "empty", "photos", "photos/originals"].entries())
    touch(join(directory, path), index * 3 + 1);
}

function put(directory: string, path: string, content: Uint8Array, daysAgo: number): void {
  const file = join(directory, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
  touch(file, daysAgo);
}

function touch(file: string, daysAgo: number): void {
  const time = TODAY - daysAgo * 86_400;
  utimesSync(file, time, time);
}

const WIDTH = 480;
const HEIGHT = 320;

/** A sky, a sun and a hill, as PNG. */
function paint(from: Colour, to: Colour, seed: number): Buffer {
  const rows = Buffer.alloc(HEIGHT * (1 + WIDTH * 3));
  for (let y = 0, at = 0; y < HEIGHT; y++) {
    at++;
    for (let x = 0; x < WIDTH; x++) {
      const share = (x + y) / (WIDTH + HEIGHT);
      const isSun = Math.hypot(x - WIDTH * (0.25 + 0.08 * seed), y - HEIGHT * 0.35) < HEIGHT * 0.15;
      const isHill = y > HEIGHT * (0.65 + 0.1 * Math.sin((x / WIDTH) * 5 + seed * 2));
      for (let channel = 0; channel < 3; channel++) {
        const sky = from[channel]! + (to[channel]! - from[channel]!) * share;
        rows[at++] = Math.min(255, isHill ? sky * 0.55 : isSun ? sky + 60 : sky);
      }
    }
  }
  return png(rows);
}

function png(rows: Buffer): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(WIDTH, 0);
  header.writeUInt32BE(HEIGHT, 4);
  // Eight bits for each of red, green and blue.
  header.set([8, 2], 8);
  const signature = Buffer.from("\x89PNG\r\n\x1a\n", "latin1");
  return Buffer.concat([
    signature,
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(rows)),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}

/** The check of RFC 1952 §8, bit by bit. Node has one since 22.2. */
function crc32(bytes: Uint8Array): number {
  let crc = -1;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb8_8320 : 0);
  }
  return ~crc >>> 0;
}
