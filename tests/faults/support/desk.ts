import { asOwner } from '#db/client.ts';
import { advanceBulkRuns } from '#lib/backlog/advance-bulk-runs.ts';
import type { Context } from '#lib/context.ts';
import { saveFloodSettings } from '#lib/flood/save-flood-settings.ts';
import { acceptBatch } from '#lib/messages/accept-batch.ts';
import { cancelMessages } from '#lib/messages/cancel-messages.ts';
import { startMessageRun } from '#lib/messages/start-message-run.ts';
import { createProject } from '#lib/organizations/create-project.ts';
import { floodDefaults } from '#lib/policy/flood.ts';
import { tryLaneAgain } from '#lib/queue/try-lane-again.ts';
import { wakeLane } from '#lib/queue/wake-lane.ts';
import { pauseSending } from '#lib/settings/pause-sending.ts';
import { resumeSending } from '#lib/settings/resume-sending.ts';
import { saveMailSettings } from '#lib/settings/save-mail-settings.ts';
import type { MailSettingsFields } from '#lib/settings/schemas.ts';
import { waitUntil } from '#tests/support/wait-for.ts';
import type { KeptMail } from './audit-mailbox.ts';
import type { Mailbox } from './mailbox.ts';

/** How the mails of a fault look; what is left out is as small as it can be. */
export interface MailShape {
  readonly to?: readonly string[];
  readonly bodyBytes?: number;
  readonly subject?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

let projects = 0;

/** A project whose mail is to arrive in one mailbox, with what was accepted for it. */
export class Desk {
  readonly project: { readonly id: string; readonly slug: string };
  readonly laneId: string;
  readonly mailbox: Mailbox;
  readonly accepted: string[] = [];
  /** How many of its mails rightly still wait when the fault is over. */
  mayWait = 0;
  readonly #ctx: Context;
  #version = 1;

  private constructor(ctx: Context, project: Desk['project'], laneId: string, mailbox: Mailbox) {
    this.#ctx = ctx;
    this.project = project;
    this.laneId = laneId;
    this.mailbox = mailbox;
  }

  /** Makes a project, by the same verbs as the portal. */
  static async open(
    ctx: Context,
    mailbox: Mailbox,
    input: MailSettingsFields,
    name = `Fault ${++projects}`,
  ): Promise<Desk> {
    const project = await createProject(ctx, { name });
    await saveMailSettings(ctx, { project: project.slug, expectedVersion: null, input });
    // The same mail again and again is what a fault sends; the flood breaker counts it and lets it pass.
    const thresholds = { ...floodDefaults, repeatsPerHour: 1_000_000, surgeFloor: 1_000_000 };
    await saveFloodSettings(ctx, { project: project.slug, thresholds });
    const lane = await asOwner(ctx.database, (tx) =>
      tx.query<{ lane_id: string }>('select lane_id from mailroom.projects where id = $1', [project.id]),
    );
    return new Desk(ctx, project, lane.rows[0]?.lane_id ?? '', mailbox);
  }

  /** A project that was made elsewhere. */
  static of(ctx: Context, { project, laneId, mailbox }: Pick<Desk, 'project' | 'laneId' | 'mailbox'>): Desk {
    return new Desk(ctx, project, laneId, mailbox);
  }

  /** Accepts mails, by the verb of the API; what it answers for is in `accepted` from then on. */
  async accept(count: number, shape: MailShape = {}): Promise<readonly string[]> {
    const line = `${'All work and no play makes a dull letter.'.padEnd(74, ' x')}\r\n`;
    const text = line.repeat(Math.max(1, Math.round((shape.bodyBytes ?? 300) / line.length)));
    const ids: string[] = [];
    for (let done = 0; done < count; done += 100) {
      const items = Array.from({ length: Math.min(100, count - done) }, (_, index) => ({
        to: shape.to ?? `reader${done + index}@example.test`,
        subject: shape.subject ?? `Notice ${done + index}`,
        text,
        category: 'faults',
        ...(shape.headers === undefined ? {} : { headers: shape.headers }),
      }));
      for (const result of await acceptBatch(this.#ctx, this.project.slug, items)) {
        if (result.kind === 'refused') throw result.error;
        ids.push(result.message.id);
      }
    }
    this.accepted.push(...ids);
    return ids;
  }

  /** Sets the project's own limit of mails a day. */
  async limitTo(mailsPerDay: number): Promise<void> {
    await asOwner(this.#ctx.database, (tx) =>
      tx.query('update mailroom.limit_scopes set mails_per_day = $1 where project_id = $2', [
        mailsPerDay,
        this.project.id,
      ]),
    );
  }

  /** Saves other settings, as a person does while mail is being sent. */
  async save(input: MailSettingsFields): Promise<void> {
    const { version } = await saveMailSettings(this.#ctx, {
      project: this.project.slug,
      expectedVersion: this.#version,
      input,
      whileSending: 'save_only',
    });
    this.#version = version;
    this.wake();
  }

  /** Says that there is mail, as whoever lets a project go on does. */
  wake(): void {
    wakeLane(this.#ctx.database, this.laneId);
  }

  /** Resolves when nothing of the project is queued, or only what `but` leaves. */
  async settled(withinMs = 180_000, but = 0): Promise<void> {
    let left = -1;
    await waitUntil(
      'an empty queue',
      async () => {
        left = await this.queued().catch(() => left);
        return left >= 0 && left <= but;
      },
      { withinMs, everyMs: 100 },
    ).catch((error: unknown) => {
      throw new Error(`${left} mails of ${this.project.slug} are still queued`, { cause: error });
    });
  }

  /** Resolves when the lane has stopped and waits for a person. */
  async stopped(): Promise<void> {
    await waitUntil('a stopped lane', async () => (await this.#laneFact('stopped_at')) !== null, {
      withinMs: 60_000,
    });
  }

  /** "Try again", as a person clicks it where a fault was put right at the server. */
  async tryAgain(): Promise<void> {
    const { laneId } = await tryLaneAgain(this.#ctx, { project: this.project.slug });
    wakeLane(this.#ctx.database, laneId);
  }

  /** Puts all that is queued into the backlog, by hand. */
  async holdAll(): Promise<void> {
    const project = this.project.slug;
    await pauseSending(this.#ctx, { project });
    await startMessageRun(this.#ctx, { project, kind: 'hold', selection: { filter: {} } });
    while ((await this.queued()) > 0) await advanceBulkRuns(this.#ctx);
    await resumeSending(this.#ctx, { project });
    this.wake();
  }

  /** Takes back what still waits, as a person does. */
  async cancelAll(): Promise<void> {
    await cancelMessages(this.#ctx, { project: this.project.slug, ids: [...this.accepted] });
  }

  /** The server that the lane uses now. */
  async endpoint(): Promise<unknown> {
    return this.#laneFact('active_endpoint');
  }

  async #laneFact(column: 'stopped_at' | 'active_endpoint'): Promise<unknown> {
    const { rows } = await asOwner(this.#ctx.database, (tx) =>
      tx.query(`select ${column} as fact from mailroom.lanes where id = $1`, [this.laneId]),
    );
    return rows[0]?.['fact'] ?? null;
  }

  async queued(): Promise<number> {
    return this.#count('select count(*)::int as count from mailroom.queue_entries where project_id = $1');
  }

  /** Mails with a `started` mark that have no outcome yet. */
  async underWay(): Promise<number> {
    return this.#count(
      'select count(*)::int as count from mailroom.queue_entries where project_id = $1 and attempt_id is not null',
    );
  }

  /** How many attempts had this outcome. */
  async attemptsThat(outcome: string): Promise<number> {
    const kept = await this.kept();
    return kept.flatMap(({ attempts }) => attempts).filter((attempt) => attempt.outcome === outcome).length;
  }

  /** How many messages of the project are in each state. */
  async states(): Promise<Readonly<Record<string, number>>> {
    const states: Record<string, number> = {};
    for (const { state } of await this.kept()) states[state] = (states[state] ?? 0) + 1;
    return states;
  }

  /** The process that holds the lease of the project's lane. */
  async holderPid(): Promise<number | undefined> {
    const { rows } = await asOwner(this.#ctx.database, (tx) =>
      tx.query<{ pid: number }>(
        'select w.pid from mailroom.lanes l join mailroom.workers w on w.id = l.holder where l.id = $1',
        [this.laneId],
      ),
    );
    return rows[0]?.pid;
  }

  /** Every mail of the project as the database has it. */
  async kept(): Promise<readonly KeptMail[]> {
    const { rows } = await asOwner(this.#ctx.database, (tx) =>
      tx.query<KeptMail>(
        `select m.id, m.internet_message_id as "messageId", m.state, m.state_reason as reason,
           (select coalesce(jsonb_agg(jsonb_build_object('address', r.address, 'state', r.state) order by r.position), '[]')
            from mailroom.recipients r where r.message_id = m.id) as recipients,
           coalesce(a.attempts, '[]') as attempts
         from mailroom.messages m
         left join (
           select message_id, jsonb_agg(jsonb_build_object('outcome', outcome, 'repeat', repeat) order by id) as attempts
           from mailroom.attempts where project_id = $1 group by message_id
         ) a on a.message_id = m.id
         where m.project_id = $1`,
        [this.project.id],
      ),
    );
    return rows;
  }

  async #count(text: string): Promise<number> {
    const { rows } = await asOwner(this.#ctx.database, (tx) =>
      tx.query<{ count: number }>(text, [this.project.id]),
    );
    return rows[0]?.count ?? 0;
  }
}
