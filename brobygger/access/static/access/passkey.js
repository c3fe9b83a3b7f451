// Asks the phone or the key for a passkey and sends its answer. Without it, or without a passkey, the page is as before.
(() => {
  "use strict";
  // A passkey belongs to a name; a bare number has none.
  if (!window.PublicKeyCredential || /^[\d.]+$|^\[/.test(location.hostname)) return;

  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (one) => one.charCodeAt(0));
  const letters = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const known = (list) => (list || []).map((one) => ({ ...one, id: bytes(one.id) }));

  const make = async (asked) => {
    const user = { ...asked.user, id: bytes(asked.user.id) };
    const challenge = bytes(asked.challenge);
    const excludeCredentials = known(asked.excludeCredentials);
    return navigator.credentials.create({ publicKey: { ...asked, challenge, user, excludeCredentials } });
  };
  const fetchOne = async (asked) => {
    const challenge = bytes(asked.challenge);
    const allowCredentials = known(asked.allowCredentials);
    return navigator.credentials.get({ publicKey: { ...asked, challenge, allowCredentials } });
  };
  const told = (made) => {
    const response = { clientDataJSON: letters(made.response.clientDataJSON) };
    for (const name of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
      if (made.response[name]) response[name] = letters(made.response[name]);
    }
    const extra = made.getClientExtensionResults();
    return { id: made.id, rawId: letters(made.rawId), type: made.type, clientExtensionResults: extra, response };
  };
  const question = async (form) => {
    const here = document.getElementById("passkey-question");
    if (here) return JSON.parse(here.textContent);
    const answer = await fetch(form.action, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(answer.status);
    return answer.json();
  };

  document.querySelectorAll("[data-passkey]").forEach((place) => {
    place.hidden = false;
    const form = place.querySelector("form");
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const said = place.querySelector("[role=alert]");
      said.hidden = true;
      try {
        const asked = await question(form);
        const making = asked.creation_options;
        const made = making ? await make(making.publicKey) : await fetchOne(asked.request_options.publicKey);
        form.elements.credential.value = JSON.stringify(told(made));
        form.submit();
      } catch {
        said.hidden = false;
      }
    });
  });
})();
