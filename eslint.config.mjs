// For `npx --yes eslint@9.39.5 .`, which brings the recommended rules along
import { createRequire } from 'node:module'

const js = createRequire(process.argv[1])('@eslint/js')
const names = list => Object.fromEntries(list.map(name => [name, 'readonly']))

export default [
  { ignores: ['_site/', '_proc/', 'results/', 'build/', '.venv*/', '*.mjs'] },
  js.configs.recommended,
  {
    files: ['**/*.js'],   // classic scripts: what one defines at the top, another may use
    languageOptions: { sourceType: 'script', globals: names(['ImageData', 'atob', 'document']) },
    rules: { 'no-unused-vars': ['error', { vars: 'local' }] },
  },
]
