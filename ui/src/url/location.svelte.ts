// The one place that reads and writes the browser's address. Components read `address.view` and call `go`.
import { formatView, parseView, type View } from './view'

class Address {
  view = $state.raw<View>(parseView(location.search, location.hash))

  constructor() {
    addEventListener('popstate', () => {
      this.view = parseView(location.search, location.hash)
    })
  }

  /** Changes part of the view. A step worth going back to is pushed; a small one (`replace`) takes the place of the last. */
  go(change: Partial<View>, how: 'push' | 'replace' = 'push'): void {
    const next = { ...this.view, ...change }
    const path = location.pathname + formatView(next)
    this.view = next
    if (path === location.pathname + location.search + location.hash) return
    if (how === 'push') history.pushState(null, '', path)
    else history.replaceState(null, '', path)
  }

  /** The full link to a view that differs from this one by `change`. */
  link(change: Partial<View>): string {
    return location.origin + location.pathname + formatView({ ...this.view, ...change })
  }
}

export const address = new Address()
