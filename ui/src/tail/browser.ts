// The tail's surroundings in a real browser.
import type { Surroundings } from './stream'

export const browser: Surroundings = {
  open: (url) => new EventSource(url),
  frame: (run) => void requestAnimationFrame(run),
  after: (ms, run) => {
    const timer = setTimeout(run, ms)
    return () => clearTimeout(timer)
  },
}
