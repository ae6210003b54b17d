import { metaHelper, rowSelectionFeature, tableFeatures } from '@tanstack/react-table';
import type { ReactNode } from 'react';

/** How a column looks, and where its cell stands when a row is stacked below 640 px. */
export type ColumnLook = {
  /** Pixels, or a share such as "29%"; the column without one takes what is left. */
  width?: number | string | undefined;
  align?: 'end' | 'center' | undefined;
  /** Leaves when the table is narrower than 1,040 px (first) or 820 px (second). */
  drop?: 'first' | 'second' | undefined;
  /** Place in a stacked row; a column without one is not shown there. */
  slot?: 'title' | 'state' | 'line' | 'line2' | 'end' | undefined;
  /** Said before the value in a stacked row: "Backlog". */
  label?: string | undefined;
  className?: string | undefined;
  /** The header becomes a button that sets `sort` in the address. */
  sortable?: boolean | undefined;
};

export type DataColumn<Row> = ColumnLook & {
  id: string;
  header: string;
  /** Empty headers (buttons) are named for readers only. */
  hideHeader?: boolean | undefined;
  cell: (row: Row) => ReactNode;
};

export const tableKit = tableFeatures({
  rowSelectionFeature,
  columnMeta: metaHelper<ColumnLook & { hideHeader?: boolean | undefined }>(),
});

/** What a bulk action works on: the ticked rows, or everything that the filter matches. */
export type BulkSelection = {
  ids: ReadonlyArray<string>;
  allMatching: boolean;
  /** Rows that were unticked after everything was chosen. */
  except: ReadonlyArray<string>;
  count: number;
  /** `count` is where counting stopped: there are more. */
  isCapped: boolean;
  clear: () => void;
};

/** Explicit, because a row that is stacked by CSS loses its table roles otherwise. */
export const tableRoles = {
  table: { role: 'table' },
  group: { role: 'rowgroup' },
  row: { role: 'row' },
  head: { role: 'columnheader' },
  cell: { role: 'cell' },
} as const;
