// Nothing here is needed: every page works without it. It makes leaving faster, sending once, and slips rarer.
(() => {
  "use strict";
  const all = (pick, do_) => document.querySelectorAll(pick).forEach(do_);

  // Leave: this page goes out of the history, and the neutral one takes its place.
  const leave = document.querySelector("[data-leave]");
  const go = (event) => {
    if (event) event.preventDefault();
    document.documentElement.hidden = true;
    try { history.replaceState(null, "", "/"); } catch { /* leaving matters more than history */ }
    location.replace(leave.href);
  };
  if (leave) {
    let presses = [];
    leave.addEventListener("click", go);
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") { presses = []; return; }
      presses = [...presses.filter((at) => event.timeStamp - at < 3000), event.timeStamp];
      if (presses.length > 2) go();
    });
  }

  // Six digits that are a date, and four more: a civil registration number must not leave the machine.
  const number = /(?:^|\D)(\d\d)[ .]?(\d\d)[ .]?(\d\d)[- .]?(\d{4})(?!\d)/g;
  const slip = (text) => [...text.matchAll(number)].some(([, day, month, year]) =>
    [19, 20].some((age) => {
      const date = new Date(Date.UTC(age * 100 + +year, month - 1, +day));
      return date.getUTCDate() === +day && date.getUTCMonth() === month - 1;
    }));

  all("form", (form) => form.addEventListener("submit", (event) => {
    if (form.hasAttribute("data-guard")) {
      const field = [...form.elements].find((box) => /^(text|textarea|search)$/.test(box.type || "") && slip(box.value));
      const message = form.querySelector("[data-guard-message]");
      if (message) message.hidden = !field;
      if (field) {
        event.preventDefault();
        (message || field).focus();
        return;
      }
    }
    if (form.dataset.sent) event.preventDefault();
    else if (form.method === "post" && !form.matches("[hx-post], [data-file]")) {
      form.dataset.sent = "yes";
      // After this turn, so that the pressed button's own value is still sent.
      setTimeout(() => form.querySelectorAll("button").forEach((button) => button.setAttribute("aria-disabled", "true")));
    }
  }));
  window.addEventListener("pageshow", () => all("form[data-sent]", (form) => {
    delete form.dataset.sent;
    form.querySelectorAll("button").forEach((button) => button.removeAttribute("aria-disabled"));
  }));

  all("[data-print]", (button) => { button.hidden = false; button.addEventListener("click", () => print()); });
  all("[data-copy]", (button) => {
    if (!navigator.clipboard) return;
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(button.dataset.copy);
      if (button.dataset.copied) button.textContent = button.dataset.copied;
    });
  });
})();
