'use client';

import { useState, useTransition } from 'react';
import { showToast } from '#app/_ui/toast.tsx';
import type { PresentedError } from '#app/_server/present-error.ts';
import { saveSettings } from './actions.ts';
import { fieldAt, fieldsOf } from './form-values.ts';
import { type ActiveSending, type Conflict, readRefusal } from './refusal.ts';
import type { SettingsFormState } from './use-settings-form.ts';

export interface SaveTarget {
  readonly organization: string;
  readonly project: string;
}

type WhileSending = 'pause_and_save' | 'save_only';

export interface SaveState {
  readonly isPending: boolean;
  /** What was refused without a field of its own. */
  readonly message: string | undefined;
  readonly conflict: Conflict | null;
  readonly active: ActiveSending | null;
  readonly save: (options?: SaveOptions) => void;
  readonly closeQuestion: () => void;
}

interface SaveOptions {
  readonly whileSending?: WhileSending;
  /** Saves on top of this version instead of the one that the form started from. */
  readonly over?: number | null;
}

interface Question {
  readonly message?: string;
  readonly conflict?: Conflict;
  readonly active?: ActiveSending;
  /** What the save that was refused was told, to be told again with the answer. */
  readonly asked: SaveOptions;
}

/** Saves the form and turns each refusal into what the person can do about it; nothing typed is lost (PRODUCT 10.6). */
export function useSave(target: SaveTarget, state: SettingsFormState): SaveState {
  const [isPending, startTransition] = useTransition();
  const [question, setQuestion] = useState<Question>({ asked: {} });
  function save(options: SaveOptions = {}) {
    if (isPending) return;
    const asked = { ...question.asked, ...options };
    const submitted = state.form;
    setQuestion({ asked: {} });
    startTransition(async () => {
      const { whileSending, over = state.base.version } = asked;
      const result = await saveSettings(target.organization, {
        project: target.project,
        input: fieldsOf(submitted, Date.now()),
        expectedVersion: over,
        ...(whileSending && { whileSending }),
      });
      if (result.ok) {
        state.accept(result.data.version, submitted);
        saySaved(result.data);
        return;
      }
      setQuestion({ ...present(state, result.error), asked });
    });
  }
  return {
    isPending,
    message: question.message,
    conflict: question.conflict ?? null,
    active: question.active ?? null,
    save,
    closeQuestion: () => setQuestion({ asked: {} }),
  };
}

function saySaved({ version, isPaused }: { version: number; isPaused: boolean }): void {
  showToast({
    title: `Version ${version} is saved`,
    detail: isPaused
      ? 'Sending is paused; start it again in the banner above.'
      : 'It takes effect at the next mail.',
  });
}

function present(state: SettingsFormState, error: PresentedError): Omit<Question, 'asked'> {
  const refusal = readRefusal(error);
  switch (refusal.kind) {
    case 'secrets':
      openSecrets(state, error);
      return { message: showIssues(state, error) };
    case 'fields':
      return { message: showIssues(state, error) };
    case 'conflict':
      return { conflict: refusal.conflict };
    case 'sending':
      return { active: refusal.active };
    case 'other':
      return { message: refusal.message };
    default:
      return refusal satisfies never;
  }
}

const secretFields = [
  'connection.authentication.password',
  'connection.authentication.credential.secret',
  'connection.authentication.credential.privateKey',
  'proxy.server.password',
] as const;

/** Opens Replace at each secret that must be typed again; what is typed there already stays. */
export function openSecrets(state: SettingsFormState, error: Pick<PresentedError, 'issues'>): void {
  for (const field of secretFields) {
    if (!error.issues.some((issue) => issue.field === field)) continue;
    if (state.form[field].kind !== 'replace') state.set(field, { kind: 'replace', value: '' });
  }
}

/** Puts the errors to their fields, the first of which takes the focus; answers with what is to be said beside Save. */
export function showIssues(
  state: SettingsFormState,
  error: Pick<PresentedError, 'issues' | 'message'>,
): string {
  const homeless = state.showIssues(error.issues);
  const fields = error.issues.flatMap((issue) => fieldAt(issue.field) ?? []);
  if (fields.length === 0) return homeless[0]?.message ?? error.message;
  return fields.length === 1
    ? 'One field needs another value.'
    : `${fields.length} fields need another value.`;
}
