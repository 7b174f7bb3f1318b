// Times are shown in UTC, as the logs have them, unless somebody asks for their own zone.
import { oneOf, readStored, writeStored } from './stored'

export type Zone = 'utc' | 'local'

class ZoneChoice {
  current = $state<Zone>(readStored('zone', oneOf('utc', 'local')) ?? 'utc')

  toggle(): void {
    this.current = this.current === 'utc' ? 'local' : 'utc'
    writeStored('zone', this.current)
  }
}

export const zone = new ZoneChoice()
