import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { isId, newId } from '../ids.ts';

/**
 * The built-in inbox keeps every mail as two files named by one time-ordered id: the bytes as they came (`.eml`)
 * and what the list shows (`.json`). The process that receives and the portal that shows share nothing else.
 */
const entrySchema = z.object({
  id: z.string(),
  receivedAt: z.string(),
  /** What took the mail: the built-in mail server, or a stand-in for Microsoft Graph or Exchange. */
  via: z.enum(['smtp', 'graph', 'ews']).default('smtp'),
  /** The reverse path; empty for a notice that wants no answer. */
  envelopeFrom: z.string(),
  /** The forward paths: who really gets it, whatever the headers say. */
  envelopeTo: z.array(z.string()),
  subject: z.string(),
  from: z.string(),
  messageId: z.string(),
  sizeBytes: z.number(),
});

export type InboxEntry = z.infer<typeof entrySchema>;

export interface InboxPage {
  readonly entries: readonly InboxEntry[];
  readonly total: number;
  /** Cursors of the older and the newer page; undefined where there is none. */
  readonly nextCursor: string | undefined;
  readonly previousCursor: string | undefined;
}

/** Which page: older than a mail, newer than one, or the newest. */
export interface InboxPosition {
  readonly after?: string | undefined;
  readonly before?: string | undefined;
}

const keptMails = 1_000;
const pageSize = 50;

/** Writes a mail whole before its list entry, so that no list names a mail that is not there. */
export async function saveMail(
  folder: string,
  bytes: Buffer,
  described: Omit<InboxEntry, 'id' | 'sizeBytes'>,
): Promise<InboxEntry> {
  await mkdir(folder, { recursive: true });
  const entry: InboxEntry = { id: newId(), sizeBytes: bytes.length, ...described };
  await writeWhole(folder, `${entry.id}.eml`, bytes);
  await writeWhole(folder, `${entry.id}.json`, JSON.stringify(entry));
  return entry;
}

async function writeWhole(folder: string, name: string, content: Buffer | string): Promise<void> {
  const draft = join(folder, `.${name}.draft`);
  await writeFile(draft, content);
  await rename(draft, join(folder, name));
}

/** One page of the mails, newest first. */
export async function listInbox(folder: string, position: InboxPosition = {}): Promise<InboxPage> {
  const ids = await idsNewestFirst(folder);
  const shown = shownIds(ids, position);
  const [first, last] = [shown[0], shown.at(-1)];
  const entries = await Promise.all(shown.map((id) => readEntry(folder, id)));
  return {
    entries: entries.filter((entry) => entry !== null),
    total: ids.length,
    nextCursor: last === ids.at(-1) ? undefined : last,
    previousCursor: first === ids[0] ? undefined : first,
  };
}

function shownIds(ids: readonly string[], { after, before }: InboxPosition): readonly string[] {
  if (after !== undefined) return ids.filter((id) => id < after).slice(0, pageSize);
  if (before !== undefined) return ids.filter((id) => id > before).slice(-pageSize);
  return ids.slice(0, pageSize);
}

/** The list entry of one mail, or null when there is none of that id. */
export async function readEntry(folder: string, id: string): Promise<InboxEntry | null> {
  if (!isId(id)) return null;
  const text = await readFile(join(folder, `${id}.json`), 'utf8').catch(absent);
  return text === null ? null : entrySchema.parse(JSON.parse(text));
}

/** The bytes of one mail as they arrived, or null. */
export async function readMailBytes(folder: string, id: string): Promise<Buffer | null> {
  return isId(id) ? await readFile(join(folder, `${id}.eml`)).catch(absent) : null;
}

/** Removes the oldest mails above the number that is kept. */
export async function pruneInbox(folder: string, keep: number = keptMails): Promise<void> {
  const surplus = (await idsNewestFirst(folder)).slice(keep);
  for (const id of surplus) await removeMail(folder, id);
}

/** Removes everything. */
export async function emptyInbox(folder: string): Promise<void> {
  await pruneInbox(folder, 0);
}

async function removeMail(folder: string, id: string): Promise<void> {
  await rm(join(folder, `${id}.json`), { force: true });
  await rm(join(folder, `${id}.eml`), { force: true });
}

async function idsNewestFirst(folder: string): Promise<string[]> {
  const names = (await readdir(folder).catch(absent)) ?? [];
  const ids = names.filter((name) => name.endsWith('.json')).map((name) => name.slice(0, -'.json'.length));
  return ids.filter(isId).toSorted((left, right) => (left < right ? 1 : -1));
}

function absent(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT') return null;
  throw error;
}
