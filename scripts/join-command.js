// @ts-check
// A step of the build: joins what the command needs into few files, dist/cli/main.js and dist/cli/chunks/. Node takes
// longer to find and read 145 modules one by one than htbin needs for all the rest until its first answer.
// What src/ imports when asked for stays apart. Those who import "htbin" get the modules as tsc writes them.

import { readFileSync } from "node:fs";
import { build } from "rolldown";

/** The joined files hold tables of `mime`, whose licence asks to be in every copy. */
const licence = readFileSync(new URL("../node_modules/mime/LICENSE", import.meta.url), "utf8");

await build({
  input: { "cli/main": "src/cli/main.ts" },
  // Loaded where an option asks for them; they bring their own licences. koffi is a program for one platform, and may be missing.
  external: [/^node:/, "bcryptjs", "unixcrypt", "uqr", "modern-tar", "koffi"],
  platform: "node",
  output: {
    dir: "dist",
    entryFileNames: "[name].js",
    // Without a hash: a stack trace names the same files after every build.
    chunkFileNames: "cli/chunks/[name].js",
    sourcemap: true,
    banner: ({ moduleIds }) =>
      moduleIds.some((id) => id.includes("node_modules/mime/")) ? `/*! With mime:\n${licence}*/\n` : "",
    // All that every start needs in one piece, though parts of it are what CGI needs, too.
    codeSplitting: { groups: [{ name: "start", tags: ["$initial"] }] },
  },
});

// A thread has a file of its own, found beside the one that starts it.
await build({
  input: { "password-worker": "src/files/password-worker.ts" },
  external: [/^node:/, "bcryptjs", "unixcrypt"],
  platform: "node",
  output: { dir: "dist/cli/chunks", entryFileNames: "[name].js", sourcemap: true },
});
