// A button with data-print puts the page on paper.
document.addEventListener('click', (event) => {
  if (event.target.closest('[data-print]')) window.print();
});
