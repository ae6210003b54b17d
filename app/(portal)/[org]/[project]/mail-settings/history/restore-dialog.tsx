'use client';

import { useState, useTransition } from 'react';
import { Button } from '#app/_ui/button.tsx';
import { Dialog } from '#app/_ui/dialog.tsx';
import { Field, FieldError } from '#app/_ui/field.tsx';
import { TextInput } from '#app/_ui/inputs.tsx';
import { showToast } from '#app/_ui/toast.tsx';
import type { PresentedError } from '#app/_server/present-error.ts';
import type { ComparedVersions } from '#lib/settings/compare-settings-versions.ts';
import { settingsLabels, type SettingsPath } from '#lib/settings/labels.ts';
import { restoreSettings } from '../actions.ts';
import { type ActiveSending, readRefusal } from '../refusal.ts';
import type { SaveTarget } from '../use-save.ts';

export interface RestoreDialogProps {
  readonly target: SaveTarget;
  readonly compared: ComparedVersions;
  readonly currentVersion: number | null;
  readonly onClose: () => void;
  readonly onRestored: (version: number) => void;
}

type Typed = Partial<Record<SettingsPath, string>>;

const inputNames = {
  'connection.authentication.password': 'password',
  'connection.alternate.authentication.password': 'alternatePassword',
  'proxy.server.password': 'proxyPassword',
} as const;

/** Restores a version: its values as a new one, with the secrets that would go to another place typed again. */
export function RestoreDialog({ target, compared, currentVersion, onClose, onRestored }: RestoreDialogProps) {
  const { version } = compared.from;
  const asks = compared.restoreAsksFor ?? [];
  const [typed, setTyped] = useState<Typed>({});
  const [error, setError] = useState<PresentedError | null>(null);
  const [isPending, startTransition] = useTransition();
  const active = activeOf(error);
  function restore(whileSending?: 'pause_and_save' | 'save_only') {
    startTransition(async () => {
      const result = await restoreSettings(target.organization, {
        project: target.project,
        version,
        expectedVersion: currentVersion,
        ...secretsOf(typed),
        ...(whileSending && { whileSending }),
      });
      if (!result.ok) {
        setError(result.error);
        return;
      }
      showToast({ title: `Version ${version} is restored as version ${result.data.version}` });
      onClose();
      onRestored(result.data.version);
    });
  }
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={`Restore version ${version}?`}
      description="Its values are saved as a new version and take effect at the next mail. Secrets are never restored."
      footer={
        <>
          <Button big variant="quiet" onClick={onClose}>
            Cancel
          </Button>
          {active && (
            <Button big onClick={() => restore('save_only')}>
              Restore only
            </Button>
          )}
          <Button
            big
            variant="primary"
            pending={isPending && 'Restoring…'}
            onClick={() => restore(active ? 'pause_and_save' : undefined)}
          >
            {active ? 'Pause and restore' : `Restore version ${version}`}
          </Button>
        </>
      }
    >
      {asks.map((field) => (
        <SecretRow
          key={field}
          field={field}
          value={typed[field] ?? ''}
          error={error?.issues.find((issue) => issue.field === field)?.message}
          onType={(value) => setTyped({ ...typed, [field]: value })}
        />
      ))}
      {active && (
        <p className="text-text-2">
          Mail of this project is being sent: {active.sending} now, {active.waiting} waiting. Pause sending
          first, so that you can test before it goes on?
        </p>
      )}
      {error && !active && !error.issues.some(({ field }) => asks.some((asked) => asked === field)) && (
        <FieldError>{error.message}</FieldError>
      )}
    </Dialog>
  );
}

function SecretRow({
  field,
  value,
  error,
  onType,
}: {
  field: SettingsPath;
  value: string;
  error: string | undefined;
  onType: (value: string) => void;
}) {
  return (
    <Field
      id={`restore-${field.replaceAll('.', '-')}`}
      label={settingsLabels[field].label}
      error={error}
      help="The stored one was not saved for the place that this version leads to."
    >
      {(aria) => (
        <TextInput
          {...aria}
          mono
          type="password"
          autoComplete="new-password"
          value={value}
          onChange={(event) => onType(event.target.value)}
        />
      )}
    </Field>
  );
}

function secretsOf(typed: Typed): { password?: string; proxyPassword?: string } {
  const secrets: { password?: string; proxyPassword?: string } = {};
  for (const field of ['connection.authentication.password', 'proxy.server.password'] as const) {
    const value = typed[field];
    if (value !== undefined && value !== '') secrets[inputNames[field]] = value;
  }
  return secrets;
}

function activeOf(error: PresentedError | null): ActiveSending | null {
  if (error === null) return null;
  const refusal = readRefusal(error);
  return refusal.kind === 'sending' ? refusal.active : null;
}
