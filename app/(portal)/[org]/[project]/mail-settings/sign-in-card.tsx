'use client';

import { Card } from '#app/_ui/card.tsx';
import { Checkbox } from '#app/_ui/choices.tsx';
import { SecretField } from '#app/_ui/secret-field.tsx';
import { RelativeTime } from '#app/_ui/time.tsx';
import { presetOf, presets } from '#lib/settings/presets.ts';
import type { SecretView } from '#lib/settings/schemas.ts';
import { storedSecretsOf } from './form-values.ts';
import { useForm } from './form-context.tsx';
import { TextRow, useRow } from './form-fields.tsx';
import { Warnings } from './warnings.tsx';

const removedWords =
  'A password is needed while the server requires authentication. Untick that to send without one.';

/** User name and password, neither asked for nor sent where the server wants none (PRODUCT 2.4). */
export function SignInCard() {
  const { form, set } = useForm();
  const preset = presets.find(({ id }) => id === presetOf(form['connection.host']));
  const isRequired = form['connection.authentication.kind'] === 'basic';
  return (
    <Card
      title="Sign-in at the server"
      actions={
        <Checkbox
          className="text-xs text-text-2"
          checked={isRequired}
          onChange={(event) => set('connection.authentication.kind', event.target.checked ? 'basic' : 'none')}
        >
          Requires authentication
        </Checkbox>
      }
    >
      {isRequired ? (
        <>
          <TextRow field="connection.authentication.userName" mono help={preset?.userNameHint ?? undefined} />
          <PasswordRow hint={preset?.passwordHint ?? null} />
          <Warnings of={['connection.authentication.password']} />
        </>
      ) : (
        <p className="px-4 py-2 text-text-2">
          No user name or password is sent. The server takes mail from Mailroom’s address as it is.
        </p>
      )}
      <Warnings of={['connection.authentication.kind']} />
    </Card>
  );
}

function PasswordRow({ hint }: { hint: string | null }) {
  const { form, set, base } = useForm();
  const shell = useRow({
    field: 'connection.authentication.password',
    help: `${hint === null ? '' : `${hint} `}Stored encrypted. Nobody can read it again, in the portal or through the API.`,
  });
  const change = form['connection.authentication.password'];
  return (
    <SecretField
      {...shell}
      error={change.kind === 'remove' ? removedWords : shell.error}
      stored={storedWords(storedSecretsOf(base.view).password)}
      change={change}
      onChange={(change) => set('connection.authentication.password', change)}
    />
  );
}

/** When and by whom a secret was set; undefined where none is stored. */
export function storedWords(secret: SecretView | null) {
  if (secret === null) return undefined;
  return (
    <>
      <RelativeTime iso={secret.setAt} /> by {secret.setBy}
    </>
  );
}
