import { makeZip } from 'client-zip';
import { z } from 'zod';
import { withTenant } from '#db/client.ts';
import { requirePermission } from '../access/can.ts';
import { recordAudit } from '../audit/record-audit.ts';
import { type Context, tenantScope } from '../context.ts';
import { DomainError } from '../errors.ts';
import { openStoredContent } from '../messages/stored-content.ts';
import { parseInput } from '../parse-input.ts';
import { holdReasonFacts } from '../policy/hold-reasons.ts';
import { readableFilter } from './bulk-run-row.ts';
import { countSelection } from './count-held.ts';
import { csvRow } from './csv.ts';
import { mboxLines, mboxSeparator } from './mbox.ts';
import { openProjects } from './open-projects.ts';
import { type ExportedMail, readHeldInOrder } from './read-held-in-order.ts';
import { exportFormats, heldSelection, heldStates, projectOrAll } from './schemas.ts';

const exportInput = z.strictObject({
  project: projectOrAll,
  state: z.enum(heldStates).default('backlog'),
  selection: heldSelection.default({ filter: {} }),
  format: z.enum(exportFormats),
});

export interface HeldExport {
  readonly fileName: string;
  readonly mediaType: string;
  /** How many mails it will hold, as things stand. */
  readonly mails: number;
  /** The file, piece by piece; held pages are read as they are asked for. */
  readonly bytes: () => AsyncGenerator<Uint8Array>;
}

/**
 * Held mails as a file: a table (CSV), one mailbox (mbox), or each mail as it goes on the wire (eml, in one archive).
 * What holds their content is for those who may read it. One entry in the history.
 */
export async function exportHeld(ctx: Context, given: z.input<typeof exportInput>): Promise<HeldExport> {
  const { project, state, selection, format } = parseInput(exportInput, given);
  const { projectIds, mails } = await withTenant(ctx.database, tenantScope(ctx), async (tx) => {
    const open = await openProjects(
      tx,
      ctx,
      project,
      format === 'csv' ? 'messages.read' : 'messages.content',
    );
    const ids = open.map(({ id }) => id);
    const counted = await countSelection(tx, { projectIds: ids, state, asOf: null }, selection);
    const [only] = project === null ? [] : open;
    await recordAudit(tx, ctx, {
      action: 'backlog.exported',
      projectId: only?.id ?? null,
      object: { kind: 'backlog', id: only?.id ?? null, label: only?.name ?? null },
      detail: {
        mails: counted.mails,
        state,
        format,
        ...('ids' in selection
          ? { chosen: selection.ids.length }
          : { filter: readableFilter(selection.filter), except: selection.except?.length ?? 0 }),
      },
    });
    return { projectIds: ids, mails: counted.mails };
  });
  const day = ctx.clock.now().toISOString().slice(0, 10);
  const found = (): AsyncGenerator<ExportedMail> => readHeldInOrder(ctx, { projectIds, state, selection });
  switch (format) {
    case 'csv':
      return {
        fileName: `${state}-${day}.csv`,
        mediaType: 'text/csv; charset=utf-8',
        mails,
        bytes: () => csvFile(found()),
      };
    case 'mbox':
      return {
        fileName: `${state}-${day}.mbox`,
        mediaType: 'application/mbox',
        mails,
        bytes: () => mboxFile(ctx, found()),
      };
    case 'eml':
      return {
        fileName: `${state}-${day}.zip`,
        mediaType: 'application/zip',
        mails,
        bytes: () => zipFile(ctx, found()),
      };
    default:
      return format satisfies never;
  }
}

const head = [
  'Id',
  'Project',
  'State',
  'Why it waits',
  'Held (UTC)',
  'Accepted (UTC)',
  'Expires (UTC)',
  'From',
  'Recipients',
  'Recipient count',
  'Subject',
  'Category',
  'Priority',
  'Size in bytes',
  'Tries',
  'Message-ID',
];

async function* csvFile(found: AsyncGenerator<ExportedMail>): AsyncGenerator<Uint8Array> {
  // The mark at the beginning tells spreadsheets that it is UTF-8.
  yield Buffer.from(`\u{FEFF}${csvRow(head)}`);
  for await (const { item, recipients, messageId } of found) {
    yield Buffer.from(
      csvRow([
        item.id,
        item.project.name,
        item.state,
        holdReasonFacts[item.reason].label,
        item.heldAt,
        item.acceptedAt,
        item.expiresAt,
        item.from,
        recipients.join(', '),
        item.recipientCount,
        item.subject,
        item.category,
        item.priority,
        item.sizeBytes,
        item.attemptCount,
        messageId,
      ]),
    );
  }
}

async function* mboxFile(ctx: Context, found: AsyncGenerator<ExportedMail>): AsyncGenerator<Uint8Array> {
  for await (const mail of found) {
    yield mboxSeparator(mail.item.from ?? '', new Date(mail.item.acceptedAt));
    yield* mboxLines(mailBytes(ctx, mail));
  }
}

async function* zipFile(ctx: Context, found: AsyncGenerator<ExportedMail>): AsyncGenerator<Uint8Array> {
  yield* makeZip(filesOf(ctx, found));
}

async function* filesOf(ctx: Context, found: AsyncGenerator<ExportedMail>) {
  for await (const mail of found) {
    yield {
      name: `${mail.item.project.slug}/${mail.item.id}.eml`,
      lastModified: new Date(mail.item.acceptedAt),
      input: mailBytes(ctx, mail),
    };
  }
}

/** The mail as it goes on the wire; only its ids where the content is no longer kept. */
async function* mailBytes(ctx: Context, { item, messageId }: ExportedMail): AsyncGenerator<Uint8Array> {
  requirePermission(ctx, 'messages.content', item.project.id);
  try {
    const content = await openStoredContent(ctx, { project: item.project.id, id: item.id });
    yield Buffer.from(content.headers);
    yield* content.slices();
  } catch (error) {
    if (!(error instanceof DomainError) || error.code !== 'expired') throw error;
    yield Buffer.from(`Message-ID: ${messageId}\r\nX-Mailroom-Content: no longer kept\r\n\r\n`);
  }
}
