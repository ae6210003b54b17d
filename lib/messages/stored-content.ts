import { and, asc, eq } from 'drizzle-orm';
import { type Transaction, withTenant } from '#db/client.ts';
import { contents } from '#db/schema/messages.ts';
import { mailSettingsVersions } from '#db/schema/projects.ts';
import { requirePermission } from '../access/can.ts';
import { loadProject, type ProjectRow } from '../access/load-project.ts';
import { type Context, tenantScope } from '../context.ts';
import { DomainError } from '../errors.ts';
import { mailSettingsDocument } from '../settings/schemas.ts';
import { finishHeaders } from './finish-headers.ts';
import { loadMessage } from './load-message.ts';
import type { MessageRow } from './present-message.ts';

/** The stored bytes of a message, headers finished by the settings that it went or would go out by. */
export interface StoredContent {
  readonly message: MessageRow;
  /** Complete header block with its blank line. */
  readonly headers: string;
  /** As stored, without what settings fill. */
  readonly storedHeaders: string;
  readonly filledHeaders: readonly string[];
  /** The body, slice by slice: one slice in memory at a time. */
  readonly slices: () => AsyncGenerator<Buffer>;
}

/** For those who may read content. Throws `not_found` for another project's message, `expired` once content is gone. */
export function openStoredContent(
  ctx: Context,
  input: { readonly project: string; readonly id: string },
): Promise<StoredContent> {
  return withTenant(ctx.database, tenantScope(ctx), async (tx) => {
    const project = await loadProject(tx, ctx, input.project);
    requirePermission(ctx, 'messages.content', project.id);
    const message = await loadMessage(tx, project, input.id);
    const [first] = await tx.orm
      .select({ headers: contents.headers, filledHeaders: contents.filledHeaders })
      .from(contents)
      .where(and(eq(contents.messageId, message.id), eq(contents.part, 0)));
    if (first === undefined)
      throw new DomainError('expired', 'The content of this message is no longer kept.');
    const storedHeaders = first.headers ?? '';
    const filledHeaders = first.filledHeaders ?? [];
    const sender = await loadSender(tx, project, message);
    const headers =
      sender === null
        ? `${storedHeaders}\r\n`
        : finishHeaders({ headers: storedHeaders, filledHeaders, sender });
    return { message, headers, storedHeaders, filledHeaders, slices: () => readSlices(ctx, message.id) };
  });
}

async function loadSender(tx: Transaction, project: ProjectRow, message: MessageRow) {
  const version = message.settingsVersion ?? project.settingsVersion;
  if (version === null) return null;
  const [row] = await tx.orm
    .select({ document: mailSettingsVersions.document })
    .from(mailSettingsVersions)
    .where(and(eq(mailSettingsVersions.projectId, project.id), eq(mailSettingsVersions.version, version)));
  return mailSettingsDocument.nullable().parse(row?.document ?? null)?.sender ?? null;
}

async function* readSlices(ctx: Context, messageId: string): AsyncGenerator<Buffer> {
  for (let part = 0; ; part += 1) {
    const [slice] = await withTenant(ctx.database, tenantScope(ctx), (tx) =>
      tx.orm
        .select({ bytes: contents.bytes })
        .from(contents)
        .where(and(eq(contents.messageId, messageId), eq(contents.part, part)))
        .orderBy(asc(contents.part)),
    );
    if (slice === undefined) return;
    yield slice.bytes;
  }
}
