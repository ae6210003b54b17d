import { and, eq } from 'drizzle-orm';
import type { Transaction } from '#db/client.ts';
import { messages } from '#db/schema/messages.ts';
import type { ProjectRow } from '../access/load-project.ts';
import { DomainError } from '../errors.ts';
import { isId } from '../ids.ts';
import type { MessageRow } from './present-message.ts';

/** The message of this project; `not_found` for any other, whoever's it is. */
export async function loadMessage(tx: Transaction, project: ProjectRow, id: string): Promise<MessageRow> {
  const [row] = isId(id)
    ? await tx.orm
        .select()
        .from(messages)
        .where(
          and(
            eq(messages.id, id),
            eq(messages.projectId, project.id),
            eq(messages.organizationId, project.organizationId),
          ),
        )
    : [];
  if (row === undefined) throw new DomainError('not_found', 'There is no such message.');
  return row;
}
