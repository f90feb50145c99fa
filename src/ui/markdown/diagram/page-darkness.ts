/** Whether the page is shown dark, by the system's choice or the person's. */
export interface PageDarkness {
  isDark(): boolean;
  /** Returns an idempotent disposer. */
  subscribe(listener: () => void): () => void;
}

export const pageDarkness: PageDarkness = {
  isDark: () => getComputedStyle(document.documentElement).colorScheme === "dark",
  subscribe(listener) {
    const system = matchMedia("(prefers-color-scheme: dark)");
    system.addEventListener("change", listener);
    const chosen = new MutationObserver(listener);
    chosen.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    return () => {
      system.removeEventListener("change", listener);
      chosen.disconnect();
    };
  },
};
