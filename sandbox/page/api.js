// The page's door to the local workspace: JSON requests with the key, and live events.

const KEY = new URLSearchParams(location.search).get("key") ?? "";

export class ApiError extends Error {
  constructor(status, detail) {
    super(detail);
    this.status = status;
  }
}

async function request(method, path, body) {
  let answer;
  try {
    answer = await fetch(path, {
      method,
      headers: { "X-Sandbox-Key": KEY, "Content-Type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
      cache: "no-store",
    });
  } catch {
    throw new ApiError(0, "");
  }
  const data = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new ApiError(answer.status, data.detail ?? data.error ?? answer.statusText);
  return data;
}

export function get(path, params = {}) {
  const query = new URLSearchParams(params).toString();
  return request("GET", `ui/${path}${query ? `?${query}` : ""}`);
}

export function post(path, body) {
  return request("POST", `ui/${path}`, body);
}

/** A file's content, as a request carries it. */
export async function base64(file) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const STEP = 0x8000; // more arguments at once are too many for a call
  let binary = "";
  for (let at = 0; at < bytes.length; at += STEP)
    binary += String.fromCharCode(...bytes.subarray(at, at + STEP));
  return btoa(binary);
}

/** Live events for one person; the browser reconnects by itself. */
export function events(as, onEvent, onStatus) {
  const source = new EventSource(`ui/events?${new URLSearchParams({ as, key: KEY })}`);
  source.onmessage = (event) => onEvent(JSON.parse(event.data));
  source.onopen = () => onStatus(true);
  source.onerror = () => onStatus(false);
  return source;
}

/** An image or file address that this machine serves, or null for one elsewhere. */
export function localAddress(address) {
  if (typeof address !== "string") return null;
  if (address.startsWith("data:image/")) return address;
  let url;
  try {
    url = new URL(address, location.href);
  } catch {
    return null;
  }
  if (url.origin !== location.origin) return null;
  if (!url.searchParams.has("key")) url.searchParams.set("key", KEY);
  return url.href;
}
