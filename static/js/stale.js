// The live word tells the truth: fresh, paused, or not updating since when; the banner says so too, and why.
(() => {
  'use strict';

  const body = document.body;
  const word = document.querySelector('[data-live-word]');
  const banner = document.getElementById('stale-banner');
  if (!banner) return;

  const words = word ? word.closest('[data-live]').dataset : {};
  const AWAY = 503; // What the server answers where its database does not.
  let lastGood = new Date();
  let answered = true;
  let missed = 0;
  let isAway = false;
  let paused = false;

  const { lang } = document.documentElement;
  const clock = (moment, length) => new Intl.DateTimeFormat(lang === 'en' ? 'en-GB' : lang, {
    timeZone: body.dataset.zone || undefined,
    timeStyle: length,
  }).format(moment);

  const show = () => {
    const stale = !paused && missed >= 2;
    banner.querySelector('[data-away]').hidden = !isAway;
    banner.querySelector('[data-cut]').hidden = isAway;
    if (!word) {
      // Not every page that asks has one.
    } else if (stale) word.textContent = words.staleWord.replace('{time}', clock(lastGood, 'short'));
    else word.textContent = (paused ? words.pausedWord : words.fresh).replace('{time}', clock(lastGood, 'medium'));
    if (stale === body.hasAttribute('data-stale')) return;
    body.toggleAttribute('data-stale', stale);
    banner.querySelector('[data-stale-since]').textContent = clock(lastGood, 'short');
    banner.hidden = !stale;
  };

  body.addEventListener('tick', () => {
    missed = answered ? 0 : missed + 1;
    answered = false;
    show();
  });

  document.addEventListener('htmx:afterRequest', (event) => {
    const { requestConfig, successful } = event.detail;
    if (paused || !successful || !requestConfig.elt.matches('[data-poll]')) return;
    answered = true;
    isAway = false;
    missed = 0;
    lastGood = new Date();
    show();
  });

  // It said so itself, so there is nothing to wait for.
  document.addEventListener('htmx:responseError', (event) => {
    const { requestConfig, xhr } = event.detail;
    if (paused || xhr.status !== AWAY || !requestConfig.elt.matches('[data-poll]')) return;
    isAway = true;
    missed = Math.max(missed, 2);
    show();
  });

  body.addEventListener('polling:paused', (event) => {
    paused = event.detail.paused;
    answered = true;
    missed = 0;
    show();
  });

  document.addEventListener('visibilitychange', () => {
    answered = true;
  });

  window.addEventListener('offline', () => {
    missed = 2;
    show();
  });
})();
