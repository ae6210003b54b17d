import { asOwner, type Database } from '#db/client.ts';
import type { Context } from '#lib/context.ts';
import { newId } from '#lib/ids.ts';
import { saveLimit } from '#lib/limits/save-limit.ts';
import { saveLimitCalendar } from '#lib/limits/save-limit-calendar.ts';
import { createStartBatch } from '#lib/queue/start-attempts.ts';
import type { StartMark } from '#lib/queue/start-mark.ts';
import {
  contextOf,
  makeOrganization,
  testServices,
  type TestOrganization,
} from '#tests/support/factories.ts';
import { makeScene, queueMails, type Scene } from '#tests/integration/queue/queue-scene.ts';
import { type Cut, LimitModel, type Numbers } from './limit-model.ts';

export interface Mail {
  readonly id: string;
  readonly project: string;
  readonly isHigh: boolean;
  readonly override: boolean;
}

export interface Worker {
  readonly id: string;
  readonly scenes: readonly Scene[];
}

const unlimited: Numbers = { mailsPerDay: null, highReserve: 0 };

/** An organization with workers that have lanes of their own, and the model that runs beside it. */
export class CountingRun {
  readonly model: LimitModel;
  readonly mails: Mail[] = [];
  readonly #limits = new Map<string, Numbers>();
  readonly #counted = new Set<string>();
  readonly database: Database;
  readonly organization: TestOrganization;
  readonly workers: readonly Worker[];

  private constructor(
    database: Database,
    organization: TestOrganization,
    workers: readonly Worker[],
    first: Omit<Cut, 'startsAt'>,
  ) {
    this.database = database;
    this.organization = organization;
    this.workers = workers;
    this.model = new LimitModel(first);
  }

  static async begin(
    database: Database,
    { workers, kind, timeZone }: { workers: number; kind: Cut['kind']; timeZone: string },
  ): Promise<CountingRun> {
    const organization = await makeOrganization(database, { timeZone });
    await asOwner(database, (tx) =>
      tx.query('update mailroom.limit_calendars set kind = $2 where organization_id = $1', [
        organization.id,
        kind,
      ]),
    );
    const made: Worker[] = [];
    for (let index = 0; index < workers; index += 1) {
      const scenes = [
        await makeScene(database, { port: 25 }, organization),
        await makeScene(database, { port: 25 }, organization),
      ];
      const id = newId();
      await asOwner(database, (tx) =>
        tx.query(
          `update mailroom.lanes set holder = $2, generation = 1, lease_expires_at = 'infinity' where id = any ($1)`,
          [scenes.map(({ project }) => project.laneId), id],
        ),
      );
      made.push({ id, scenes });
    }
    return new CountingRun(database, organization, made, { kind, timeZone });
  }

  async queue(counts: {
    readonly normal: number;
    readonly high: number;
    readonly overrides: number;
  }): Promise<void> {
    for (const scene of this.workers.flatMap(({ scenes }) => scenes)) {
      const project = scene.project.id;
      const normal = await queueMails(this.database, scene, counts.normal + counts.overrides);
      const high = await queueMails(this.database, scene, counts.high, { priority: 0 });
      this.mails.push(
        ...normal.map((id, index) => ({ id, project, isHigh: false, override: index < counts.overrides })),
        ...high.map((id) => ({ id, project, isHigh: true, override: false })),
      );
    }
    const passing = this.mails.filter(({ override }) => override).map(({ id }) => id);
    await asOwner(this.database, (tx) =>
      tx.query('update mailroom.queue_entries set overrides = 1 where message_id = any ($1)', [passing]),
    );
  }

  limitOf(scope: string): Numbers {
    return this.#limits.get(scope) ?? unlimited;
  }

  async save(database: Database, scope: string, wanted: Numbers): Promise<void> {
    const before = this.limitOf(scope);
    const reference = scope === 'smtp' ? scope : `project:${scope}`;
    await saveLimit(this.#context(database), {
      scope: reference,
      ...wanted,
      expected: { ...before, recipientsPerMail: null },
    });
    this.#limits.set(scope, wanted);
  }

  async cut(
    database: Database,
    now: number,
    wanted: { kind: 'calendar' | 'rolling'; timeZone: string },
  ): Promise<void> {
    await saveLimitCalendar(this.#context(database), wanted);
    this.model.cut(now, wanted);
  }

  #context(database: Database): Context {
    return contextOf(testServices(database), this.organization);
  }

  /** Every mail of the worker that has no mark asks for one, in this order, so many at a time. */
  async startAll(worker: Worker, database: Database, atATime: number): Promise<void> {
    const batch = createStartBatch(database, {
      now: () => performance.now(),
      slot: 1,
      onStarted: () => undefined,
    });
    const open = await this.#unmarked(worker);
    for (let from = 0; from < open.length; from += atATime) {
      const marks = open.slice(from, from + atATime);
      // A connection that was cut answers none of its marks; what became of them stands in the table.
      await Promise.allSettled(marks.map((mark) => batch.start(mark)));
    }
  }

  async #unmarked(worker: Worker): Promise<StartMark[]> {
    const byProject = new Map(worker.scenes.map(({ project }) => [project.id, project.laneId]));
    const { rows } = await asOwner(this.database, (tx) =>
      tx.query<{ id: string }>(
        'select message_id as id from mailroom.queue_entries where organization_id = $1 and attempt_id is null',
        [this.organization.id],
      ),
    );
    const unmarked = new Set(rows.map(({ id }) => id));
    return this.mails.flatMap(({ id, project, isHigh, override }) => {
      const laneId = byProject.get(project);
      if (laneId === undefined || !unmarked.has(id)) return [];
      const lease = {
        laneId,
        workerId: worker.id,
        generation: 1,
        wakeSeq: 0,
        validUntilMs: Number.POSITIVE_INFINITY,
      };
      return [
        {
          messageId: id,
          projectId: project,
          attemptId: newId(),
          settingsVersion: 1,
          lease,
          isHigh,
          isCounted: this.#counted.has(id),
          isExempt: false,
          overrides: override ? 1 : 0,
          recipientCount: 1,
        },
      ];
    });
  }

  /** Reads what has been counted since, into the model. Answers how many mails got a mark. */
  async observe(): Promise<{ readonly marked: number; readonly counted: number }> {
    const { rows } = await asOwner(this.database, (tx) =>
      tx.query<{ id: string; counted_at: Date; is_marked: boolean }>(
        `select message_id as id, counted_at, attempt_id is not null as is_marked from mailroom.queue_entries
         where organization_id = $1 and counted_at is not null`,
        [this.organization.id],
      ),
    );
    const byId = new Map(this.mails.map((mail) => [mail.id, mail]));
    let counted = 0;
    for (const { id, counted_at } of rows) {
      const mail = byId.get(id);
      if (mail === undefined || this.#counted.has(id)) continue;
      this.#counted.add(id);
      this.model.sent.push({ at: counted_at.getTime(), project: mail.project, isHigh: mail.isHigh });
      counted += 1;
    }
    return { marked: rows.filter(({ is_marked }) => is_marked).length, counted };
  }

  /** Mails whose try has failed for now: the next one asks for another mark. */
  async retry(every: number): Promise<void> {
    const ids = this.mails
      .filter((mail, index) => this.#counted.has(mail.id) && index % every === 0)
      .map(({ id }) => id);
    await asOwner(this.database, (tx) =>
      tx.query('update mailroom.queue_entries set attempt_id = null where message_id = any ($1)', [ids]),
    );
  }

  /** Mails without a mark that nothing in the model stops; each one is a mistake. */
  async wrongfullyLeft(now: number): Promise<readonly Mail[]> {
    const open = await Promise.all(this.workers.map((worker) => this.#unmarked(worker)));
    const ids = new Set(open.flat().map(({ messageId }) => messageId));
    return this.mails.filter((mail) => {
      if (!ids.has(mail.id)) return false;
      if (mail.override || this.#counted.has(mail.id)) return true;
      return this.#scopesOf(mail.project).every((scope) => this.model.room(now, scope, mail.isHigh) > 0);
    });
  }

  #scopesOf(project: string): readonly (Numbers & { readonly project: string | null })[] {
    return [
      { ...this.limitOf('smtp'), project: null },
      { ...this.limitOf(project), project },
    ];
  }

  /** How far each limit's window is beyond its limit, and what the database has counted apart from the model. */
  async figures(
    now: number,
  ): Promise<
    readonly { scope: string; used: number; counted: number; hours: number; limit: number | null }[]
  > {
    const { start, end } = this.model.window(now);
    const { rows } = await asOwner(this.database, (tx) =>
      tx.query<{ project: string | null; counted: number; hours: number }>(
        `select s.project_id as project,
           (select coalesce(sum(u.mails), 0)::int from mailroom.limit_usage u
            where u.scope_id = s.id and u.minute >= $2 and u.minute < $3) as counted,
           (select mails::int from mailroom.limit_used(s.id, $2, nullif($3, 'infinity'::timestamptz))) as hours
         from mailroom.limit_scopes s
         where s.organization_id = $1 and (s.protocol = 'smtp' or s.project_id is not null)`,
        [this.organization.id, new Date(start), Number.isFinite(end) ? new Date(end) : 'infinity'],
      ),
    );
    return rows.map(({ project, counted, hours }) => ({
      scope: project ?? 'smtp',
      used: this.model.used(now, project).mails,
      counted,
      hours,
      limit: this.limitOf(project ?? 'smtp').mailsPerDay,
    }));
  }
}
