/** Of the fault panel alone; they live in its shadow root. In the corner, but where the composer reaches there, above its buttons. */
export const FAULT_PANEL_STYLES = `
:host { --up: 0px; position: fixed; inset: auto 0 var(--up) auto; z-index: 2147483000; font: 12px/1.4 system-ui, sans-serif; }
@media (width < 1500px) { :host { --up: 8rem; } }
@media (width < 900px) { :host { --up: 45vh; } }
section { margin: 6px; color: #f2f2f2; }
button, label {
  display: flex; align-items: center; gap: 6px; min-height: 28px; padding: 2px 10px; border: 1px solid #6b6b6b;
  border-radius: 6px; background: #2b2b2b; color: inherit; font: inherit; cursor: pointer;
}
button:hover, label:hover { background: #3d3d3d; }
button:focus-visible, input:focus-visible { outline: 2px solid #8ab4ff; outline-offset: 1px; }
[aria-expanded] { opacity: 0.75; }
[aria-expanded="true"], [aria-expanded]:hover, [aria-expanded]:focus-visible { opacity: 1; }
section { display: flex; flex-direction: column-reverse; align-items: flex-end; gap: 6px; }
#body {
  display: flex; flex-direction: column; align-items: stretch; gap: 4px; padding: 8px; border-radius: 8px;
  background: #1b1b1b; box-shadow: 0 2px 12px rgb(0 0 0 / 40%); max-height: calc(100vh - var(--up) - 7rem); overflow: auto;
}
#body[hidden] { display: none; }
p { margin: 4px 0 0; max-width: 22ch; }
`;
