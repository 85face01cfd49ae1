/* The sign-in page without network: what a page put aside is shown when the place is not reached. */
"use strict";

const PATIENCE = 4000; // milliseconds, then what was put aside is shown

self.addEventListener("install", (event) => event.waitUntil(self.skipWaiting()));
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

/** The place's answer, or what was put aside if that takes too long or does not come. */
async function answer(request) {
  const aside = await caches.match(request, { ignoreVary: true });
  const live = fetch(request);
  if (!aside) return live;
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE, aside));
  const whole = live.then((found) => (found.status >= 500 ? aside : found), () => aside);
  return Promise.race([whole, late]);
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin) return;
  if (request.mode === "navigate" || pathname.startsWith("/static/")) event.respondWith(answer(request));
});
