'use client';

import { useCallback, useEffect, useMemo, useState } from 'react';
import type { FieldIssue } from '#lib/errors.ts';
import type { MailSettingsView } from '#lib/settings/schemas.ts';
import {
  dirtyFields,
  fieldAt,
  formOf,
  linesOf,
  type SettingsField,
  settingsFields,
  type SettingsForm,
} from './form-values.ts';
import { focusFirst } from './focus-first.ts';
import { isOwnPort, usualPort, usualPortWords } from './ports.ts';
import { followProposals } from './proposals.ts';

/** What the server holds: the version that the form was filled from. */
export interface SavedSettings {
  /** Null: not set up. */
  readonly version: number | null;
  readonly view: MailSettingsView | null;
}

export type FieldErrors = Partial<Record<SettingsField, string>>;

export interface SettingsFormState {
  readonly form: SettingsForm;
  readonly base: SavedSettings;
  readonly savedForm: SettingsForm;
  readonly errors: FieldErrors;
  readonly dirty: ReadonlySet<SettingsField>;
  /** Why the port is another one than a moment ago, or which would be usual. */
  readonly portHint: string | null;
  readonly set: <Field extends SettingsField>(field: Field, value: SettingsForm[Field]) => void;
  readonly fill: (values: Partial<SettingsForm>) => void;
  /** Puts the server's errors to their fields; answers with those that belong to none. */
  readonly showIssues: (issues: readonly FieldIssue[]) => readonly FieldIssue[];
  readonly discard: () => void;
  /** Remembers that what stands now was saved as this version: the next data fills the form anew. */
  readonly accept: (version: number, submitted: SettingsForm) => void;
}

interface Editing {
  readonly base: SavedSettings;
  readonly form: SettingsForm;
  readonly errors: FieldErrors;
  /** The fields that were refused last: once drawn with their errors, the first takes the focus. */
  readonly refused: readonly SettingsField[];
  readonly ownPort: boolean;
  readonly portHint: string | null;
  readonly accepted: { readonly version: number; readonly submitted: SettingsForm } | null;
}

const none: readonly SettingsField[] = [];

function begin(base: SavedSettings, form = formOf(base.view)): Editing {
  return { base, form, errors: {}, refused: none, ownPort: isOwnPort(form), portHint: null, accepted: null };
}

/**
 * The form's state. Data that arrives anew fills the form when nothing is typed, or when it is what this form saved;
 * otherwise the form stays as it is and the save tells of the conflict.
 */
export function useSettingsForm(saved: SavedSettings): SettingsFormState {
  const [editing, setEditing] = useState(() => begin(saved));
  const savedForm = useMemo(() => formOf(editing.base.view), [editing.base]);
  const dirty = useMemo(() => dirtyFields(editing.form, savedForm), [editing.form, savedForm]);
  if (saved.version !== editing.base.version) {
    const isOwn = editing.accepted?.version === saved.version;
    if (isOwn || dirty.size === 0) setEditing(isOwn ? rebase(editing, saved) : begin(saved));
  }
  const fill = useCallback((values: Partial<SettingsForm>) => {
    setEditing((now) => {
      const next = withProposals(now, {
        ...now,
        form: { ...now.form, ...values },
        errors: without(now, values),
      });
      if (values['connection.port'] === undefined) return withPort(now, next);
      return { ...next, ownPort: isOwnPort(next.form), portHint: null };
    });
  }, []);
  const set = useCallback<SettingsFormState['set']>((field, value) => {
    setEditing((now) => {
      const form = { ...now.form, [field]: value };
      const next = withProposals(now, { ...now, form, errors: without(now, { [field]: value }) });
      if (field !== 'connection.port') return withPort(now, next);
      return { ...next, ownPort: isOwnPort(next.form), portHint: usualHint(next.form) };
    });
  }, []);
  const showIssues = useCallback<SettingsFormState['showIssues']>((issues) => {
    const refused = issues.flatMap((issue) => fieldAt(issue.field) ?? []);
    setEditing((now) => ({ ...now, refused, errors: errorsOf(issues, now.form) }));
    return issues.filter((issue) => fieldAt(issue.field) === null);
  }, []);
  useEffect(() => focusFirst(editing.refused), [editing.refused]);
  const discard = useCallback(() => setEditing((now) => begin(now.base)), []);
  const accept = useCallback<SettingsFormState['accept']>((version, submitted) => {
    setEditing((now) => ({ ...now, errors: {}, accepted: { version, submitted } }));
  }, []);
  const { form, base, errors, portHint } = editing;
  return { form, base, savedForm, errors, dirty, portHint, set, fill, showIssues, discard, accept };
}

/** The saved values, with what was typed while the save was under way still on top. */
function rebase(editing: Editing, saved: SavedSettings): Editing {
  const fresh = formOf(saved.view);
  const submitted = editing.accepted?.submitted;
  if (submitted === undefined) return begin(saved, fresh);
  const typedMeanwhile = Object.fromEntries(
    settingsFields
      .filter((field) => JSON.stringify(editing.form[field]) !== JSON.stringify(submitted[field]))
      .map((field) => [field, editing.form[field]]),
  );
  return begin(saved, { ...fresh, ...typedMeanwhile });
}

/** Authorization server and scope go with what is typed until somebody types others. */
function withProposals(before: Editing, after: Editing): Editing {
  return { ...after, form: { ...after.form, ...followProposals(before.form, after.form) } };
}

/** The port goes with protocol and TLS policy until somebody types another. */
function withPort(before: Editing, after: Editing): Editing {
  const usual = usualPort(after.form);
  if (usual === usualPort(before.form)) return after;
  const port = after.form['connection.port'].trim();
  if (after.ownPort || port === usual) return { ...after, portHint: usualHint(after.form) };
  const portHint = `Port was ${port || 'blank'}. ${usual} is usual for ${usualPortWords(after.form)}.`;
  return { ...after, form: { ...after.form, 'connection.port': usual }, portHint };
}

function usualHint(form: SettingsForm): string | null {
  if (!isOwnPort(form)) return null;
  return `${usualPort(form)} is usual for ${usualPortWords(form)}.`;
}

function without(editing: Editing, changed: Partial<SettingsForm>): FieldErrors {
  return Object.fromEntries(Object.entries(editing.errors).filter(([field]) => !(field in changed)));
}

function errorsOf(issues: readonly FieldIssue[], form: SettingsForm): FieldErrors {
  const errors: FieldErrors = {};
  for (const issue of issues) {
    const field = fieldAt(issue.field);
    if (field !== null) errors[field] ??= entryMessage(issue, field, form);
  }
  return errors;
}

/** A fault of one entry of a list names the entry. */
function entryMessage(issue: FieldIssue, field: SettingsField, form: SettingsForm): string {
  const position = /\.(\d+)$/.exec(issue.field)?.[1];
  const text = form[field];
  if (position === undefined || typeof text !== 'string') return issue.message;
  const entry = linesOf(text)[Number(position)];
  return entry === undefined ? issue.message : `“${entry}”: ${issue.message}`;
}
