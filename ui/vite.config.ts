// How the page is built: one small entry, the SQL tab as its own chunk, everything under /assets/.
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vitest/config'

// `npm run dev` talks to a running `kura serve`; KURA_URL names another one.
const server = process.env.KURA_URL ?? 'http://127.0.0.1:7575'
const proxy = { '/api': server, '/health': server }
const contentSecurityPolicy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; " +
  "manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

export default defineConfig({
  plugins: [svelte()],
  build: {
    // Browsers that know light-dark(), so that a theme is one attribute and not two sets of rules.
    target: ['chrome123', 'firefox120', 'safari17.5'],
    // The page's CSP forbids data: URLs for anything but images, and files of their own cache better.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: { proxy },
  // As the server sends the built page, or nearly: what its policy forbids must fail here, too.
  preview: { proxy, headers: { 'content-security-policy': contentSecurityPolicy } },
  test: { include: ['src/**/*.test.ts'] },
})
