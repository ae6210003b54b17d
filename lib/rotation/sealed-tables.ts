import { z } from 'zod';
import { consentBinding } from '../oauth/begin-consent.ts';
import { grantBinding } from '../oauth/grant-store.ts';
import { secretPurposes } from '../settings/field-rule.ts';
import { secretBinding } from '../settings/seal-secrets.ts';

/** A table that holds sealed values: `key_id` and `sealed`, which are both null or (destroyed) `sealed` alone. */
export interface SealedTable {
  readonly name: string;
  /** Its primary key, one column. */
  readonly key: string;
  /** Columns that the binding is made of, beside `organization_id`. */
  readonly boundBy: readonly string[];
  /** What a row's value is authenticated with. `row` has the key, the organization and the columns above, as text. */
  binding(row: unknown): string;
}

const secretRow = z.object({
  organization_id: z.string(),
  project_id: z.string(),
  purpose: z.enum(secretPurposes),
});
const grantRow = z.object({ organization_id: z.string(), project_id: z.string(), id: z.string() });
const consentRow = z.object({ organization_id: z.string(), state_hash: z.string() });

/** Every table with sealed values; a test holds the list to the database. */
export const sealedTables: readonly SealedTable[] = [
  {
    name: 'secrets',
    key: 'id',
    boundBy: ['project_id', 'purpose'],
    binding: (row) => {
      const { organization_id: organizationId, project_id: projectId, purpose } = secretRow.parse(row);
      return secretBinding({ organizationId, projectId, purpose });
    },
  },
  {
    name: 'oauth_grants',
    key: 'id',
    boundBy: ['project_id'],
    binding: (row) => {
      const { organization_id: organizationId, project_id: projectId, id: grantId } = grantRow.parse(row);
      return grantBinding({ organizationId, projectId, grantId });
    },
  },
  {
    name: 'oauth_consents',
    key: 'state_hash',
    boundBy: [],
    // A bytea reads as text in hex, after "\x".
    binding: (row) => {
      const { organization_id: organizationId, state_hash: hash } = consentRow.parse(row);
      return consentBinding(organizationId, Buffer.from(hash.slice(2), 'hex'));
    },
  },
];
