// Runs before the first paint: a theme chosen on an earlier visit must not flash the other one.
// `src/prefs/theme.svelte.ts` writes the same key.
try {
  const theme = localStorage.getItem('kura.theme')
  if (theme === 'dark' || theme === 'light') document.documentElement.dataset.theme = theme
} catch {
  // Storage is blocked: the system's theme it is.
}
