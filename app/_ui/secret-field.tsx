'use client';

import { useState, type ReactNode } from 'react';
import { Button } from './button.tsx';
import { Field, type FieldShell } from './field.tsx';
import { TextArea, TextInput } from './inputs.tsx';

/** What the form sends for a secret: keep what is stored, put another in its place, or take it away. */
export type SecretChange = { kind: 'keep' } | { kind: 'replace'; value: string } | { kind: 'remove' };

const focusOnMount = (input: HTMLElement | null) => input?.focus();

/** A write-only secret: says when and by whom it was set, never what it is. */
export function SecretField({
  stored,
  change,
  onChange,
  removable = true,
  multiline = false,
  autoComplete = 'new-password',
  ...shell
}: Omit<FieldShell, 'group'> & {
  /** Who set it and when, as a sentence with a time; undefined when none is stored. */
  stored?: ReactNode;
  change: SecretChange;
  onChange: (change: SecretChange) => void;
  removable?: boolean | undefined;
  /** A secret of several lines, such as a key in PEM form: a one-line box would join its lines. */
  multiline?: boolean | undefined;
  autoComplete?: string | undefined;
}) {
  const typed = change.kind === 'replace' ? change.value : '';
  const typing = change.kind === 'replace' || (stored === undefined && change.kind === 'keep');
  const inSentence = shell.label.charAt(0).toLowerCase() + shell.label.slice(1);
  const [focusNew, setFocusNew] = useState(false);
  return (
    <Field {...shell} group={!typing}>
      {(aria) => {
        if (typing) {
          return (
            <span className="row">
              {multiline ? (
                <TextArea
                  {...aria}
                  mono
                  rows={4}
                  spellCheck={false}
                  autoComplete="off"
                  ref={focusNew ? focusOnMount : undefined}
                  value={typed}
                  onChange={(event) => onChange({ kind: 'replace', value: event.target.value })}
                />
              ) : (
                <TextInput
                  {...aria}
                  mono
                  type="password"
                  autoComplete={autoComplete}
                  ref={focusNew ? focusOnMount : undefined}
                  value={typed}
                  onChange={(event) => onChange({ kind: 'replace', value: event.target.value })}
                />
              )}
              {stored !== undefined && (
                <Button big onClick={() => onChange({ kind: 'keep' })}>
                  Keep stored
                </Button>
              )}
            </span>
          );
        }
        return (
          <div className="secret" id={aria.id}>
            {change.kind === 'keep' && (
              <span className="dots" aria-hidden="true">
                ••••••••
              </span>
            )}
            <span className="min-w-0 flex-1 truncate text-xs text-text-2">
              {change.kind === 'remove' ? 'will be removed on save' : <>set {stored}</>}
            </span>
            <span className="row gap-0">
              {change.kind === 'remove' ? (
                <Button onClick={() => onChange({ kind: 'keep' })}>Keep</Button>
              ) : (
                <>
                  <Button
                    aria-label={`Replace ${inSentence}`}
                    onClick={() => {
                      setFocusNew(true);
                      onChange({ kind: 'replace', value: '' });
                    }}
                  >
                    Replace
                  </Button>
                  {removable && (
                    <Button
                      variant="danger"
                      aria-label={`Remove ${inSentence}`}
                      onClick={() => onChange({ kind: 'remove' })}
                    >
                      Remove
                    </Button>
                  )}
                </>
              )}
            </span>
          </div>
        );
      }}
    </Field>
  );
}
