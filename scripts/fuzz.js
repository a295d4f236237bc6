// @ts-check
// `npm run fuzz -- [arguments]`: build, then compare htbin with other servers, request by request (fuzz/main.ts).

import { buildAll, install, runNode } from "./project.js";

install();
buildAll();
runNode(["--enable-source-maps", "build/fuzz/main.js", ...process.argv.slice(2)]);
