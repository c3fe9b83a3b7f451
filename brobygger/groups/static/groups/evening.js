// The evening on a phone: counts as it is tapped, marks the rest in one press, and keeps what is tapped when the line goes:
// locked on this device under a key of this sitting alone, sent by itself when the line is back. Without script the page
// works as before.
(() => {
  "use strict";
  const form = document.querySelector("form[data-evening]");
  if (!form) return;
  const { evening, unsent, open, found, lost: gone, sending, shut, home, once: heldOnce } = form.dataset;
  const said = document.getElementById("saved"), here = form.querySelector("[data-found-here]");
  const field = (name) => form.elements[name];
  const guests = [...form.querySelectorAll("[data-guest]")].map((place) => {
    const id = place.id.slice(4);
    return { id, away: "away" in place.dataset, marks: [...place.querySelectorAll("[type=radio]")], was: field(`was-${id}`) };
  });
  const chosen = (guest) => (guest.marks.find((each) => each.checked) || {}).value || "";
  const choose = (guest, mark) => guest.marks.forEach((each) => { each.checked = each.value === mark; });
  const boxes = [...form.querySelectorAll("[name=used]")];
  const used = () => boxes.filter((each) => each.checked).map((each) => each.value);
  const words = (text) => text.split(/\s+/).filter(Boolean);
  const plainly = (text) => text.replace(/\r\n/g, "\n").trim();

  // ---- Counting, and the rest in one press ----
  const rest = form.querySelector("[data-rest]");
  const count = () => {
    const marks = guests.map(chosen);
    if (rest) rest.textContent = marks.some((mark, at) => mark && !guests[at].away) ? rest.dataset.others : rest.dataset.all;
    for (const place of form.querySelectorAll("[data-count]")) {
      const mark = place.dataset.count;
      place.textContent = guests.filter((guest, at) => marks[at] === mark && (mark || !guest.away)).length;
      if (!mark) place.closest("[data-left]").hidden = place.textContent === "0";
    }
  };
  if (rest) rest.addEventListener("click", (event) => {
    event.preventDefault();
    guests.forEach((guest) => { if (!guest.away && !chosen(guest)) choose(guest, "here"); });
    changed();
  });

  // ---- Locked away, and opened again ----
  const name = `draft:evening:${evening}`;
  let able = false, key = null, wanted = false, turn = Promise.resolve();
  const plain = (text) => Uint8Array.from(atob(text), (one) => one.charCodeAt(0));
  const letters = (bytes) => btoa(Array.from(new Uint8Array(bytes), (one) => String.fromCharCode(one)).join(""));
  const unlocked = async (raw) => {
    key = await crypto.subtle.importKey("raw", plain(raw), "AES-GCM", false, ["encrypt", "decrypt"]);
  };
  const how = (iv) => ({ name: "AES-GCM", iv, additionalData: new TextEncoder().encode(name) });
  const told = () => ({
    wanted, once: field("once").value,
    marks: guests.map((guest) => [guest.id, chosen(guest), guest.was.value]),
    elements: [used(), words(field("used_was").value)],
    sentence: [plainly(field("sentence").value), plainly(field("sentence_was").value)],
  });
  const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);
  const later = (do_) => { turn = turn.then(do_).catch(() => { able = false; }); return turn; };
  const keep = () => later(async () => {
    if (!able) return;
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const sealed = await crypto.subtle.encrypt(how(iv), key, new TextEncoder().encode(JSON.stringify(told())));
    localStorage.setItem(name, `${letters(iv)} ${letters(sealed)}`);
  });
  const say = (words) => { here.textContent = words; here.hidden = false; };
  const forget = () => later(() => localStorage.removeItem(name));
  const unlock = async () => {
    try {
      const [iv, sealed] = localStorage.getItem(name).split(" ").map(plain);
      return JSON.parse(new TextDecoder().decode(await crypto.subtle.decrypt(how(iv), key, sealed)));
    } catch {
      // Of another sitting, and nobody opens it again: it is not thrown away without a word.
      localStorage.removeItem(name);
      say(gone);
      return null;
    }
  };
  // What was tapped and not sent is put on the page as it stands now; the rest of the page stays as a colleague left it.
  // `sent`: the house has this page already, so only what is other than it stands there now was tapped since.
  const restore = (entry) => {
    const sent = entry.once === heldOnce;
    let touched = false;
    for (const [id, mark, was] of entry.marks) {
      const guest = guests.find((each) => each.id === id);
      if (!guest || !mark || mark === was || (mark === "none" && !was) || mark === chosen(guest)) continue;
      choose(guest, mark);
      if (!sent) guest.was.value = was;
      touched = true;
    }
    const [now, before] = entry.elements;
    for (const box of boxes) {
      if (now.includes(box.value) === before.includes(box.value) || box.checked === now.includes(box.value)) continue;
      box.checked = now.includes(box.value);
      touched = true;
    }
    const [text, was] = entry.sentence, box = field("sentence");
    if (text !== was && text !== plainly(box.value)) {
      box.value = text;
      if (!sent) field("sentence_was").value = was;
      touched = true;
    }
    if (touched) field("once").value = entry.once;
    return touched;
  };

  // ---- Sending ----
  let again = null, busy = false;
  const lost = () => {
    said.textContent = able ? unsent : open;
    clearTimeout(again);
    again = setTimeout(send, 4000);
  };
  const patience = () => AbortSignal.timeout ? AbortSignal.timeout(15000) : undefined;
  const post = () => {
    const body = new URLSearchParams(new FormData(form));
    return fetch(location.pathname, { method: "POST", body, headers: { "HX-Request": "true" }, signal: patience() });
  };
  // Signed in again in another window, the page's token is an old one: the same person gets another.
  const renewed = async () => {
    const answer = await fetch(location.pathname, { redirect: "manual", signal: patience() });
    const page = answer.ok && new DOMParser().parseFromString(await answer.text(), "text/html");
    const now = page && page.querySelector("form[data-evening]");
    if (!now || now.elements.opened.value !== field("opened").value) return false;
    field("csrfmiddlewaretoken").value = now.elements.csrfmiddlewaretoken.value;
    if (able && now.dataset.key) await later(() => unlocked(now.dataset.key));
    return true;
  };
  // What was tapped while it was on its way is not sent: it stays on the device, beside what was.
  const since = (sent) => {
    sent.marks.forEach(([, mark], at) => { guests[at].was.value = mark === "none" ? "" : mark; });
    field("used_was").value = sent.elements[0].join(" ");
    field("sentence_was").value = sent.sentence[0];
    return keep();
  };
  const send = async () => {
    if (!wanted || busy) return;
    busy = true;
    said.textContent = sending;
    const sent = told();
    try {
      let answer = await post();
      if (answer.status === 403 && await renewed()) answer = await post();
      const there = answer.headers.get("HX-Redirect");
      if (there && [location.pathname, home].includes(new URL(there, location.href).pathname)) {
        const all = same(sent, told());
        if (!all && !able) return lost();
        wanted = false;
        await (all ? forget() : since(sent));
        location.assign(there);
      } else if (there && there.includes("next=")) {
        // With a way back in it, the house holds it all until one is signed in again.
        wanted = false;
        await forget();
        location.assign(there);
      } else if (there || [403, 404].includes(answer.status)) {
        wanted = false;
        said.textContent = shut;
        await keep();
      } else if (answer.status === 422) {
        // Somebody must choose: the page itself shows between what.
        wanted = false;
        await keep();
        form.submit();
      } else lost();
    } catch {
      lost();
    } finally { busy = false; }
  };
  form.addEventListener("submit", (event) => {
    if (event.submitter && event.submitter === rest) return;
    event.preventDefault();
    event.stopPropagation();
    wanted = true;
    keep().then(send);
  }, true);
  window.addEventListener("online", send);
  const changed = () => { count(); keep(); };
  form.addEventListener("input", changed);
  form.addEventListener("change", changed);

  const wake = async () => {
    await unlocked(form.dataset.key);
    form.removeAttribute("data-key");
    able = true;
    if ("unsaved" in form.dataset) { keep(); return; }
    const entry = localStorage.getItem(name) && await unlock();
    if (!entry) return;
    if (!restore(entry)) { localStorage.removeItem(name); return; }
    count();
    say(found);
    wanted = entry.wanted;
    if (wanted) setTimeout(send);
  };
  count();
  if (form.dataset.key && window.crypto && crypto.subtle) later(wake);
})();
