// @ts-check
// A step of the build: joins what the command needs into few files, dist/cli/main.js and dist/cli/chunks/. Node takes
// longer to find and read the seventy modules one by one than htbin needs for all the rest until its first answer.
// What src/ imports when asked for stays apart. Those who import "htbin" get the modules as tsc writes them.

import { readFileSync } from "node:fs";
import { build } from "rolldown";

const licence = readFileSync(new URL("../node_modules/mime/LICENSE", import.meta.url), "utf8");

await build({
  input: { "cli/main": "src/cli/main.ts" },
  // koffi is a program for one platform, and may be missing.
  external: /^node:|^koffi$/,
  platform: "node",
  output: {
    dir: "dist",
    entryFileNames: "[name].js",
    // Without a hash: a stack trace names the same files after every build.
    chunkFileNames: "cli/chunks/[name].js",
    sourcemap: true,
    banner: ({ moduleIds }) =>
      moduleIds.some((id) => id.includes("node_modules/mime/")) ? `/*! With mime:\n${licence}*/` : "",
    // All that every start needs in one piece, though parts of it are what CGI needs, too.
    codeSplitting: { groups: [{ name: "start", tags: ["$initial"] }] },
  },
});
