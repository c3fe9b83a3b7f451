// The keyboard on the staff side, and a list that stays where it was after an action.
(() => {
  "use strict";
  const rows = () => [...document.querySelectorAll(".worklist .row")];
  const typing = (place) => place.closest("input, textarea, select, [contenteditable]");
  const key = (row) => row && row.id;
  let at = null;

  const go = (step) => {
    const list = rows();
    if (!list.length) return;
    const now = list.findIndex((row) => key(row) === at);
    const row = list[now < 0 ? 0 : Math.min(list.length - 1, Math.max(0, now + step))];
    const link = row.querySelector("a[href]");
    at = key(row);
    if (link) link.focus();
    row.scrollIntoView({ block: "nearest" });
  };

  document.addEventListener("focusin", (event) => {
    const row = event.target.closest(".worklist .row");
    rows().forEach((other) => other.classList.toggle("here", other === row));
    if (row) at = key(row);
  });

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) {
      if (event.key === "Escape" && typing(event.target)) event.target.blur();
      return;
    }
    const find = document.querySelector("[data-find], input[type=search]");
    const keys = document.querySelector(".keys");
    if (event.key === "j") go(1);
    else if (event.key === "k") go(-1);
    else if (event.key === "/" && find) { event.preventDefault(); find.focus(); }
    else if (event.key === "?" && keys) keys.open = !keys.open;
    else {
      // A link or button that names its own key: data-press="o".
      const pressed = [...document.querySelectorAll("[data-press]")].find((each) => each.dataset.press === event.key);
      if (pressed) { event.preventDefault(); pressed.click(); }
    }
  });

  // Something folded that is opened to be written in: the hand is at its first field, and the list waits meanwhile.
  document.addEventListener("toggle", (event) => {
    const opened = event.target.matches("[data-hold]") && event.target.open && event.target;
    const first = opened && opened.querySelector("input:not([type=hidden]), select, textarea");
    if (first) first.focus();
  }, true);
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (document.querySelector("[data-hold][open]")) event.preventDefault();
  });

  // A swap replaces the row somebody stood on: remember which control had focus, and where the page was.
  let before = null;
  document.addEventListener("htmx:beforeSwap", () => {
    const focus = document.activeElement;
    const row = focus && focus.closest(".row");
    before = { id: focus && focus.id, row: key(row), text: typing(focus || document.body), top: scrollY };
  });
  document.addEventListener("htmx:afterSettle", () => {
    if (!before) return;
    const { id, row, text, top } = before;
    before = null;
    scrollTo({ top, behavior: "instant" });
    if (document.activeElement !== document.body || text) return;
    const home = (id && document.getElementById(id)) || (row && document.querySelector(`#${CSS.escape(row)} a[href]`));
    if (home) home.focus({ preventScroll: true });
  });
})();
