#!/usr/bin/env node
/** The command `loadstone`, run from its modules as they are. Built, it starts with `start.ts`. */

import { main } from './program.ts';

await main(process.argv.slice(2));
