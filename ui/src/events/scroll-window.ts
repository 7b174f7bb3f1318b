// Long lists draw only the rows in sight: the arithmetic of that, for the event list and the SQL grid.

export interface ScrollWindow {
  from: number
  to: number
  /** Heights of the two empty rows that stand for what is not drawn. */
  above: number
  below: number
}

/** Rows drawn beyond the edges, so that fast scrolling shows no gap. */
const OVERSCAN = 12

export function scrollWindow(scrollTop: number, viewHeight: number, rowHeight: number, count: number): ScrollWindow {
  const from = Math.min(count, Math.max(0, Math.floor(scrollTop / rowHeight) - OVERSCAN))
  const to = Math.min(count, Math.ceil((scrollTop + viewHeight) / rowHeight) + OVERSCAN)
  return { from, to: Math.max(from, to), above: from * rowHeight, below: (count - Math.max(from, to)) * rowHeight }
}

/** The scroll position at which row `index` is wholly in sight, moving as little as possible. */
export function scrollToShow(index: number, scrollTop: number, viewHeight: number, rowHeight: number, headHeight: number): number {
  const top = index * rowHeight
  if (top < scrollTop) return top
  const bottom = top + rowHeight + headHeight
  return bottom > scrollTop + viewHeight ? bottom - viewHeight : scrollTop
}
