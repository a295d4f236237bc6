// @ts-check
// `npm run bench -- [arguments]`: build, then measure htbin and its peers (bench/main.ts).

import { buildAll, install, runNode } from "./project.js";

install();
buildAll();
runNode(["build/bench/main.js", ...process.argv.slice(2)]);
