/**
 * The mini-program as a browser runs it: built into dist/preview when its sources are newer, kept from then on. Two builds at once do not
 * meet: each fills a folder of its own and puts it in place whole.
 */
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { appRoot, buildPreview, miniprogramFolder } from '../miniprogram/preview/build.js';
import { createPreviewHandler } from '../miniprogram/preview/serve.js';
import { PREVIEW_PATH } from './front.js';
import type { PreviewHandler } from './front.js';
import { root } from './root.js';

export interface Preview {
  handle: PreviewHandler;
  /** Pages of the mini-program, as the platform knows those that are released. */
  pages: readonly string[];
}

const folder = join(root, 'dist', 'preview');
const STAMP = '.built';

/** @throws Error with what is wrong in the sources of the mini-program. */
export async function keepPreview(): Promise<Preview> {
  if (isStale()) await build();
  const { pages } = JSON.parse(readFileSync(join(appRoot, 'app.json'), 'utf8')) as { pages: string[] };
  return { handle: createPreviewHandler(folder, PREVIEW_PATH), pages };
}

function isStale(): boolean {
  const stamp = join(folder, STAMP);
  return !existsSync(stamp) || newest(miniprogramFolder) > lstatSync(stamp).mtimeMs;
}

async function build(): Promise<void> {
  const parent = join(root, 'dist');
  mkdirSync(parent, { recursive: true });
  const fresh = mkdtempSync(join(parent, 'preview-'));
  try {
    await buildPreview({ outDir: fresh, base: PREVIEW_PATH });
    writeFileSync(join(fresh, STAMP), '');
    rmSync(folder, { recursive: true, force: true });
    renameSync(fresh, folder);
  } catch (error) {
    rmSync(fresh, { recursive: true, force: true });
    // Another start was quicker: what it put there is as good.
    if (isStale()) throw error;
  }
}

/** The latest change below a path, folders included, so that a removed file counts too. */
function newest(path: string): number {
  const stat = lstatSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  const inside = readdirSync(path).map((name) => newest(join(path, name)));
  return Math.max(stat.mtimeMs, ...inside);
}
