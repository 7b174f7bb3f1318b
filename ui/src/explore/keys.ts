// Single keys that act on the event list, as long as nobody is typing.

export type ListKey = 'search' | 'next' | 'previous' | 'open' | 'close'

const KEYS: Record<string, ListKey> = { '/': 'search', j: 'next', k: 'previous', Enter: 'open', Escape: 'close' }

export function listKey(event: KeyboardEvent): ListKey | null {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return null
  const target = event.target as HTMLElement | null
  if (target?.closest('input, textarea, select, [contenteditable]')) return null
  // Enter belongs to a focused button or link.
  if (event.key === 'Enter' && target?.closest('button, a')) return null
  return KEYS[event.key] ?? null
}
