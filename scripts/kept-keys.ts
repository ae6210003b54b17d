import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

const keptSchema = z.object({ keys: z.string(), sessionSecret: z.string() });

export type KeptKeys = z.infer<typeof keptSchema>;

/** The keys of this installation: made at the first start, read at every later one. Lost keys cannot be made again. */
export async function keptKeys(dataFolder: string): Promise<KeptKeys> {
  const file = join(dataFolder, 'keys.json');
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (text !== null) return keptSchema.parse(JSON.parse(text));
  const made: KeptKeys = {
    keys: `first:${randomBytes(32).toString('base64')}`,
    sessionSecret: randomBytes(48).toString('base64url'),
  };
  await mkdir(dataFolder, { recursive: true });
  await writeFile(file, `${JSON.stringify(made, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
  return made;
}
