// One ticker for the page: elements with data-poll ask on each "tick", unless nobody looks, or the page is paused or held.
(() => {
  'use strict';

  const IDLE_AFTER = 10 * 60 * 1000;
  const IDLE_SECONDS = 10;
  const body = document.body;
  let timer;
  let paused = false;
  let held = false; // Rows are ticked: what they were ticked for must not change under the pointer.
  let lastInput = Date.now();

  const isIdle = () => Date.now() - lastInput > IDLE_AFTER;
  const seconds = () => {
    const usual = Number(body.dataset.tick) || 2;
    return isIdle() ? Math.max(usual, IDLE_SECONDS) : usual;
  };

  const tick = () => {
    if (paused || document.hidden || !document.querySelector('[data-poll]')) return;
    // Of what is held, only how much has come is asked for; an open dialog is about what stands below it.
    const still = held || document.querySelector('dialog[open]');
    body.dispatchEvent(new CustomEvent(still ? 'tick-held' : 'tick'));
  };

  const run = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      tick();
      run();
    }, seconds() * 1000);
  };

  const tickNow = () => {
    tick();
    run();
  };

  const tell = () => {
    const stopped = paused || held;
    body.toggleAttribute('data-paused', stopped);
    body.dispatchEvent(new CustomEvent('polling:paused', { detail: { paused: stopped } }));
    if (!stopped) tickNow();
  };

  const setPaused = (button, on) => {
    paused = on;
    button.setAttribute('aria-pressed', String(on));
    const word = button.querySelector('[data-word]');
    if (word) word.textContent = on ? button.dataset.on : button.dataset.off;
    tell();
  };

  // An act has changed the counts too: they need not wait for the next tick.
  document.addEventListener('htmx:afterRequest', ({ detail }) => {
    if (detail.successful && detail.requestConfig.verb !== 'get') tickNow();
  });

  body.addEventListener('polling:hold', (event) => {
    if (held === event.detail.held) return;
    held = event.detail.held;
    tell();
  });

  document.addEventListener('click', (event) => {
    const button = event.target.closest('[data-poll-pause]');
    if (button) setPaused(button, !paused);
    else if (event.target.closest('[data-poll-now]')) tickNow();
  });

  for (const kind of ['pointerdown', 'pointermove', 'keydown', 'wheel', 'touchstart']) {
    document.addEventListener(kind, () => {
      const wasIdle = isIdle();
      lastInput = Date.now();
      if (wasIdle) tickNow();
    }, { passive: true });
  }

  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) tickNow();
  });
  window.addEventListener('online', tickNow);

  run();
})();
