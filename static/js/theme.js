// The theme button remembers light or dark in a cookie, so that the server renders the next page in it.
(() => {
  'use strict';

  const root = document.documentElement;
  const YEAR = 365 * 24 * 60 * 60;

  const isDark = () => {
    if (root.dataset.theme) return root.dataset.theme === 'dark';
    return window.matchMedia('(prefers-color-scheme: dark)').matches;
  };

  document.addEventListener('click', (event) => {
    if (!event.target.closest('[data-theme-toggle]')) return;
    const theme = isDark() ? 'light' : 'dark';
    root.dataset.theme = theme;
    document.cookie = `theme=${theme}; path=/; max-age=${YEAR}; SameSite=Lax`;
  });
})();
