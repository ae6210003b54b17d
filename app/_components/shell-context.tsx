'use client';

import { createContext, useContext, useEffect, useMemo, useState, type ReactNode } from 'react';

type CrumbSetter = (label: string | undefined) => void;

const CrumbContext = createContext<CrumbSetter>(() => undefined);

/** Holds the last crumb, which only the page itself knows. */
export function useCrumbState(): { crumb: string | undefined; provide: (children: ReactNode) => ReactNode } {
  const [crumb, setCrumb] = useState<string>();
  return useMemo(
    () => ({
      crumb,
      provide: (children) => <CrumbContext.Provider value={setCrumb}>{children}</CrumbContext.Provider>,
    }),
    [crumb],
  );
}

/** Put into a page below a navigation entry (one message, one version): names it in the breadcrumb. */
export function PageCrumb({ label }: { label: string }) {
  const setCrumb = useContext(CrumbContext);
  useEffect(() => {
    setCrumb(label);
    return () => setCrumb(undefined);
  }, [setCrumb, label]);
  return null;
}
