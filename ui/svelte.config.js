// Read by the Vite plugin, svelte-check and editors: plain Svelte with TypeScript in the script blocks.
import { vitePreprocess } from '@sveltejs/vite-plugin-svelte'

export default {
  preprocess: vitePreprocess({ style: false }),
  compilerOptions: { runes: true },
}
