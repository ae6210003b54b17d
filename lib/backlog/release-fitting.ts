import type { Transaction } from '#db/client.ts';
import type { Context } from '../context.ts';
import type { Moved } from './move-held.ts';
import { releaseHeld } from './release-held.ts';

interface HoldingProject {
  readonly id: string;
  readonly name: string;
  /** How many it holds so, and the newest of them. */
  readonly held: string;
  /** Recipients that one mail may have now; null: no limit. */
  readonly limit: number | null;
}

/** By project, the limit that was looked at and what it held then: the same again has nothing that fits. */
export type SeenLimits = Map<string, string>;

/**
 * After a limit was raised or removed, lets the mails go that the recipients limit held and that fit now, whatever the
 * box of auto resume says; at most `most` of each project.
 */
export async function releaseFitting(
  tx: Transaction,
  ctx: Context,
  seen: SeenLimits,
  most: number,
): Promise<readonly Moved[]> {
  const { rows } = await tx.query<HoldingProject>(
    `select p.id, p.name, s.limit, c.mails || ' ' || h.message_id as held
     from (
       select project_id, sum(mails) as mails from mailroom.held_counts
       where state = 'backlog' and reason = 'recipients_limit' group by project_id having sum(mails) > 0
     ) c
     join mailroom.projects p on p.id = c.project_id and p.archived_at is null
     cross join lateral (
       select min(s.recipients_per_mail) as limit from mailroom.limit_scopes_of(p.id) s
     ) s
     cross join lateral (
       select h.message_id from mailroom.held_messages h
       where h.project_id = p.id and h.state = 'backlog' and h.reason = 'recipients_limit'
       order by h.message_id desc limit 1
     ) h`,
  );
  const moved: Moved[] = [];
  for (const project of rows) {
    const now = `${project.limit} ${project.held}`;
    if (seen.get(project.id) === now) continue;
    const released = await releaseHeld(
      tx,
      ctx,
      {
        project,
        action: 'backlog.fitting_resumed',
        why: 'recipients_raise',
        facts: { limit: project.limit },
      },
      (values) => `select h.message_id from mailroom.held_messages h
        where h.project_id = ${values.add(project.id, 'uuid')} and h.state = 'backlog'
          and h.reason = 'recipients_limit'
          and h.recipient_count <= coalesce(${values.add(project.limit, 'integer')}, h.recipient_count)
        order by h.message_id limit ${most}`,
    );
    if (released.mails < most) seen.set(project.id, now);
    moved.push(released);
  }
  return moved;
}

/**
 * A project whose protocol has changed: what the limits of the old one held goes back to the queue and is decided by
 * those of the new one (PRODUCT 4.4), at most `most` mails a turn.
 */
export async function redecideHeld(tx: Transaction, ctx: Context, most: number): Promise<readonly Moved[]> {
  const { rows } = await tx.query<{ id: string; name: string; protocol: string | null }>(
    `select id, name, protocol from mailroom.projects where redecides_held and archived_at is null
     order by id for update skip locked`,
  );
  const moved: Moved[] = [];
  for (const project of rows) {
    const released = await releaseHeld(
      tx,
      ctx,
      {
        project,
        action: 'backlog.redecided',
        why: 'protocol_changed',
        facts: { protocol: project.protocol },
      },
      (values) => `select h.message_id from mailroom.held_messages h
        where h.project_id = ${values.add(project.id, 'uuid')} and h.state = 'backlog'
          and h.reason in ('day_limit', 'quota', 'recipients_limit')
        order by h.message_id limit ${most}`,
    );
    if (released.mails < most) {
      await tx.query('update mailroom.projects set redecides_held = false where id = $1', [project.id]);
    }
    moved.push(released);
  }
  return moved;
}
