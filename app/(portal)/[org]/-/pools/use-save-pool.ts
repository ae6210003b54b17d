'use client';

import { useState } from 'react';
import type { ActionResult } from '#app/_server/action.ts';
import { attachProjectAction, createPoolAction, detachProjectAction, updatePoolAction } from './actions.ts';
import { inputOf, type PoolValues } from './pool-values.ts';

export interface ProjectChoice {
  readonly slug: string;
  readonly name: string;
  /** The pool that it would leave; null: it draws from none, or from this one. */
  readonly otherPool: string | null;
}

interface Editing {
  readonly organization: string;
  readonly pool: { readonly id: string; readonly version: number } | null;
  readonly saved: PoolValues;
  readonly projects: readonly ProjectChoice[];
}

const away = 'The portal does not answer. Nothing was saved.';

/** Saves a pool and who draws from it; each is a verb with its own entry in the history. */
export function useSavePool({ organization, pool, saved }: Editing) {
  const [issues, setIssues] = useState<Readonly<Record<string, string>>>({});
  const [message, setMessage] = useState<string | null>(null);
  const [isPending, setIsPending] = useState(false);

  function refuse(result: ActionResult<unknown> | null): false {
    const error = result?.ok === false ? result.error : null;
    const byField = Object.fromEntries(
      (error?.issues ?? []).map(({ field, message: said }) => [field.replace(/^input\./, ''), said]),
    );
    setIssues(byField);
    setMessage(Object.keys(byField).length > 0 ? null : (error?.message ?? away));
    return false;
  }

  async function savePool(values: PoolValues): Promise<string | false> {
    const read = inputOf(values);
    if ('unclear' in read) {
      setIssues(read.unclear);
      setMessage(null);
      return false;
    }
    if (pool === null) {
      const made = await createPoolAction(organization, read.input).catch(() => null);
      return made?.ok === true ? made.data.id : refuse(made);
    }
    const { projects: _now, ...fields } = values;
    const { projects: _before, ...savedFields } = saved;
    if (JSON.stringify(fields) === JSON.stringify(savedFields)) return pool.id;
    const change = { pool: pool.id, expectedVersion: pool.version, input: read.input };
    const done = await updatePoolAction(organization, change).catch(() => null);
    return done?.ok === true ? pool.id : refuse(done);
  }

  /** False: it was refused, and the form says why. */
  async function save(values: PoolValues): Promise<boolean> {
    setIsPending(true);
    try {
      const id = await savePool(values);
      if (id === false) return false;
      const before = pool === null ? [] : saved.projects;
      for (const project of values.projects.filter((slug) => !before.includes(slug))) {
        const result = await attachProjectAction(organization, { pool: id, project }).catch(() => null);
        if (result?.ok !== true) return refuse(result);
      }
      for (const project of before.filter((slug) => !values.projects.includes(slug))) {
        const result = await detachProjectAction(organization, { project }).catch(() => null);
        if (result?.ok !== true) return refuse(result);
      }
      return true;
    } finally {
      setIsPending(false);
    }
  }

  const clear = () => {
    setIssues({});
    setMessage(null);
  };
  return { save, issues, message, isPending, clear };
}
