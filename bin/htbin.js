#!/usr/bin/env node
// The command `htbin`; all of it is in src/cli/.
import { main } from "../dist/cli/main.js";

await main(process.argv.slice(2));
