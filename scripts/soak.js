// @ts-check
// `npm run soak -- [arguments]`: build, then see whether anything is left behind by requests that are broken off (soak/main.ts).

import { buildAll, install, runNode } from "./project.js";

install();
buildAll();
runNode(["build/soak/main.js", ...process.argv.slice(2)]);
