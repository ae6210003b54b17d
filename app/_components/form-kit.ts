'use client';

import { zodResolver } from '@hookform/resolvers/zod';
import { useEffect } from 'react';
import {
  get,
  useForm,
  useFormState,
  useWatch,
  type FieldValues,
  type Path,
  type UseFormReturn,
} from 'react-hook-form';
import type { z } from 'zod';
import type { FieldChange } from '../_ui/save-bar.tsx';

/** What a server action answers, as far as a form needs it. */
type SubmitResult =
  | { readonly ok: true }
  | {
      readonly ok: false;
      readonly error: {
        readonly message: string;
        readonly issues: ReadonlyArray<{ readonly field: string; readonly message: string }>;
      };
    };

type ServerForm<In extends FieldValues, Out extends FieldValues> = {
  form: UseFormReturn<In, unknown, Out>;
  /** For the form element. */
  onSubmit: (event?: React.BaseSyntheticEvent) => void;
  isSubmitting: boolean;
  /** What the server refused without naming a field of this form. */
  formError: string | undefined;
  discard: () => void;
};

/**
 * A form over one zod schema, checked here and again by the server. `values` is what is saved: when the server renders
 * new ones, untouched fields follow and edited ones stay. Refusals land on their fields by dotted path.
 */
export function useServerForm<In extends FieldValues, Out extends FieldValues>({
  schema,
  values,
  submit,
  onSaved,
}: {
  schema: z.ZodType<Out, In>;
  values: In;
  submit: (values: Out) => Promise<SubmitResult>;
  onSaved?: ((values: Out) => void) | undefined;
}): ServerForm<In, Out> {
  const form = useForm<In, unknown, Out>({
    resolver: zodResolver(schema),
    values,
    resetOptions: { keepDirtyValues: true },
    mode: 'onTouched',
  });
  const { errors, isDirty, isSubmitting } = form.formState;
  useLeaveGuard(isDirty && !isSubmitting);
  const send = form.handleSubmit(async (out) => {
    const result = await submit(out);
    if (result.ok) {
      form.reset(forgetSecrets(form.getValues()), whole);
      onSaved?.(out);
      return;
    }
    showRefusal(form, result.error);
  });
  return {
    form,
    onSubmit: (event) => void send(event),
    isSubmitting,
    formError: errors.root?.['server']?.message,
    discard: () => form.reset(values, whole),
  };
}

// `resetOptions` hold for every reset, so that these two must say that edited fields are meant too.
const whole = { keepDirtyValues: false };

/** A saved secret is "keep" again: what was typed is not held in the page any longer. */
function forgetSecrets<Values extends FieldValues>(values: Values): Values {
  const forget = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(forget);
    if (typeof value !== 'object' || value === null) return value;
    if ('kind' in value && (value.kind === 'replace' || value.kind === 'remove')) return { kind: 'keep' };
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, forget(inner)]));
  };
  // The walk keeps every key and puts one branch of SecretChange for another.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- see above
  return forget(values) as Values;
}

/** Sends refusals to their fields; those of no field of this form are said as a whole. */
function showRefusal<In extends FieldValues, Out extends FieldValues>(
  form: UseFormReturn<In, unknown, Out>,
  error: { message: string; issues: ReadonlyArray<{ field: string; message: string }> },
): void {
  const values = form.getValues();
  const ofFields = error.issues.filter((issue) => get(values, issue.field) !== undefined);
  const others = error.issues.filter((issue) => !ofFields.includes(issue));
  for (const [at, issue] of ofFields.entries()) {
    form.setError(
      toPath<In>(issue.field),
      { type: 'server', message: issue.message },
      { shouldFocus: at === 0 },
    );
  }
  const whole =
    ofFields.length > 0 && others.length === 0 ? 'Some fields need another value.' : error.message;
  form.setError('root.server', {
    type: 'server',
    message: [whole, ...others.map((issue) => issue.message)]
      .filter((text, at, all) => all.indexOf(text) === at)
      .join(' '),
  });
}

/** The caller has looked the path up in the form's values, so it is one of its fields. */
function toPath<In extends FieldValues>(field: string): Path<In> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- see above
  return field as Path<In>;
}

/** Asks before the tab is closed with unsaved changes. */
function useLeaveGuard(active: boolean): void {
  useEffect(() => {
    if (!active) return undefined;
    const onLeave = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener('beforeunload', onLeave);
    return () => removeEventListener('beforeunload', onLeave);
  }, [active]);
}

/** How a field is called in the list of changes; `format` says its value in words (a secret only as set or not). */
type ChangeLabel = { label: string; mono?: boolean | undefined; format?: (value: unknown) => string };

function words(value: unknown): string {
  if (value === undefined || value === null || value === '') return 'empty';
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  if (Array.isArray(value)) return value.length === 0 ? 'empty' : value.map(words).join(', ');
  return typeof value === 'string' || typeof value === 'number' ? String(value) : 'changed';
}

/** The changed fields with old and new value, for the save bar; keyed by dotted path. */
export function useChanges<In extends FieldValues, Out extends FieldValues>(
  form: UseFormReturn<In, unknown, Out>,
  labels: Readonly<Record<string, ChangeLabel>>,
): FieldChange[] {
  const { dirtyFields, defaultValues } = useFormState({ control: form.control });
  const values = useWatch({ control: form.control });
  return Object.entries(labels).flatMap(([path, { label, mono, format = words }]) => {
    if (!hasDirty(get(dirtyFields, path))) return [];
    return [{ label, mono, old: format(get(defaultValues, path)), new: format(get(values, path)) }];
  });
}

function hasDirty(mark: unknown): boolean {
  if (typeof mark === 'boolean') return mark;
  if (Array.isArray(mark)) return mark.some(hasDirty);
  return typeof mark === 'object' && mark !== null && Object.values(mark).some(hasDirty);
}
