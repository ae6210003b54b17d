import { asOwner, type Database, type Transaction } from '#db/client.ts';
import { recordAudit } from '../audit/record-audit.ts';
import type { Services } from '../context.ts';
import { operatorContext } from '../organizations/open-operator-context.ts';
import { retagThrottles } from '../settings/retag-throttles.ts';
import type { Keyring, SealedSecret } from '../secrets/keyring.ts';
import { type SealedTable, sealedTables } from './sealed-tables.ts';

const batch = 200;

/** Values that stay under another key than the newest. */
export interface LeftUnderKey {
  readonly table: string;
  readonly keyId: string;
  readonly values: number;
}

export interface Rotation {
  /** The key that everything is sealed with from now on. */
  readonly keyId: string;
  readonly resealed: number;
  /** Sealed by a key that this process has not, or changed: nobody can open them. */
  readonly notOpened: number;
  /** Empty: every other key can be taken off the ring. */
  readonly left: readonly LeftUnderKey[];
  /** Graph connections whose throttle is known by another key from now on. */
  readonly retagged: number;
}

/**
 * Seals everything that lies under other keys with the newest one, in batches, while portals and workers go on. What is
 * written meanwhile wins and is met by the next run; one that was broken off goes on where it stopped. Each organization's
 * history says how many.
 */
export async function rotateSecrets(services: Services, operator: string): Promise<Rotation> {
  let resealed = 0;
  let notOpened = 0;
  for (const table of sealedTables) {
    for (let after: Place | null = null; ;) {
      const done: BatchResult = await asOwner(services.database, (tx) =>
        resealBatch(tx, services, { table, after, operator }),
      );
      resealed += done.resealed;
      notOpened += done.notOpened;
      if (done.next === null) break;
      after = done.next;
    }
  }
  return {
    keyId: services.keyring.sealingKeyId,
    resealed,
    notOpened,
    retagged: await retagThrottles(services),
    left: await countLeft(services.database, services.keyring.sealingKeyId),
  };
}

interface Place {
  readonly organizationId: string;
  readonly key: string;
}

interface BatchResult {
  readonly resealed: number;
  readonly notOpened: number;
  readonly next: Place | null;
}

interface SealedRow {
  readonly organization_id: string;
  readonly key: string;
  readonly key_id: string;
  readonly sealed: Buffer;
}

async function resealBatch(
  tx: Transaction,
  services: Services,
  {
    table,
    after,
    operator,
  }: { readonly table: SealedTable; readonly after: Place | null; readonly operator: string },
): Promise<BatchResult> {
  const rows = await nextRows(tx, table, services.keyring.sealingKeyId, after);
  const counts = new Map<string, number>();
  let notOpened = 0;
  for (const row of rows) {
    const sealed = resealed(services.keyring, table, row);
    if (sealed === null) notOpened += 1;
    else if (await store(tx, table, row, sealed)) {
      counts.set(row.organization_id, (counts.get(row.organization_id) ?? 0) + 1);
    }
  }
  for (const [organizationId, values] of counts) {
    await recordAudit(tx, operatorContext(services, { organizationId, label: operator }), {
      action: 'secrets.resealed',
      projectId: null,
      object: { kind: 'installation', id: null, label: null },
      detail: { table: table.name, values, keyId: services.keyring.sealingKeyId },
    });
  }
  const last = rows.length < batch ? undefined : rows.at(-1);
  return {
    resealed: [...counts.values()].reduce((sum, values) => sum + values, 0),
    notOpened,
    next: last === undefined ? null : { organizationId: last.organization_id, key: last.key },
  };
}

async function nextRows(
  tx: Transaction,
  { name, key, boundBy }: SealedTable,
  keyId: string,
  after: Place | null,
): Promise<readonly SealedRow[]> {
  const bound = boundBy.map((column) => `${column}::text`).join(', ');
  const { rows } = await tx.query<SealedRow>(
    `select organization_id::text, ${key}::text as key, ${key}::text${bound === '' ? '' : `, ${bound}`}, key_id, sealed
     from mailroom.${name}
     where sealed is not null and key_id <> $1
       and ($2::text is null or (organization_id::text, ${key}::text) > ($2, $3))
     order by organization_id::text, ${key}::text limit ${batch}`,
    [keyId, after?.organizationId ?? null, after?.key ?? null],
  );
  return rows;
}

/** Null where it cannot be opened. */
function resealed(keyring: Keyring, table: SealedTable, row: SealedRow): SealedSecret | null {
  try {
    const binding = table.binding(row);
    return keyring.seal(keyring.open({ keyId: row.key_id, sealed: row.sealed }, binding), binding);
  } catch {
    return null;
  }
}

/** False where the value was written anew or destroyed meanwhile. */
async function store(
  tx: Transaction,
  { name, key }: SealedTable,
  row: SealedRow,
  { keyId, sealed }: SealedSecret,
): Promise<boolean> {
  const { rowCount } = await tx.query(
    `update mailroom.${name} set key_id = $3, sealed = $4 where ${key}::text = $1 and sealed = $2`,
    [row.key, row.sealed, keyId, sealed],
  );
  return rowCount === 1;
}

async function countLeft(database: Database, keyId: string): Promise<readonly LeftUnderKey[]> {
  const each = sealedTables.map(
    ({ name }) =>
      `select '${name}' as table, key_id as "keyId", count(*)::int as values from mailroom.${name}
       where sealed is not null and key_id <> $1 group by key_id`,
  );
  const { rows } = await asOwner(database, (tx) =>
    tx.query<{ table: string; keyId: string; values: number }>(`${each.join(' union all ')} order by 1, 2`, [
      keyId,
    ]),
  );
  return rows;
}
