/** The package's public face. */
import { fileURLToPath } from 'node:url';

export { startServer, type RunningServer, type ServerOptions } from './server.js';
export { FolderLocked } from './store/lock.js';
export { FORMAT_VERSION, FormatRefused, PlaceRefused } from './store/store.js';

/** The file to start with `node` or `fork` for a database in a process of its own. */
export const CLI_PATH = fileURLToPath(new URL('./cli.js', import.meta.url));
