'use client';

import { Link as LinkIcon, Link2Off, Plug, Unplug } from 'lucide-react';
import { useState, useTransition } from 'react';
import { Note } from '#app/_ui/banner.tsx';
import { Button } from '#app/_ui/button.tsx';
import { Card } from '#app/_ui/card.tsx';
import { DescriptionList } from '#app/_ui/description-list.tsx';
import { FieldError } from '#app/_ui/field.tsx';
import { Pill } from '#app/_ui/pill.tsx';
import type { StateLook } from '#app/_ui/state-labels.ts';
import { RelativeTime } from '#app/_ui/time.tsx';
import type { Connection, ConnectionPage } from '#lib/oauth/get-connection.ts';
import { startConsentHere } from './consent-actions.ts';
import { ConsentLinkDialog } from './consent-link-dialog.tsx';
import { DisconnectDialog, EndLinkDialog } from './end-consent-dialogs.tsx';
import { serverKind } from './connection-form.ts';
import { useForm } from './form-context.tsx';
import type { SaveTarget } from './use-save.ts';

const looks: Readonly<Record<Connection['state'], StateLook>> = {
  consent_missing: { word: 'Consent missing', glyph: 'queued', tone: 'amber', weight: 'loud' },
  connected: { word: 'Connected', glyph: 'ok', tone: 'green', weight: 'quiet' },
  failing: { word: 'Refused', glyph: 'failed', tone: 'red', weight: 'loud' },
};

const endNames = {
  client_secret: 'Client secret ends',
  certificate: 'Certificate ends',
  token: 'Consent ends without use',
} as const;

/** The state of the saved connection: who consented, until when it holds, what failed last (PRODUCT 2.9, 2.19, 2.20). */
export function ConsentCard({ target, page }: { target: SaveTarget; page: ConnectionPage }) {
  const { connection, openInsteadAt } = page;
  if (connection === null) {
    return (
      <Card title="Consent" padded>
        <div className="grid gap-3">
          <p className="text-text-2">Save these settings first. Sending starts after consent.</p>
          <OtherHostNote openInsteadAt={openInsteadAt} />
        </div>
      </Card>
    );
  }
  return (
    <Card title="Consent" actions={<Pill look={looks[connection.state]} />} padded>
      <div className="grid gap-3">
        {connection.state === 'consent_missing' && <p className="text-text-2">{missingWords(connection)}</p>}
        {connection.lastFailure && (
          <Note tone="red" glyph="failed">
            {connection.lastFailure.remedy.happened} {connection.lastFailure.remedy.todo}
          </Note>
        )}
        <OtherHostNote openInsteadAt={openInsteadAt} />
        <DescriptionList wide facts={factsOf(connection)} />
        {connection.may.consent && <ConsentButtons target={target} connection={connection} page={page} />}
      </div>
    </Card>
  );
}

/** The provider leads back to the portal's own host, where this browser would not be signed in (PRODUCT 2.9). */
function OtherHostNote({ openInsteadAt }: { openInsteadAt: string | null }) {
  if (openInsteadAt === null) return null;
  return (
    <Note tone="amber" glyph="soon">
      Open the portal at {openInsteadAt} before you connect: the provider leads back there.
    </Note>
  );
}

function missingWords({ access, account }: Connection): string {
  return access === 'app_only'
    ? 'An administrator of the tenant grants the rights once. Until then sign-in is refused and mail waits.'
    : `Mail waits until ${account} consents. None is lost.`;
}

function factsOf(connection: Connection) {
  const { lastFailure } = connection;
  const isMissing = connection.state === 'consent_missing';
  return [
    { name: 'Account', value: connection.account, mono: true },
    {
      name: 'Consented as',
      mono: true,
      value: connection.consentedAs === connection.account ? null : connection.consentedAs,
    },
    {
      name: 'Consented',
      value: connection.consentedAt && (
        <>
          <RelativeTime iso={connection.consentedAt} /> by {connection.consentedBy}
        </>
      ),
    },
    { name: 'Granted', value: connection.grantedScope, mono: true },
    {
      name: 'Token renewed',
      value: isMissing ? null : connection.lastRenewedAt && <RelativeTime iso={connection.lastRenewedAt} />,
    },
    {
      name: 'Token valid until',
      value: connection.accessExpiresAt && <RelativeTime iso={connection.accessExpiresAt} />,
    },
    ...connection.ends.map(({ kind, endsAt }) => ({
      name: endNames[kind],
      value: <RelativeTime iso={endsAt} />,
    })),
    {
      name: 'Last refusal',
      value: lastFailure && (
        <>
          <span className="mono">{lastFailure.code}</span> <RelativeTime iso={lastFailure.at} />
        </>
      ),
    },
    { name: 'In its words', value: lastFailure?.reply, mono: true },
    {
      name: 'Open link',
      value: connection.openLink && (
        <>
          made by {connection.openLink.createdBy}, ends{' '}
          <RelativeTime iso={connection.openLink.expiresAt} style="clock" />
        </>
      ),
    },
  ];
}

function ConsentButtons({
  target,
  connection,
  page,
}: {
  target: SaveTarget;
  connection: Connection;
  page: ConnectionPage;
}) {
  const { form, dirty } = useForm();
  const [error, setError] = useState<string>();
  const [isStarting, startTransition] = useTransition();
  const [open, setOpen] = useState<'link' | 'end_link' | 'disconnect' | null>(null);
  const isDelegated = connection.access === 'delegated';
  const why = whyNot(dirty.size > 0, page.openInsteadAt);
  function connect(kind: 'mailbox' | 'administrator') {
    startTransition(async () => {
      const result = await startConsentHere(target.organization, { project: target.project, kind });
      if (result.ok) window.location.assign(result.data.url);
      else setError(result.error.message);
    });
  }
  return (
    <>
      <div className="row flex-wrap">
        {isDelegated && (
          <Button
            big
            icon={Plug}
            why={why}
            pending={isStarting && 'Opening the provider…'}
            onClick={() => connect('mailbox')}
          >
            {connection.state === 'consent_missing' ? 'Connect' : 'Connect again'}
          </Button>
        )}
        {serverKind(form) === 'microsoft' && (
          <Button big why={why} onClick={() => connect('administrator')}>
            Consent as administrator
          </Button>
        )}
        <Button big icon={LinkIcon} why={why} onClick={() => setOpen('link')}>
          Make a consent link…
        </Button>
        {connection.openLink !== null && (
          <Button big variant="quiet-danger" icon={Link2Off} onClick={() => setOpen('end_link')}>
            End the open link…
          </Button>
        )}
        {connection.hasTokens && isDelegated && (
          <Button big variant="quiet-danger" icon={Unplug} onClick={() => setOpen('disconnect')}>
            Disconnect…
          </Button>
        )}
      </div>
      {error && <FieldError>{error}</FieldError>}
      <ConsentLinkDialog
        target={target}
        account={connection.account}
        open={open === 'link'}
        onClose={() => setOpen(null)}
      />
      <EndLinkDialog
        target={target}
        open={open === 'end_link'}
        onClose={() => setOpen(null)}
        onRefused={setError}
      />
      <DisconnectDialog
        target={target}
        provider={serverKind(form)}
        open={open === 'disconnect'}
        onClose={() => setOpen(null)}
        onRefused={setError}
      />
    </>
  );
}

function whyNot(isDirty: boolean, openInsteadAt: string | null): string | false {
  if (isDirty) return 'Save your changes first: consent is for the saved settings.';
  return openInsteadAt === null ? false : `Open the portal at ${openInsteadAt} first.`;
}
