'use client';

import { debounce, parseAsString, useQueryStates } from 'nuqs';
import { useTransition } from 'react';

/** Names that every list uses in its address. */
export const listParams = { search: 'q', sort: 'sort', after: 'after', before: 'before' } as const;

const searchWaitMs = 300;

export type ListUrl = {
  values: Record<string, string | null>;
  /** Sets or clears (null) parameters and goes back to the first page. */
  set: (values: Record<string, string | null>) => void;
  /** The same for typing: the address follows after a short pause, without a new history entry. */
  setTyped: (values: Record<string, string | null>) => void;
  isPending: boolean;
};

/** A list's filters live in its address; changing them asks the server while the old rows stay. */
export function useListUrl(params: ReadonlyArray<string>): ListUrl {
  const [isPending, startTransition] = useTransition();
  const keys = [...params, listParams.after, listParams.before];
  const [values, setValues] = useQueryStates(Object.fromEntries(keys.map((key) => [key, parseAsString])), {
    shallow: false,
    scroll: false,
    history: 'push',
    startTransition,
  });
  const firstPage = { [listParams.after]: null, [listParams.before]: null };
  return {
    values,
    isPending,
    set: (next) => void setValues({ ...firstPage, ...next }),
    setTyped: (next) =>
      void setValues(
        { ...firstPage, ...next },
        { history: 'replace', limitUrlUpdates: debounce(searchWaitMs) },
      ),
  };
}
