// Not needed: without it the guide is one long page. With it: one step at a time, and a place to write. Nothing of it
// is sent, and nothing is stored. The address stays the same all the way, so that it says nothing about the way.
(() => {
  "use strict";
  const one = (pick) => document.querySelector(pick);
  const steps = [...document.querySelectorAll("[data-step]")], back = one("[data-back]");
  const named = (id) => steps.find((each) => each.id === id);
  // "Straight to the text" is no step.
  const now = () => named(history.state || location.hash.slice(1) || "0");

  const show = (step, moved) => {
    steps.forEach((each) => { each.hidden = each !== step; });
    back.hidden = step === steps[0];
    if (!moved) return;
    const heading = step.querySelector("h2") || one("h1");
    heading.tabIndex = -1;
    heading.focus({ preventScroll: true });
    scrollTo({ top: 0, behavior: "instant" });
  };
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#']"), step = link && named(link.hash.slice(1));
    if (!step) return;
    event.preventDefault();
    history.pushState(step.id, "");
    show(step, true);
  });
  addEventListener("popstate", () => now() && show(now(), true));
  back.addEventListener("click", () => history.state ? history.back() : show(steps[0], true));
  show(now() || steps[0]);

  const copy = one("[data-copy]"), asked = [];
  const write = () => {
    copy.dataset.copy = asked.map(([heading, area]) => {
      // It grows with what is written, so that all of it stands on paper too.
      area.style.height = 0;
      area.style.height = `${area.scrollHeight + 2}px`;
      return `${heading.textContent}\n${area.value.trim()}\n`;
    }).join("\n");
  };
  document.querySelectorAll("[data-ask]").forEach((field) => {
    const [heading, help] = field.children, area = document.createElement("textarea");
    area.setAttribute("aria-label", `${heading.textContent} ${help.textContent}`);
    area.autocomplete = "off";
    // A browser may send what it checks to somebody who spells better.
    area.spellcheck = false;
    // Five small boxes, and not five letters.
    area.style.cssText = "min-block-size: 6rem; max-block-size: none";
    area.addEventListener("input", write);
    field.append(area);
    asked.push([heading, area]);
  });
  write();
  // Leaving quickly hides the page first, and is not asked anything.
  addEventListener("beforeunload", (event) => {
    if (!document.documentElement.hidden && asked.some(([, area]) => area.value)) event.preventDefault();
  });

  const reminder = one("[data-reminder]");
  reminder.href = URL.createObjectURL(new Blob([reminder.dataset.reminder], { type: "text/calendar" }));
  reminder.download = "husk.ics";
})();
