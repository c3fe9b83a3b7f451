// Not needed: without it the list is read as it stands. With it, what somebody writes hides the other names; it stays here.
(() => {
  "use strict";
  const finder = document.querySelector("[data-finder]"), says = finder.querySelector("[role]");
  const letters = document.querySelectorAll("#all > div"), names = [...document.querySelectorAll("#all li")];
  const plain = (text) => text.trim().toLowerCase().replaceAll("å", "aa").replace(/ kommune$/, "");
  finder.hidden = false;
  finder.querySelector("input").addEventListener("input", (event) => {
    const wanted = plain(event.target.value);
    names.forEach((name) => { name.hidden = !plain(name.textContent).startsWith(wanted); });
    letters.forEach((letter) => { letter.hidden = !letter.querySelector("li:not([hidden])"); });
    says.textContent = names.every((name) => name.hidden) ? says.dataset.none : "";
  });
})();
