// Builds everything, whether it is stale or not.
import { prepare } from './prepare.mjs';

prepare({ force: true });
