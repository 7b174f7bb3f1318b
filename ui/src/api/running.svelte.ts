// One slot for one running query: starting the next cancels the last, here and on the server.
// The search, the histogram, the sidebar and the SQL tab each own one.
import { stopQuery } from './client'
import { Cancelled } from './problem'

type Call<Answer> = (queryId: string, signal: AbortSignal) => Promise<Answer>

export class RunningQuery {
  /** When the running query started (`performance.now()`), or null if none runs. */
  startedAt = $state<number | null>(null)
  #current: { id: string; abort: AbortController } | null = null

  get busy(): boolean {
    return this.startedAt !== null
  }

  /** Runs `call` in place of whatever ran before. Throws `Cancelled` if something took its place meanwhile. */
  async run<Answer>(call: Call<Answer>): Promise<Answer> {
    this.cancel()
    const mine = { id: newQueryId(), abort: new AbortController() }
    this.#current = mine
    this.startedAt = performance.now()
    try {
      const answer = await call(mine.id, mine.abort.signal)
      if (this.#current !== mine) throw new Cancelled()
      return answer
    } finally {
      if (this.#current === mine) this.#clear()
    }
  }

  cancel(): void {
    if (!this.#current) return
    const { id, abort } = this.#current
    this.#clear()
    abort.abort()
    stopQuery(id)
  }

  #clear(): void {
    this.#current = null
    this.startedAt = null
  }
}

/** 128 random bits; `crypto.randomUUID` is missing on plain-HTTP origins, where a lake on the office network lives. */
function newQueryId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return 'ui-' + Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
