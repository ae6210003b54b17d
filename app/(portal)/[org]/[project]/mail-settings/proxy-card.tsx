'use client';

import { Card } from '#app/_ui/card.tsx';
import { SecretField } from '#app/_ui/secret-field.tsx';
import { proxyWords } from '#lib/settings/labels.ts';
import { storedSecretsOf } from './form-values.ts';
import { useForm } from './form-context.tsx';
import { ChoiceRow, ListRow, NumberRow, TextRow, useRow } from './form-fields.tsx';
import { storedWords } from './secret-row.tsx';
import { Warnings } from './warnings.tsx';

const kinds = [
  { value: 'http', label: proxyWords.http },
  { value: 'socks5', label: proxyWords.socks5 },
] as const;

/** The way out through a proxy (PRODUCT 2.10). */
export function ProxyCard() {
  const { form, set } = useForm();
  const isUsed = form['proxy.use'];
  return (
    <Card
      title="Proxy"
      actions={
        <input
          type="checkbox"
          className="sw"
          aria-label="Use proxy"
          checked={isUsed}
          onChange={(event) => set('proxy.use', event.target.checked)}
        />
      }
    >
      {isUsed ? <ProxyRows /> : <p className="px-4 py-2 text-text-2">The server is reached directly.</p>}
    </Card>
  );
}

function ProxyRows() {
  const { form, set, base } = useForm();
  const password = useRow({
    field: 'proxy.server.password',
    optional: true,
    help: 'Stored encrypted, as the server’s is.',
  });
  return (
    <>
      <ChoiceRow field="proxy.server.kind" choices={kinds} />
      <TextRow field="proxy.server.host" mono placeholder="proxy.example.com" />
      <NumberRow field="proxy.server.port" help="Usual are 3128 or 8080 for HTTP CONNECT, 1080 for SOCKS5." />
      <TextRow field="proxy.server.userName" mono optional />
      <SecretField
        {...password}
        stored={storedWords(storedSecretsOf(base.view).proxyPassword)}
        change={form['proxy.server.password']}
        onChange={(change) => set('proxy.server.password', change)}
      />
      <Warnings of={['proxy.server.password']} />
      <ListRow
        field="proxy.server.noProxy"
        optional
        placeholder={'.corp.example.com\n10.0.0.0/8'}
        help="Servers that are reached directly: a host, a .suffix, an address or a network, one a line."
      />
    </>
  );
}
