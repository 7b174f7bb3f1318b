// A browser for tests of the tail: connections that a test opens, breaks and speaks through, frames and time that it moves.
import type { Source, Surroundings } from './stream'

export class FakeSource implements Source {
  readyState = 0
  #listeners: Record<string, (event: MessageEvent<string>) => void> = {}

  constructor(readonly url: string) {}

  addEventListener(type: string, listener: (event: MessageEvent<string>) => void): void {
    this.#listeners[type] = listener
  }

  close(): void {
    this.readyState = 2
  }

  say(type: string, data: unknown = null): void {
    this.#listeners[type]?.({ data: JSON.stringify(data) } as MessageEvent<string>)
  }

  opens(): void {
    this.readyState = 1
    this.say('open')
  }

  /** The connection is lost, and the browser tries again by itself. */
  breaks(): void {
    this.readyState = 0
    this.say('error')
  }

  /** The answer is no stream: the browser gives up. */
  isNoStream(): void {
    this.readyState = 2
    this.say('error')
  }
}

export class FakeBrowser implements Surroundings {
  sources: FakeSource[] = []
  waits: number[] = []
  #frames: (() => void)[] = []
  #later: (() => void) | null = null

  get source(): FakeSource {
    return this.sources.at(-1)!
  }

  open = (url: string) => {
    this.sources.push(new FakeSource(url))
    return this.source
  }

  frame = (run: () => void) => {
    this.#frames.push(run)
  }

  after = (ms: number, run: () => void) => {
    this.waits.push(ms)
    this.#later = run
    return () => (this.#later = null)
  }

  /** Draws; returns how many were waiting for that. */
  draw(): number {
    const frames = this.#frames
    this.#frames = []
    for (const run of frames) run()
    return frames.length
  }

  /** Lets what waits for later happen; false if nothing does. */
  pass(): boolean {
    const run = this.#later
    this.#later = null
    run?.()
    return run !== null
  }
}
