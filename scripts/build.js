// @ts-check
// `npm run build`: dist/ from src/, if anything changed. `npm run build -- --all` builds the tests as well.

import { buildAll, buildLibrary, install } from "./project.js";

install();
if (process.argv.includes("--all")) buildAll();
else buildLibrary();
