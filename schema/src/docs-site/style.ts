/** Readable in light and dark, on a phone and on paper; nothing is loaded from elsewhere. */
export const STYLE = `:root {
  color-scheme: light dark;
  --text: light-dark(#1c2128, #d7dde5);
  --quiet: light-dark(#57606a, #98a3b0);
  --link: light-dark(#0a58ca, #7db4ff);
  --page: light-dark(#ffffff, #14181d);
  --panel: light-dark(#f4f6f8, #1d232a);
  --line: light-dark(#d5dae0, #343c46);
  --warn: light-dark(#8a4600, #ffb266);
  --warn-panel: light-dark(#fff3e0, #33240f);
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 0 1rem 4rem; max-width: 60rem;
  background: var(--page); color: var(--text);
  font: 1rem/1.55 system-ui, sans-serif; overflow-wrap: break-word;
}
a { color: var(--link); text-underline-offset: 0.15em; }
a:focus-visible, summary:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
nav { display: flex; flex-wrap: wrap; gap: 0.25rem 1.25rem; padding: 0.75rem 0; border-bottom: 1px solid var(--line); }
.skip { position: absolute; left: -100vw; }
.skip:focus { left: 1rem; background: var(--page); padding: 0.5rem; }
h1 { font-size: 1.75rem; line-height: 1.25; margin: 1.5rem 0 0.5rem; }
h2 { font-size: 1.25rem; margin: 2.25rem 0 0.75rem; }
h3 { font-size: 1rem; margin: 0; font-weight: 600; }
code, pre, h3 { font-family: ui-monospace, 'SFMono-Regular', Menlo, Consolas, monospace; }
code { font-size: 0.92em; }
h3 code { font-size: 1em; }
pre { background: var(--panel); padding: 0.75rem; overflow-x: auto; border-radius: 0.375rem; }
.kind { color: var(--quiet); font-size: 1rem; font-weight: 400; }
.description p { margin: 0.35rem 0; }
.element { padding: 0.9rem 0; border-top: 1px solid var(--line); }
.element:target { background: var(--panel); box-shadow: -0.75rem 0 var(--panel), 0.75rem 0 var(--panel); }
.arguments { margin: 0.5rem 0 0.5rem 0; padding: 0 0 0 1rem; border-left: 2px solid var(--line); list-style: none; }
.arguments li { margin: 0.35rem 0; }
dl { display: grid; grid-template-columns: 7rem 1fr; gap: 0.1rem 1rem; margin: 0.5rem 0 0; font-size: 0.9rem; }
dt { color: var(--quiet); }
dd { margin: 0; min-width: 0; }
.deprecated { background: var(--warn-panel); border-left: 3px solid var(--warn); padding: 0.4rem 0.75rem; margin: 0.5rem 0; }
.deprecated strong { color: var(--warn); }
.types { list-style: none; margin: 0; padding: 0; }
.types li { padding: 0.3rem 0; border-top: 1px solid var(--line); }
.quiet { color: var(--quiet); }
li .quiet { font-size: 0.9rem; }
@media (max-width: 30rem) {
  dl { grid-template-columns: 1fr; }
  dd { margin-bottom: 0.35rem; }
}
@media print {
  nav, .skip { display: none; }
}
`
