import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { projectRoot } from './portal-build.ts';

export interface BrowserLaunch {
  readonly executablePath?: string;
  readonly args: string[];
  readonly env: Record<string, string>;
}

const installedPlaces = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

// Chromium's sandbox wants rights that root and containers do not give; the pages are our own.
const args = ['--no-sandbox', '--disable-dev-shm-usage', '--font-render-hinting=none'];

/**
 * Which browser to drive, and how: the machine's own Chromium, else the one inside an npm package, which needs
 * nothing installed (Linux only). Anywhere else Playwright looks for a browser that it has fetched itself.
 */
export async function browserLaunch(): Promise<BrowserLaunch> {
  const env = Object.fromEntries(
    Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
  const installed = installedPlaces.find((path) => existsSync(path));
  if (installed !== undefined) return { executablePath: installed, args, env };
  if (process.platform !== 'linux') return { args, env };
  const executablePath = await packagedChromium();
  const fonts = join(dirname(executablePath), 'fonts');
  return {
    executablePath,
    args: [...args, '--disable-gpu', '--no-zygote'],
    env: existsSync('/etc/fonts') ? env : { ...env, FONTCONFIG_PATH: fonts },
  };
}

// The package unpacks into the folder for temporary files under a fixed name, and takes a half-written file for a whole
// one: unpack beside the packages instead, and move it into place at once.
async function packagedChromium(): Promise<string> {
  const home = join(projectRoot, 'node_modules', '.cache', 'chromium');
  const program = join(home, 'chromium');
  if (existsSync(program)) return program;
  await mkdir(dirname(home), { recursive: true });
  const draft = await mkdtemp(join(dirname(home), 'chromium-'));
  const usual = process.env['TMPDIR'];
  process.env['TMPDIR'] = draft;
  try {
    const { default: chromium } = await import('@sparticuz/chromium');
    await chromium.executablePath();
  } finally {
    if (usual === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = usual;
  }
  await rename(draft, home).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
  });
  return program;
}
