// Nobody is signed in here: what somebody was writing on this device goes, and it was locked under their sitting anyway.
(() => {
  "use strict";
  try {
    Object.keys(localStorage).filter((name) => name.startsWith("draft:")).forEach((name) => localStorage.removeItem(name));
  } catch { /* A browser that keeps nothing has nothing to empty. */ }
})();
