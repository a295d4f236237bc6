// @ts-check
// `npm start -- [htbin's arguments]`: install if needed, build if needed, then become htbin.
// htbin runs in this very process, so that signals and the exit code are its own.

import { buildLibrary, install } from "./project.js";

install();
buildLibrary();
// npm moves to the project's folder; "the current folder" is the one the user stands in.
if (process.env["INIT_CWD"]) process.chdir(process.env["INIT_CWD"]);
await import("../bin/htbin.js");
