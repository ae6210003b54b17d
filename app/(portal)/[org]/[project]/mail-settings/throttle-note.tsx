'use client';

import { useEffect, useState } from 'react';
import { Note } from '#app/_ui/banner.tsx';
import type { SettingsWarning } from '#lib/settings/warning.ts';
import { useForm } from './form-context.tsx';
import { warnOfThrottle } from './throttle-actions.ts';
import type { SaveTarget } from './use-save.ts';

/** Nobody types slower within a word. */
const typedOutMs = 400;

const countedFields = [
  'connection.endpoint',
  'connection.mailbox',
  'connection.authentication.clientId',
  'connection.requestsCountedBy',
] as const;

/** Who would share the throttle of what is typed (PRODUCT 2.13). Of what is saved, the page's banner tells. */
export function ThrottleNote({ target }: { target: SaveTarget }) {
  const { form, dirty } = useForm();
  const isTyped = dirty.has('connection.kind') || countedFields.some((field) => dirty.has(field));
  if (form['connection.kind'] !== 'graph' || !isTyped) return null;
  return <TypedThrottle target={target} />;
}

function TypedThrottle({ target: { organization, project } }: { target: SaveTarget }) {
  const { form } = useForm();
  const [warning, setWarning] = useState<SettingsWarning | null>(null);
  const [endpoint, mailbox, clientId, requestsCountedBy] = [
    form['connection.endpoint'],
    form['connection.mailbox'],
    form['connection.authentication.clientId'],
    form['connection.requestsCountedBy'],
  ];
  useEffect(() => {
    let isOver = false;
    const ask = async () => {
      const connection = { endpoint, mailbox, authentication: { clientId }, requestsCountedBy };
      const result = await warnOfThrottle(organization, { project, connection });
      if (!isOver) setWarning(result.ok ? result.data : null);
    };
    // Without an answer there is no warning, as before the question.
    const timer = setTimeout(() => void ask().catch(() => undefined), typedOutMs);
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [organization, project, endpoint, mailbox, clientId, requestsCountedBy]);
  return (
    <div className={warning === null ? '' : 'fld py-1'}>
      <span />
      <output>
        {warning !== null && (
          <Note tone="amber" glyph="soon">
            {warning.text} {warning.wayOut}
          </Note>
        )}
      </output>
    </div>
  );
}
