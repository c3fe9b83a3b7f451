// Keeps what is being written when the line, the house or the machine fails: locked on this device under a key of this
// sitting alone, until the house has it. Two versions are both shown. Without script the page works as before.
(() => {
  "use strict";
  const form = document.querySelector("form[data-draft]");
  if (!form) return;
  const { text: box, once } = form.elements;
  const { draft: place, failed, open, shut, saved = "" } = form.dataset;
  const said = document.getElementById("saved");
  const all = (prefix) => Object.keys(localStorage).filter((name) => name.startsWith(prefix));
  const same = (one, other) => one.replace(/\s+/g, " ").trim() === other.replace(/\s+/g, " ").trim();
  const save = () => window.htmx && htmx.trigger(box, "save");

  // ---- Locked away, and opened again ----
  // `after` is the moment the house last kept these words: what follows on it is newer, whatever the clocks say.
  let able = false, key = null, after = saved;
  const plain = (text) => Uint8Array.from(atob(text), (one) => one.charCodeAt(0));
  const letters = (bytes) => btoa(Array.from(new Uint8Array(bytes), (one) => String.fromCharCode(one)).join(""));
  const tied = (name) => new TextEncoder().encode(name);
  const lock = async (name, words) => {
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const how = { name: "AES-GCM", iv, additionalData: tied(name) };
    const told = JSON.stringify({ text: words, at: Date.now(), after });
    const sealed = await crypto.subtle.encrypt(how, key, new TextEncoder().encode(told));
    localStorage.setItem(name, `${letters(iv)} ${letters(sealed)}`);
  };
  const unlock = async (name) => {
    try {
      const [iv, sealed] = localStorage.getItem(name).split(" ").map(plain);
      const how = { name: "AES-GCM", iv, additionalData: tied(name) };
      return JSON.parse(new TextDecoder().decode(await crypto.subtle.decrypt(how, key, sealed)));
    } catch {
      // Of another sitting, and nobody opens it again.
      localStorage.removeItem(name);
      return null;
    }
  };
  const name = () => `draft:${place}:${once.value}`;

  // One at a time, and the last word stands. What came back from the house unsent is saved nowhere yet.
  let turn = Promise.resolve(), kept = "unsaved" in form.dataset ? null : box.value;
  const later = (do_) => { turn = turn.then(do_).catch(() => { able = false; }); return turn; };
  const store = async () => {
    if (!able) return;
    if (box.value.trim() && box.value !== kept) await lock(name(), box.value);
    else localStorage.removeItem(name());
  };
  const keep = () => later(store);
  box.addEventListener("input", keep);

  // ---- What the house says to it ----
  let sending = null, again = null;
  const ours = (event) => event.detail.elt === box;
  const fail = (why) => {
    said.textContent = why;
    clearTimeout(again);
    again = setTimeout(save, 5000);
  };
  const lost = () => fail(able ? failed : open);
  document.addEventListener("htmx:beforeRequest", (event) => { if (ours(event)) sending = box.value; });
  document.addEventListener("htmx:beforeOnLoad", (event) => {
    const there = ours(event) && event.detail.xhr.getResponseHeader("HX-Redirect");
    // With a way back in it, the house holds the words until one is signed in again; without, they are only here.
    if (!there || there.includes("next=")) return;
    event.preventDefault();
    said.textContent = shut;
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (!ours(event) && event.detail.target !== said) return;
    clearTimeout(again);
    const done = said.querySelector("[data-kept]");
    if (!done) return;
    kept = sending;
    after = done.dataset.kept;
    keep();
  });
  for (const wrong of ["htmx:sendError", "htmx:responseError", "htmx:timeout"])
    document.addEventListener(wrong, (event) => {
      if (!ours(event)) return;
      if ([403, 404].includes(event.detail.xhr.status)) said.textContent = shut;
      else lost();
    });
  // Sent without a line, the page would be gone and the words with it.
  document.addEventListener("submit", (event) => {
    if (event.target !== form || navigator.onLine) return;
    event.preventDefault();
    event.stopPropagation();
    lost();
  }, true);
  window.addEventListener("online", save);
  window.addEventListener("offline", () => { if (box.value !== kept) lost(); });

  // ---- What lay here when the page came ----
  // Each version keeps its own number, here and in the house, so that none is written over by another.
  const other = form.querySelector("[data-other]"), others = [];
  const number = (wish) => { once.value = wish && wish !== once.value ? wish : crypto.randomUUID(); kept = null; };
  const show = () => {
    other.hidden = !others.length;
    if (others.length) other.querySelector("[data-other-text]").textContent = others[0].text;
  };
  other.querySelector("[data-use]").addEventListener("click", async () => {
    await keep();
    const mine = others.shift();
    others.push({ text: box.value, once: once.value, name: name() });
    number(mine.once);
    box.value = mine.text;
    if (mine.name !== name()) localStorage.removeItem(mine.name);
    show();
    keep();
    save();
    box.focus();
  });
  other.querySelector("[data-drop]").addEventListener("click", () => {
    const gone = others.shift(), token = form.elements.csrfmiddlewaretoken.value;
    localStorage.removeItem(gone.name);
    if (gone.once && gone.once !== once.value) {
      const body = new URLSearchParams({ once: gone.once, drop: "1", csrfmiddlewaretoken: token });
      fetch(box.getAttribute("hx-post"), { method: "POST", body, redirect: "manual", keepalive: true });
    }
    show();
    box.focus();
  });

  const sent = (there, entry) => {
    const note = document.querySelector(`[data-note="${CSS.escape(there.split(":").pop())}"]`);
    return note && (same(note.innerText, entry.text) ? "all" : "some");
  };
  const meet = async (there, entry) => {
    const untouched = box.value === box.defaultValue && kept !== null, bare = untouched && !saved;
    if (!bare && same(entry.text, box.value)) return localStorage.removeItem(there);
    const further = !bare && entry.text.trim().startsWith(box.value.trim());
    const newer = untouched && (further || entry.after === saved || entry.at > Date.parse(saved));
    const own = sent(there, entry) ? "" : there.split(":").pop();
    if (!bare && !newer) return others.push({ text: entry.text, once: own, name: there });
    if (!bare && !further) others.push({ text: box.value, once: once.value });
    if (bare && own) once.value = own;
    else if (!further) number(own);
    kept = null;
    box.value = entry.text;
    await lock(name(), box.value);
    if (name() !== there) localStorage.removeItem(there);
    form.querySelector("[data-found]").hidden = false;
  };

  const wake = async () => {
    key = await crypto.subtle.importKey("raw", plain(form.dataset.key), "AES-GCM", false, ["encrypt", "decrypt"]);
    form.removeAttribute("data-key");
    able = true;
    const here = [], who = place.split(":").slice(0, 2).join(":");
    for (const there of all("draft:")) {
      const entry = await unlock(there);
      if (!entry || !there.startsWith(`draft:${who}:`)) continue;
      if (sent(there, entry) === "all") localStorage.removeItem(there);
      else if (there.startsWith(`draft:${place}:`)) here.push([there, entry]);
      else {
        const link = form.querySelector("[data-elsewhere]"), about = there.split(":")[3];
        link.hidden = false;
        link.querySelector("a").href = about ? `?correct=${about}` : location.pathname;
      }
    }
    here.sort((one, two) => two[1].at - one[1].at);
    for (const [there, entry] of here) await meet(there, entry);
    show();
    await store();
    if (kept === null && box.value.trim()) setTimeout(save);
  };
  const dropped = document.querySelector("form[data-dropped]");
  if (dropped) dropped.addEventListener("submit", () => localStorage.removeItem(name()));
  if (form.dataset.key && window.crypto && crypto.subtle) later(wake);
})();
