// Dark, light, or whatever the system says. `public/theme.js` applies the stored choice before the first paint.
import { oneOf, readStored, writeStored } from './stored'

export const THEMES = ['system', 'light', 'dark'] as const
export type Theme = (typeof THEMES)[number]

class ThemeChoice {
  current = $state<Theme>(readStored('theme', oneOf(...THEMES)) ?? 'system')

  choose(theme: Theme): void {
    this.current = theme
    writeStored('theme', theme)
    if (theme === 'system') delete document.documentElement.dataset.theme
    else document.documentElement.dataset.theme = theme
  }
}

export const theme = new ThemeChoice()
