// data-seconds counts down to the moment when messages go out, in the words of data-counts; data-then is said after it.
(() => {
  'use strict';

  const STEP = 500;
  const still = window.matchMedia('(prefers-reduced-motion: reduce)');
  const ends = new WeakMap();

  // A poll writes the seconds anew; the clock of this machine may be wrong, so that only its pace is used.
  const endOf = (one) => {
    const known = ends.get(one);
    if (known && known.seconds === one.dataset.seconds) return known.at;
    const at = performance.now() + Number(one.dataset.seconds) * 1000;
    ends.set(one, { seconds: one.dataset.seconds, at });
    return at;
  };

  const words = (one) => {
    const left = Math.ceil((endOf(one) - performance.now()) / 1000);
    if (left <= 0) return one.dataset.then;
    return one.dataset.counts.replace('{n}', still.matches ? Math.ceil(Number(one.dataset.seconds)) : left);
  };

  const count = () => document.querySelectorAll('[data-seconds]').forEach((one) => {
    const now = words(one);
    if (one.textContent !== now) one.textContent = now;
  });

  setInterval(count, STEP);
})();
