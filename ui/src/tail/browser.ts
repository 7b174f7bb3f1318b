// The tail's surroundings in a real browser.
import type { Surroundings } from './stream'

/** Faster than this nobody sees what is new, and a page that only draws cannot be used. */
const DRAWINGS_MS = 100
let drawnAt = -Infinity

export const browser: Surroundings = {
  open: (url) => new EventSource(url),
  frame: (run) => {
    const draw = () =>
      requestAnimationFrame((now) => {
        drawnAt = now
        run()
      })
    setTimeout(draw, Math.max(0, drawnAt + DRAWINGS_MS - performance.now()))
  },
  after: (ms, run) => {
    const timer = setTimeout(run, ms)
    return () => clearTimeout(timer)
  },
}
