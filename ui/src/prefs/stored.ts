// Choices that outlive the visit (theme, language, zone, open fields), kept in this browser.
// A blocked or full storage is never an error: the choice then lasts as long as the page.

export function readStored<Value>(name: string, accept: (value: unknown) => value is Value): Value | null {
  try {
    const text = localStorage.getItem(`kura.${name}`)
    if (text === null) return null
    const value: unknown = text.startsWith('[') ? JSON.parse(text) : text
    return accept(value) ? value : null
  } catch {
    return null
  }
}

export function writeStored(name: string, value: string | string[]): void {
  try {
    localStorage.setItem(`kura.${name}`, typeof value === 'string' ? value : JSON.stringify(value))
  } catch {
    // See above.
  }
}

export function oneOf<Choice extends string>(...choices: Choice[]) {
  return (value: unknown): value is Choice => choices.includes(value as Choice)
}

export function isTextList(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string')
}
